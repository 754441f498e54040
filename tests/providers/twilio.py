"""Twilio's side: https://www.twilio.com/docs/whatsapp/api."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from twilio.request_validator import RequestValidator

from tests.providers.base import PUBLIC_URL, Provider, Sent, length, numbers


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
        return JSONResponse({"sid": f"SM{next(numbers):0>32}", "status": "queued", "error_code": None}, 201)
