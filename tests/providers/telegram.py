"""Telegram's side: https://core.telegram.org/bots/api."""

import json
import time
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.providers.base import Provider, Sent, length, numbers


class Telegram(Provider):
    """The Bot API."""

    name, limit, path = "telegram", 4096, "/bot{token}/sendMessage"
    token, secret = "123456:ABC-DEF", "s" * 32

    def environment(self) -> dict[str, str]:
        return {"TELEGRAM_TOKEN": self.token, "TELEGRAM_SECRET": self.secret, "TELEGRAM_API_URL": self.api_url}

    def signed(self, content: Any) -> tuple[dict[str, str], bytes]:
        return {"X-Telegram-Bot-Api-Secret-Token": self.secret}, json.dumps(content).encode()

    def forged(self, content: Any) -> tuple[dict[str, str], bytes]:
        return {"X-Telegram-Bot-Api-Secret-Token": "x" * 32}, json.dumps(content).encode()

    def message(self, user: str, text: str, id: str) -> Any:
        return {"update_id": int(id), "message": self.part(user, id, text=text)}

    def picture(self, user: str, caption: str, id: str) -> Any:
        photo = [{"file_id": "AgAC", "file_unique_id": "AQAD", "width": 90, "height": 67, "file_size": 1200}]
        more = {"caption": caption} if caption else {}
        return {"update_id": int(id), "message": self.part(user, id, photo=photo, **more)}

    def part(self, user: str, id: str, kind: str = "private", **content: Any) -> dict[str, Any]:
        """A Message object."""
        person = {"id": int(user), "is_bot": False, "first_name": "Maria", "language_code": "en"}
        chat = {"id": int(user), "first_name": "Maria", "type": kind}
        return {"message_id": int(id), "from": person, "chat": chat, "date": int(time.time()), **content}

    def presses(self, user: str, sent: Sent, title: str, id: str | None = None) -> httpx.Response:
        """A person presses a button under a message of ours."""
        markup = sent.request["reply_markup"]
        (data,) = [
            button["callback_data"] for row in markup["inline_keyboard"] for button in row if button["text"] == title
        ]
        message = {**self.part(user, "77", text=sent.text), "reply_markup": markup}
        query = {"id": id or self.new_id(), "from": message["from"], "message": message, "data": data}
        return self.post(*self.signed({"update_id": next(numbers), "callback_query": query}))

    def edits(self, user: str, text: str, id: str) -> httpx.Response:
        """A person changes a message."""
        edited = self.part(user, id, text=text, edit_date=next(numbers))
        return self.post(*self.signed({"update_id": next(numbers), "edited_message": edited}))

    def too_many(self) -> Response:
        said = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
        return JSONResponse({**said, "parameters": {"retry_after": 1}}, 429)

    def blocked(self) -> Response:
        said = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
        return JSONResponse(said, 403)

    def _read(self, request: Request, body: bytes) -> tuple[Sent, Response | None]:
        given = json.loads(body)
        rows = given.get("reply_markup", {}).get("inline_keyboard", [])
        pressable = [button for row in rows for button in row]
        sent = Sent(str(given["chat_id"]), given["text"], [button["text"] for button in pressable], given)
        wrong = None
        if request.path_params["token"] != self.token:
            wrong = JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        elif not 1 <= length(sent.text) <= self.limit:
            wrong = JSONResponse({"ok": False, "error_code": 400, "description": "message is too long"}, 400)
        elif any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in pressable):
            wrong = JSONResponse({"ok": False, "error_code": 400, "description": "BUTTON_DATA_INVALID"}, 400)
        return sent, wrong

    def _accepted(self, sent: Sent) -> Response:
        return JSONResponse({"ok": True, "result": {"message_id": next(numbers), "text": sent.text}})
