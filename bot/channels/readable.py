"""Text as a visitor can have meant it."""

import unicodedata

# Control, surrogate, private use. Format characters (Cf) stay: emoji and Arabic are built with them; and what this
# Python does not know yet (Cn) may be a new emoji.
_UNREADABLE = {"Cc", "Cs", "Co"}


def readable(text: str) -> str:
    """Text without what no visitor can have meant: control characters, broken code points, a leading slash.

    Rasa obeys a text that starts with a slash as a command (``/restart``, ``/intent{...}``).
    """
    text = unicodedata.normalize("NFC", text)
    kept = (
        character if character in "\n\t" or unicodedata.category(character) not in _UNREADABLE else " "
        for character in text
    )
    shown = _without_slash("".join(kept)).strip()
    # What is left may be invisible altogether: a zero-width space is an empty message.
    return shown if any(character.isprintable() and not character.isspace() for character in shown) else ""


def _without_slash(text: str) -> str:
    # What cannot be seen (a byte order mark, a joiner) may stand before the slash; elsewhere it belongs to the text.
    start = 0
    for position, character in enumerate(text):
        if character == "/":
            start = position + 1
        elif not character.isspace() and unicodedata.category(character) != "Cf":
            break
    return text[start:]
