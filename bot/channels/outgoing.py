"""A reply as a messaging app can show it: in parts that are short enough, and with its buttons as a numbered list."""

import hashlib
import re
from collections.abc import Sequence

from bot.channels.turn_io import Utterance
from bot.conversation.transcript import Line, Speaker

# Where a long text is best cut; never within a word, if there is any other place.
CUTS = ("\n\n", "\n", ". ", " ")
_A_NUMBER_ITSELF = re.compile(r"\d\s*$")
_CHOICE = re.compile(r"\s*(?:reply|answer|option|number|choice|no\.?|nr\.?|#)?\s*(\d{1,2})\s*[.)!]?\s*", re.IGNORECASE)
_KEYCAP = re.compile("[\ufe0f\u20e3]")


def split(text: str, most: int) -> list[str]:
    """The text in parts of at most ``most`` characters, cut between paragraphs where that is possible."""
    parts, rest = [], text.strip()
    while _length(rest) > most:
        cut = _cut(rest, most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def buttons(reply: Utterance) -> list[dict[str, str]]:
    """The reply's buttons: ``title``, and ``payload`` with the words that it stands for."""
    return [button for button in reply.get("buttons") or [] if button.get("title") and button.get("payload")]


def mark(button: dict[str, str]) -> str:
    """A short name of a button, for apps that do not carry its words."""
    return hashlib.sha256(button["payload"].encode()).hexdigest()[:32]


def numbered(reply: Utterance, hint: str) -> str:
    """The reply's text with its buttons as a numbered list under ``hint``."""
    offered = choices(buttons(reply))
    text = str(reply.get("text") or "")
    if not offered:
        return text
    listed = "\n".join(f"{number}. {button['title']}" for number, button in enumerate(offered, 1))
    return f"{text.strip()}\n\n{hint.strip()}\n{listed}"


def with_addresses(reply: Utterance, website: str) -> Utterance:
    """The reply with a line for each page of the guide that it names.

    Args:
        website: where people reach the website; empty where the settings do not say: no address would be right then.
    """
    pages = (reply.get("metadata") or {}).get("pages") or []
    if not (website and pages):
        return reply
    lines = "\n".join(f"{page['title']}: {website}{page['path']}" for page in pages)
    return {**reply, "text": f"{str(reply.get('text') or '').strip()}\n\n{lines}"}


def choices(offered: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    """The buttons that a number stands for: none where they are numbers themselves (a rating from 1 to 5)."""
    return [] if all(_A_NUMBER_ITSELF.search(button["title"]) for button in offered) else offered


def chosen(lines: Sequence[Line], text: str) -> str:
    """What a visitor means: the words of the button whose number they sent, else their own words.

    Args:
        lines: the newest of the conversation, oldest first.
    """
    number = _CHOICE.fullmatch(_KEYCAP.sub("", text))
    offered = choices(_last_buttons(lines)) if number else []
    position = int(number.group(1)) if number else 0
    return offered[position - 1]["payload"] if 1 <= position <= len(offered) else text


def _last_buttons(lines: Sequence[Line]) -> list[dict[str, str]]:
    for line in reversed(lines):
        # A number is an answer to staff who have written meanwhile, or to nothing.
        if line.speaker is not Speaker.BOT:
            break
        if offered := buttons({"buttons": line.buttons}):
            return offered
        # Said for the staff: they have joined.
        if line.reply_id:
            break
    return []


def _cut(text: str, most: int) -> int:
    end = most
    while _length(text[:end]) > most:
        end -= 1
    for cut in CUTS:
        # The cut itself may lie beyond the end: nothing of it is sent.
        position = text.rfind(cut, 1, end + len(cut))
        if position > 0:
            return position + len(cut.rstrip())
    return end


def _length(text: str) -> int:
    # Apps count as JavaScript does: an emoji is two.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
