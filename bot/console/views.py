"""The transcript as the console shows it: what was said, how far staff's replies have come, what is on its way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from bot.console.words import REPLY_STATES, meaning
from bot.content.catalogue import FAQ
from bot.content.languages import ENGLISH, read_originals
from bot.conversation.transcript import Line, Speaker
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services

SHOWN = 300
# What a reply in staff's name says, until the transcript has its words.
ANNOUNCEMENTS = {
    services.JOINED: "To the visitor: {staff_name} has joined.",
    services.RELEASED: "To the visitor: back in the queue.",
    services.TRANSFERRED: "To the visitor: {staff_name} takes over.",
    services.RESOLVED: "To the visitor: the conversation with staff has ended.",
}


@dataclass(frozen=True)
class Entry:
    """One entry of the shown transcript.

    Attributes:
        key: the same for as long as it is shown; id of its element.
        speaker: visitor, bot or staff.
        name: who speaks.
        sources: (document, section) of an answer.
        language: of a line that is not English.
        understood: what the assistant took it for, in English, if it is not English.
        offered: titles of the buttons under a reply of the bot.
        reply_id: of a reply by staff or in staff's name.
        request_id: the browser's own id for that reply.
        state: how far that reply has come, in words.
        failure: why it was not delivered, a short code.
    """

    key: str
    speaker: str
    name: str
    at: datetime
    text: str
    sources: list[tuple[str, str]] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    reply_id: int | None = None
    request_id: str | None = None
    state: str = ""
    failed: bool = False
    failure: str = ""
    language: str = ""
    understood: str = ""


@dataclass(frozen=True)
class Asked:
    """A question that the bot has answered. ``key``: of the entry with the answer."""

    title: str
    key: str


@dataclass(frozen=True)
class TranscriptView:
    """What a page shows of a conversation.

    Attributes:
        hidden: how many older entries are left out.
        last: id of the newest line, for the unread marks.
    """

    entries: list[Entry]
    asked: list[Asked]
    hidden: int
    last: int


def transcript_view(lines: Sequence[Line], replies: Iterable[Reply], whole: bool = False) -> TranscriptView:
    """Joins the lines of a conversation with the replies to it; the newest ``SHOWN`` lines unless ``whole``."""
    states = {reply.id: reply for reply in replies}
    shown = lines if whole else lines[-SHOWN:]
    # What the bot said in a messaging app goes without saying, unless it did not arrive.
    lost = {reply.event_id: reply for reply in states.values() if reply.event_id and reply.state is ReplyState.FAILED}
    entries = [_entry(line, states.get(line.reply_id) if line.reply_id else lost.get(line.id)) for line in shown]
    told = {line.reply_id for line in lines}
    on_its_way = [
        _unsaid(reply)
        for reply in states.values()
        if reply.id not in told and not reply.event_id and reply.state in {ReplyState.QUEUED, ReplyState.FAILED}
    ]
    return TranscriptView(entries + on_its_way, _asked(lines), len(lines) - len(shown), lines[-1].id if lines else 0)


def _entry(line: Line, reply: Reply | None) -> Entry:
    names = {Speaker.VISITOR: "Visitor", Speaker.BOT: "Assistant", Speaker.STAFF: line.staff or "Staff"}
    sources = _sources(line.metadata)
    return Entry(
        key=_key(line),
        speaker=line.speaker.value,
        name=names[line.speaker],
        at=line.at,
        text=_without_source_line(line.text) if sources else line.text,
        sources=sources,
        offered=[str(button.get("title") or "") for button in line.buttons],
        language=line.language or "",
        understood=_understood(line),
        **_progress(reply),
    )


def _understood(line: Line) -> str:
    """The English title or kind of a visitor's line in another language; for the bot's answers their English titles."""
    if not line.language or line.language == ENGLISH:
        return ""
    if line.speaker is Speaker.BOT:
        return "; ".join(titles().get(str(name), "") for name in line.metadata.get("answers") or ())
    if line.meaning:
        return line.meaning
    return titles().get(line.answer or "") or meaning(line.intent or "")


@cache
def titles() -> dict[str, str]:
    """The English titles of the answers, by name."""
    prefix = f"utter_{FAQ}/"
    return {
        name.removeprefix(prefix): str((given[0].get("metadata") or {}).get("title") or "")
        for name, given in read_originals().items()
        if name.startswith(prefix)
    }


def _unsaid(reply: Reply) -> Entry:
    announcement = ANNOUNCEMENTS.get(reply.response or "", reply.response or "")
    text = reply.text or announcement.replace("{staff_name}", str((reply.slots or {}).get("staff_name", "")))
    return Entry(
        key=f"reply-{reply.id}",
        speaker=Speaker.STAFF.value if reply.text else Speaker.BOT.value,
        name=reply.author.name if reply.author else "Assistant",
        at=reply.created_at,
        text=text,
        **_progress(reply),
    )


def _progress(reply: Reply | None) -> dict[str, Any]:
    if reply is None:
        return {}
    failed = reply.state is ReplyState.FAILED
    return {
        "reply_id": reply.id,
        "request_id": reply.request_id,
        "state": REPLY_STATES[reply.state],
        "failed": failed,
        "failure": (reply.failure or "").replace("_", " ") if failed else "",
    }


def _key(line: Line) -> str:
    return f"reply-{line.reply_id}" if line.reply_id else f"line-{line.id}"


def _asked(lines: Iterable[Line]) -> list[Asked]:
    answers = {
        line.metadata["title"]: line for line in lines if line.metadata.get("kind") == "answer" and _titled(line)
    }
    return [Asked(title, _key(line)) for title, line in answers.items()]


def _titled(line: Line) -> bool:
    return isinstance(line.metadata.get("title"), str)


def _sources(metadata: dict[str, Any]) -> list[tuple[str, str]]:
    sources = metadata.get("sources")
    if metadata.get("kind") != "answer" or not isinstance(sources, list):
        return []
    return [(str(source.get("document", "")), str(source.get("section", ""))) for source in sources]


def _without_source_line(text: str) -> str:
    # The sources are shown on their own.
    body, _, last = text.rpartition("\n\n")
    return body if body and last else text
