"""What all providers have: an API that takes messages or refuses them, and a webhook of ours that they call."""

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from queue import Queue
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PUBLIC_URL = "https://chat.example.org"
SECONDS_TO_WAIT = 60
numbers = count(1000)


@dataclass(frozen=True)
class Sent:
    """A message that the provider took: to whom, its text, the buttons' titles, and all of the request."""

    to: str
    text: str
    buttons: list[str]
    request: dict[str, Any]


@dataclass
class Provider:
    """One provider's side: its API as a server, and what it sends to our webhook.

    Attributes:
        url: of our webhooks, such as ``http://127.0.0.1:5005/webhooks``.
        refusals: answers to the next messages, instead of taking them; None takes one.
        asked: how many requests came, refused ones too.
        maria, juan: visitors, by number.
    """

    api_url: str = ""
    url: str = ""
    refusals: deque[Response | None] = field(default_factory=deque)
    asked: int = 0
    maria: str = ""
    juan: str = ""
    _taken: "Queue[Sent]" = field(default_factory=Queue)

    name = ""
    limit = 0
    path = ""

    def begin(self) -> None:
        """Nobody has written yet."""
        self.refusals.clear()
        self.asked = 0
        self.maria, self.juan = (f"44770090{next(numbers)}" for _ in range(2))

    def take(self) -> Sent:
        """The next message that we sent."""
        return self._taken.get(timeout=SECONDS_TO_WAIT)

    def text(self) -> str:
        """The next message's text."""
        return self.take().text

    def nothing_waits(self) -> bool:
        """Whether every message that we sent has been looked at."""
        return self._taken.empty()

    async def api(self, request: Request) -> Response:
        """The provider's API."""
        self.asked += 1
        refusal = self.refusals.popleft() if self.refusals else None
        if refusal is not None:
            return refusal
        sent, problem = self._read(request, await request.body())
        if problem is not None:
            return problem
        self._taken.put(sent)
        return self._accepted(sent)

    def post(self, headers: dict[str, Any], body: bytes, query: str = "") -> httpx.Response:
        """Calls our webhook."""
        url = f"{self.url}/{self.name}/webhook{query}"
        return httpx.post(url, headers=headers, content=body, timeout=SECONDS_TO_WAIT, trust_env=False)

    def says(self, user: str, text: str, id: str | None = None) -> httpx.Response:
        """A person writes."""
        return self.post(*self.signed(self.message(user, text, id or self.new_id())))

    def sends_picture(self, user: str, caption: str = "") -> httpx.Response:
        """A person sends a picture."""
        return self.post(*self.signed(self.picture(user, caption, self.new_id())))

    def environment(self) -> dict[str, str]:
        """Settings that switch it on."""
        raise NotImplementedError

    def signed(self, content: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook."""
        raise NotImplementedError

    def forged(self, content: Any) -> tuple[dict[str, str], bytes]:
        """The same by somebody who does not know the secret."""
        raise NotImplementedError

    def message(self, user: str, text: str, id: str) -> Any:
        """A webhook's content: a person writes."""
        raise NotImplementedError

    def picture(self, user: str, caption: str, id: str) -> Any:
        """A webhook's content: a person sends a picture."""
        raise NotImplementedError

    def new_id(self) -> str:
        """The provider's id of a new message."""
        return str(next(numbers))

    def too_many(self) -> Response:
        """Its answer when we send too fast."""
        return JSONResponse({}, 429, headers={"Retry-After": "1"})

    def blocked(self) -> Response:
        """Its answer when the person has blocked us."""
        raise NotImplementedError

    def _read(self, request: Request, body: bytes) -> tuple[Sent, Response | None]:
        raise NotImplementedError

    def _accepted(self, sent: Sent) -> Response:
        raise NotImplementedError


def length(text: str) -> int:
    """Characters as the apps count them."""
    return len(text.encode("utf-16-le")) // 2
