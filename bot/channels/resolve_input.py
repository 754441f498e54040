"""What a visitor means by a pressed button, a number or an edited message, seen from what was said before."""

from collections.abc import Sequence

from bot.channels.incoming import Message
from bot.channels.outgoing import buttons, chosen, mark
from bot.channels.readable import readable
from bot.conversation import transcript
from bot.conversation.transcript import Line
from bot.database.unit_of_work import Store

# How far back the button or the earlier wording is looked for.
SEARCHED_LINES = 200


def meaning(store: Store, conversation: str, message: Message, numbers: bool) -> str | None:
    """The visitor's words; None when there is nothing new in them.

    Args:
        numbers: a number stands for a button of the last reply.
    """
    if message.media:
        return f"[{message.media}]"
    if not (message.pressed or message.edit_of or (numbers and len(message.text) < 20)):
        return message.text
    lines = transcript.lines(store, conversation, limit=SEARCHED_LINES)
    if message.pressed:
        return _pressed(lines, message)
    if message.edit_of:
        return None if _said_before(lines, message) else message.text
    return chosen(lines, message.text)


def _pressed(lines: Sequence[Line], message: Message) -> str:
    for line in reversed(lines):
        for button in buttons({"buttons": line.buttons}):
            if mark(button) == message.pressed:
                return button["payload"]
    # A button of long ago: its title says nearly the same.
    return message.text


def _said_before(lines: Sequence[Line], message: Message) -> bool:
    # An app also calls it an edit when it has fetched a preview of a link.
    return any(line.message_id == message.edit_of and line.text == readable(message.text) for line in lines)
