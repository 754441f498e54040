"""The Rasa server as the website sees it: its REST channel and its health."""

import json

import httpx

from bot.console.errors import BotUnavailable

SECONDS_TO_ANSWER = 30


def http_client() -> httpx.AsyncClient:
    """A client for the Rasa server; it ignores proxies, for the server is next door."""
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, trust_env=False)


class Rasa:
    """Sends messages to the Rasa server at ``url``."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def replies(self, conversation: str, text: str) -> bytes:
        """The replies to a message: Rasa's JSON list, as it came.

        Raises:
            BotUnavailable: Rasa is down, too slow, or answers something else.
        """
        message = {"sender": conversation, "message": text}
        try:
            response = await self._client.post(f"{self._url}/webhooks/rest/webhook", json=message)
        except httpx.TransportError as error:
            raise _unavailable() from error
        if response.status_code != httpx.codes.OK or not _is_list(response.content):
            raise _unavailable()
        return response.content

    async def reachable(self) -> bool:
        """Whether the server answers at all."""
        try:
            response = await self._client.get(f"{self._url}/")
        except httpx.TransportError:
            return False
        return response.is_success


def _is_list(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), list)
    except ValueError:
        return False


def _unavailable() -> BotUnavailable:
    return BotUnavailable("The assistant is not available at the moment: please try again shortly.")
