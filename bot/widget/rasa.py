"""The Rasa server as the website sees it: its web channel and its health."""

import httpx

from bot.widget.errors import Unavailable

SECONDS_TO_ANSWER = 30
MOST_CONNECTIONS = 200


def http_client() -> httpx.AsyncClient:
    """A client for the Rasa server; it ignores proxies, for the server is next door."""
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=20)
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, limits=limits, trust_env=False)


class Rasa:
    """Hands messages to the Rasa server.

    Args:
        client: talks HTTP.
        url: of the server.
        key: shows the web channel that it is us (``Settings.internal_key``).
    """

    def __init__(self, client: httpx.AsyncClient, url: str, key: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"}

    async def receive(self, conversation: str, text: str, message_id: str) -> None:
        """Hands over a message; when this returns, it and what the bot said to it are stored.

        Args:
            message_id: the browser's; a message that is handed over twice is read once.

        Raises:
            Unavailable: Rasa is down, too slow, or could not store the message.
        """
        message = {"sender": conversation, "message": text, "message_id": message_id}
        try:
            response = await self._client.post(f"{self._url}/webhooks/web/webhook", json=message, headers=self._headers)
        except httpx.TransportError as error:
            raise Unavailable() from error
        if response.status_code != httpx.codes.OK:
            raise Unavailable()

    async def reachable(self) -> bool:
        """Whether the server answers at all."""
        try:
            response = await self._client.get(f"{self._url}/")
        except httpx.TransportError:
            return False
        return response.is_success
