"""Facebook's side: https://developers.facebook.com/docs/messenger-platform."""

import hashlib
import hmac
import json
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.providers.base import Provider, Sent, length, numbers


class Facebook(Provider):
    """The Send API and the page's webhook."""

    name, limit, path = "facebook", 2000, "/me/messages"
    token, secret, verify = "EAAG", "f" * 32, "chosen word"

    def environment(self) -> dict[str, str]:
        return {
            "FACEBOOK_PAGE_TOKEN": self.token,
            "FACEBOOK_APP_SECRET": self.secret,
            "FACEBOOK_VERIFY_TOKEN": self.verify,
            "FACEBOOK_API_URL": self.api_url,
        }

    def signed(self, content: Any, secret: str | None = None) -> tuple[dict[str, str], bytes]:
        body = json.dumps(content).encode()
        digest = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}, body

    def forged(self, content: Any) -> tuple[dict[str, str], bytes]:
        return self.signed(content, "x" * 32)

    def batch(self, *events: dict[str, Any]) -> dict[str, Any]:
        """A webhook with several events."""
        return {"object": "page", "entry": [{"id": "1", "time": 1458692752478, "messaging": list(events)}]}

    def event(self, user: str, **content: Any) -> dict[str, Any]:
        """One event by a person."""
        return {"sender": {"id": user}, "recipient": {"id": "1"}, "timestamp": 1458692752478, **content}

    def message(self, user: str, text: str, id: str) -> Any:
        return self.batch(self.event(user, message={"mid": f"m_{id}", "text": text}))

    def picture(self, user: str, caption: str, id: str) -> Any:
        attachments = [{"type": "image", "payload": {"url": "https://scontent.example.org/p.jpg"}}]
        more = {"text": caption} if caption else {}
        return self.batch(self.event(user, message={"mid": f"m_{id}", "attachments": attachments, **more}))

    def presses(self, user: str, sent: Sent, title: str) -> httpx.Response:
        """A person presses a quick reply."""
        (reply,) = [reply for reply in sent.request["message"]["quick_replies"] if reply["title"] == title]
        message = {"mid": f"m_{self.new_id()}", "text": title, "quick_reply": {"payload": reply["payload"]}}
        return self.post(*self.signed(self.batch(self.event(user, message=message))))

    def blocked(self) -> Response:
        error = {"message": "(#551) This person isn't available right now.", "type": "OAuthException", "code": 551}
        return JSONResponse({"error": error}, 400)

    def _read(self, request: Request, body: bytes) -> tuple[Sent, Response | None]:
        given = json.loads(body)
        quick = given["message"].get("quick_replies", [])
        sent = Sent(given["recipient"]["id"], given["message"]["text"], [reply["title"] for reply in quick], given)
        code = 0
        if request.query_params.get("access_token") != self.token:
            code = 190
        elif not (
            1 <= length(sent.text) <= self.limit
            and given["messaging_type"] == "RESPONSE"
            and len(quick) <= 13
            and all(len(reply["title"]) <= 20 and len(reply["payload"]) <= 1000 for reply in quick)
        ):
            code = 100
        error = {"error": {"message": "refused", "type": "OAuthException", "code": code, "fbtrace_id": "A"}}
        return sent, JSONResponse(error, 400) if code else None

    def _accepted(self, sent: Sent) -> Response:
        return JSONResponse({"recipient_id": sent.to, "message_id": f"m_{next(numbers)}"})
