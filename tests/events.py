"""Events of a conversation as Rasa stores them, for tests that need a past."""

from typing import Any

from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.understanding import KEY, Understanding


def conversation(*events: Event) -> DialogueStateTracker:
    """A conversation without slots in which ``events`` happened."""
    return DialogueStateTracker.from_events("a visitor", list(events), [])


def asked(text: str = "a question", intent: str = "faq", understanding: Understanding | None = None) -> UserUttered:
    """A visitor's message, with what was understood of it."""
    understood = {KEY: understanding.as_dict()} if understanding else {}
    return UserUttered(text, {"name": intent, "confidence": 1.0}, parse_data={"text": text, **understood})


def answered(*names: str, asked: str = "What is it?", subject: str = "it", offered: tuple[str, ...] = ()) -> BotUttered:
    """The reply to a question: one or more answers, the last one to ``asked``, with buttons to those ``offered``."""
    said = {"answers": list(names), "asked": asked, "subject": subject, "offered": list(offered)}
    return replied(f"utter_faq/{names[0]}", kind="answer", **said)


def replied(response: str, **metadata: Any) -> BotUttered:
    """Any reply of the bot."""
    return BotUttered("a reply", {}, {"utter_action": response, "metadata": {"kind": "other", **metadata}})


def turn(text: str) -> list[Event]:
    """Everything that one answered message adds to a conversation."""
    return [asked(text), ActionExecuted("utter_faq"), answered("some"), ActionExecuted("action_listen")]
