"""The one door: every channel hands its messages to the gate, and the gate hands them to Rasa.

What is true for all channels is decided here, before any understanding: text is made safe to read, and a typed
slash command is text. (Who owns the conversation, bot or staff, belongs here as well.)
"""

import logging
import re
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint

from bot.understanding import SHORTENED

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

logger = logging.getLogger(__name__)


def readable(text: str) -> str:
    """Text without what no visitor can have meant: control characters, broken code points, a leading slash.

    Rasa obeys a text that starts with a slash as a command (``/restart``, ``/intent{...}``).
    """
    text = unicodedata.normalize("NFC", text)
    kept = (
        character if character in "\n\t" or unicodedata.category(character) not in _UNREADABLE else " "
        for character in text
    )
    shown = re.sub(r"^[\s/]+", "", "".join(kept)).rstrip()
    # What is left may be invisible altogether: a zero-width space is an empty message.
    return shown if any(character.isprintable() and not character.isspace() for character in shown) else ""


# Control, surrogate, private use. Format characters (Cf) stay: emoji and Arabic are built with them; and what this
# Python does not know yet (Cn) may be a new emoji.
_UNREADABLE = {"Cc", "Cs", "Co"}


class Gate:
    """Stands between a channel and Rasa.

    Args:
        on_new_message: Rasa's handler.
        max_length: characters of a message that are read.
    """

    def __init__(self, on_new_message: OnNewMessage, max_length: int) -> None:
        self._on_new_message = on_new_message
        self._max_length = max_length

    async def receive(self, message: UserMessage) -> Any:
        """Cleans the message and passes it on."""
        # Cut before cleaning: cleaning walks every character.
        given = message.text or ""
        message.text = readable(given[: self._max_length])
        if len(given) > self._max_length:
            message.metadata = {**(message.metadata or {}), SHORTENED: True}
            logger.info("A message of %d characters was shortened.", len(given))
        return await self._on_new_message(message)


class GatedChannel(InputChannel):
    """Mixin, left of a Rasa connector: all its messages go through the gate."""

    max_message_length: int

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The connector's routes, with the gate as their handler."""
        blueprint: Blueprint = super().blueprint(Gate(on_new_message, self.max_message_length).receive)
        return blueprint
