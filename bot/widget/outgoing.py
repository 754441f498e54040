"""What the visitor's page is told about the conversation, as JSON; and the conversation as a text file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.conversation.transcript import Line, Speaker
from bot.handoff.services import Standing

# Of a line's metadata, what a page can use; the rest (ids of answers, review dates) is not the visitor's business.
SHOWN = ("kind", "title", "sources", "pages", "ask", "cannot_wait", "language")


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    data: Mapping[str, Any]
    id: int | None = None

    def encode(self) -> str:
        """As it goes over the wire."""
        id = f"id: {self.id}\n" if self.id is not None else ""
        return f"{id}event: {self.name}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n"


def line_json(line: Line, helpful: bool | None = None) -> dict[str, Any]:
    """A line of the transcript.

    Args:
        helpful: what the visitor thinks of it, if known.
    """
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "speaker": line.speaker.value,
        "text": line.text,
        "staff": line.staff,
        "message_id": line.message_id,
        "reply_id": line.reply_id,
        "buttons": line.buttons,
        "metadata": _shown(line.metadata),
        "helpful": helpful,
    }


def reply_json(reply: Mapping[str, Any]) -> dict[str, Any]:
    """A reply that is in no transcript."""
    return {
        "text": str(reply["text"]),
        "buttons": list(reply.get("buttons") or []),
        "metadata": _shown(reply.get("metadata") or {}),
    }


def standing_json(standing: Standing) -> dict[str, Any]:
    """How the conversation stands with the staff."""
    state = standing.state.value if standing.state else None
    return {"state": state, "staff": standing.staff, "rated": standing.rated}


def as_text(lines: Iterable[Line], words: Mapping[str, str]) -> str:
    """The transcript, for people to keep.

    Args:
        words: of the interface, in the visitor's language.
    """
    parts = [words["title"], words["notice"]]
    for line in lines:
        who = {Speaker.VISITOR: words["you"], Speaker.BOT: words["assistant"]}.get(line.speaker, line.staff)
        parts.append(f"[{line.at:%Y-%m-%d %H:%M} UTC] {who}:\n{line.text}")
    return "\n\n".join(parts) + "\n"


def _shown(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: metadata[key] for key in SHOWN if key in metadata}
