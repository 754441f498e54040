"""A chat in the terminal, through the REST channel of a running assistant (``make shell``)."""

import json
import secrets
from collections.abc import Callable
from typing import Any

from bot.launcher.errors import NotRunning
from bot.launcher.web import ask

TIMEOUT_SECONDS = 60


def chat(rasa_url: str, read: Callable[[str], str] = input, write: Callable[[str], None] = print) -> None:
    """Asks until the input ends, or ``exit`` is typed. A number chooses the button of that number.

    Raises:
        NotRunning: nothing answers at ``rasa_url``.
    """
    sender = f"shell-{secrets.token_hex(8)}"
    if ask(f"{rasa_url}/webhooks/rest/")[0] is None:
        raise _not_running(rasa_url)
    write("Ask a question. A number chooses a button; `exit` or Ctrl-D leaves.")
    payloads: list[str] = []
    while True:
        try:
            text = read("\n> ").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if text in ("exit", "quit"):
            return
        if text:
            replies = _send(rasa_url, sender, _chosen(text, payloads))
            payloads = _show(replies, write)


def _chosen(text: str, payloads: list[str]) -> str:
    is_number = text.isascii() and text.isdigit() and 1 <= int(text) <= len(payloads)
    return payloads[int(text) - 1] if is_number else text


def _show(replies: list[dict[str, Any]], write: Callable[[str], None]) -> list[str]:
    """Writes the replies and returns the payloads of their buttons, in the order of their numbers."""
    payloads: list[str] = []
    for reply in replies:
        write(f"\n{reply.get('text', '')}")
        for button in reply.get("buttons", []):
            payloads.append(button["payload"])
            write(f"  {len(payloads)}. {button['title']}")
    return payloads


def _send(rasa_url: str, sender: str, message: str) -> list[dict[str, Any]]:
    body = json.dumps({"sender": sender, "message": message}).encode()
    status, text = ask(f"{rasa_url}/webhooks/rest/webhook", body, TIMEOUT_SECONDS)
    if status is None:
        raise _not_running(rasa_url)
    answer = json.loads(text)
    return answer if isinstance(answer, list) else [{"text": f"(refused: {answer.get('error', status)})"}]


def _not_running(rasa_url: str) -> NotRunning:
    return NotRunning(f"Nothing answers at {rasa_url}: start the assistant with `make run` in another terminal first.")
