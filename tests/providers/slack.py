"""Slack's side: https://docs.slack.dev."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.providers.base import Provider, Sent, length, numbers


class Slack(Provider):
    """The Web API, the Events API and interactive messages."""

    name, limit, path = "slack", 3000, "/chat.postMessage"
    token, secret = "xoxb-1", "8f742231b10e8888abcd99yyyzzz85a5"

    def environment(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": self.token,
            "SLACK_SIGNING_SECRET": self.secret,
            "SLACK_API_URL": self.api_url,
        }

    def signed(self, content: Any, secret: str | None = None, age: int = 0) -> tuple[dict[str, str], bytes]:
        body = json.dumps(content).encode()
        return {**self._headers(body, secret or self.secret, age), "Content-Type": "application/json"}, body

    def forged(self, content: Any) -> tuple[dict[str, str], bytes]:
        return self.signed(content, "x" * 32)

    def event(self, id: str, **event: Any) -> dict[str, Any]:
        """An event of the Events API."""
        return {"token": "old", "team_id": "T1", "type": "event_callback", "event_id": f"Ev{id}", "event": event}

    def message(self, user: str, text: str, id: str, **more: Any) -> Any:
        said = {"type": "message", "channel": f"D{user}", "channel_type": "im", "user": f"U{user}", "text": text}
        return self.event(id, **said, ts=f"1700000000.{id}", **more)

    def picture(self, user: str, caption: str, id: str) -> Any:
        files = [{"id": "F1", "mimetype": "image/png", "filetype": "png", "url_private": "https://files.slack.com/p"}]
        return self.message(user, caption, id, subtype="file_share", files=files)

    def presses(self, user: str, sent: Sent, title: str) -> httpx.Response:
        """A person presses a button."""
        elements = [element for block in sent.request["blocks"] for element in block.get("elements", [])]
        (button,) = [element for element in elements if element["text"]["text"] == title]
        payload = {
            "type": "block_actions",
            "user": {"id": f"U{user}", "team_id": "T1"},
            "team": {"id": "T1"},
            "channel": {"id": f"D{user}", "name": "directmessage"},
            "trigger_id": "1.2.3",
            "actions": [{**button, "action_ts": f"1700000001.{self.new_id()}"}],
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._headers(body, self.secret, 0)}
        return self.post(headers, body)

    def blocked(self) -> Response:
        return JSONResponse({"ok": False, "error": "cannot_dm_bot"})

    def too_many(self) -> Response:
        return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "1"})

    def _headers(self, body: bytes, secret: str, age: int) -> dict[str, str]:
        at = str(int(time.time()) - age)
        digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    def _read(self, request: Request, body: bytes) -> tuple[Sent, Response | None]:
        given = json.loads(body)
        sections = [block["text"]["text"] for block in given["blocks"] if block["type"] == "section"]
        elements = [element for block in given["blocks"] for element in block.get("elements", [])]
        titles = [element["text"]["text"] for element in elements]
        sent = Sent(given["channel"], "\n\n".join(sections), titles, given)
        error = ""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            error = "invalid_auth"
        elif not (
            1 <= len(given["blocks"]) <= 50
            and all(1 <= length(text) <= self.limit for text in sections)
            and len(elements) <= 25
            and all(len(title) <= 75 for title in titles)
        ):
            error = "invalid_blocks"
        return sent, JSONResponse({"ok": False, "error": error}) if error else None

    def _accepted(self, sent: Sent) -> Response:
        return JSONResponse({"ok": True, "channel": sent.to, "ts": f"1700000002.{next(numbers)}"})
