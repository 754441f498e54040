"""Local servers that speak the messaging providers' documented APIs, and their webhooks, signed as they sign them.

Shapes from https://core.telegram.org/bots/api, https://www.twilio.com/docs/whatsapp/api,
https://developers.facebook.com/docs/messenger-platform and https://docs.slack.dev.
"""

import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tests.servers import serving

PUBLIC_URL = "https://chat.example.org"
SECONDS_TO_WAIT = 60
_numbers = count(1000)


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
        self.maria, self.juan = (f"44770090{next(_numbers)}" for _ in range(2))

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
        return str(next(_numbers))

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
        return self.post(*self.signed({"update_id": next(_numbers), "callback_query": query}))

    def edits(self, user: str, text: str, id: str) -> httpx.Response:
        """A person changes a message."""
        edited = self.part(user, id, text=text, edit_date=next(_numbers))
        return self.post(*self.signed({"update_id": next(_numbers), "edited_message": edited}))

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
        return JSONResponse({"ok": True, "result": {"message_id": next(_numbers), "text": sent.text}})


class Twilio(Provider):
    """The Messages resource and its webhooks."""

    name, limit, path = "twilio", 1600, "/2010-04-01/Accounts/{account}/Messages.json"
    account, token, number = "AC" + "0" * 32, "t" * 32, "whatsapp:+14155238886"

    def environment(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": self.account,
            "TWILIO_AUTH_TOKEN": self.token,
            "TWILIO_FROM": self.number,
            "TWILIO_API_URL": self.api_url,
            "PUBLIC_URL": PUBLIC_URL,
        }

    def signed(self, content: Any, query: str = "", token: str | None = None) -> tuple[dict[str, str], bytes]:
        url = f"{PUBLIC_URL}/webhooks/twilio/webhook{query}"
        signature = RequestValidator(token or self.token).compute_signature(url, content)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return headers, urlencode(content).encode()

    def forged(self, content: Any) -> tuple[dict[str, str], bytes]:
        return self.signed(content, token="x" * 32)

    def message(self, user: str, text: str, id: str) -> Any:
        return {
            "MessageSid": f"SM{id:0>32}",
            "AccountSid": self.account,
            "From": f"whatsapp:+{user}",
            "To": self.number,
            "Body": text,
            "NumMedia": "0",
            "ProfileName": "Maria",
            "WaId": user,
            "SmsStatus": "received",
            "ReferralNumMedia": "",
        }

    def picture(self, user: str, caption: str, id: str) -> Any:
        media = {"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": "https://api.twilio.com/media"}
        return {**self.message(user, caption, id), **media}

    def tells(self, sent: Sent, status: str, error: str = "") -> httpx.Response:
        """How it went with a message that we sent."""
        callback = sent.request["StatusCallback"].partition("?")[2]
        content = {"MessageSid": "SM1", "MessageStatus": status, "To": sent.request["To"], "From": self.number}
        if error:
            content["ErrorCode"] = error
        return self.post(*self.signed(content, f"?{callback}"), f"?{callback}")

    def blocked(self) -> Response:
        said = {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
        return JSONResponse(said, 400)

    def _read(self, request: Request, body: bytes) -> tuple[Sent, Response | None]:
        given = dict(parse_qsl(body.decode(), keep_blank_values=True))
        sent = Sent(given["To"], given["Body"], [], given)
        known = httpx.BasicAuth(self.account, self.token)._auth_header
        if request.headers.get("Authorization") != known or request.path_params["account"] != self.account:
            return sent, JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if not 1 <= length(sent.text) <= self.limit or given["From"] != self.number:
            return sent, JSONResponse({"code": 21617, "message": "exceeds the limit", "status": 400}, 400)
        return sent, None

    def _accepted(self, sent: Sent) -> Response:
        return JSONResponse({"sid": f"SM{next(_numbers):0>32}", "status": "queued", "error_code": None}, 201)


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
        return JSONResponse({"recipient_id": sent.to, "message_id": f"m_{next(_numbers)}"})


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
        return JSONResponse({"ok": True, "channel": sent.to, "ts": f"1700000002.{next(_numbers)}"})


PROVIDERS = {provider.name: provider for provider in (Telegram, Twilio, Facebook, Slack)}


@contextmanager
def running_providers(*names: str) -> Iterator[dict[str, Any]]:
    """The providers' APIs on one local server while the block runs; all of them, or those named."""
    found = {name: PROVIDERS[name]() for name in names or PROVIDERS}
    routes = [Route(f"/{name}{provider.path}", provider.api, methods=["POST"]) for name, provider in found.items()]
    with serving(Starlette(routes=routes)) as port:
        for name, provider in found.items():
            provider.api_url = f"http://127.0.0.1:{port}/{name}"
        yield found


def length(text: str) -> int:
    """Characters as the apps count them."""
    return len(text.encode("utf-16-le")) // 2
