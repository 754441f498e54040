"""What a message means in its place: "yes" after an offer, "5" after "how helpful?", "shorter" after an answer."""

import re
from dataclasses import replace

from bot.nlu.understanding.decision import Decision
from bot.nlu.understanding.history import History
from bot.nlu.understanding.interpretations import FAQ_PREFIX
from bot.nlu.understanding.urgency import ALARMS

RATE, AFFIRM, BACKGROUND, CHITCHAT = "rate", "affirm", "background", "chitchat"
ASKED_TO_RATE = "handoff_resolved"
_RATING = re.compile(r"^\s*rating:?\s*[1-5]\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*[1-5]\s*(?:/\s*5|out of 5|stars?|\u2b50*)?\s*[.!]?\s*$", re.IGNORECASE)

ANSWER = "answer"
# What is about an alarm of a moment ago, and what the same words are without one.
AFTER_ALARM = {"alarm_over": BACKGROUND, "alarm_mistaken": CHITCHAT}
# An alarm is what people come back to for about this many messages of theirs.
REMEMBERED_MESSAGES = 3


def in_its_place(text: str, decision: Decision, history: History) -> Decision:
    """The decision on a message in its place, given the one on its words. Not for a certain alarm.

    An offer is a response with ``metadata: {offers: <intent>}`` in domain.yml; "yes" then means that intent.
    """
    replies = history.last_replies()
    last = replies[0] if replies else None
    if _RATING.match(text) or (last and last.kind == ASKED_TO_RATE and _NUMBER.match(text)):
        return Decision(RATE)
    if decision.intent == AFFIRM and last and last.metadata.get("offers"):
        return replace(decision, intent=str(last.metadata["offers"]))
    if decision.intent in AFTER_ALARM and not after_alarm(history):
        return replace(decision, intent=AFTER_ALARM[decision.intent])
    # "How long does that last?" may have its answer in the last one: it is given again, whole.
    if decision.intent.startswith(FAQ_PREFIX) and not decision.follow_up:
        return replace(decision, again=_is_asked_again(decision, history))
    return decision


def after_alarm(history: History) -> bool:
    """Whether an alarm was answered just now, so that "the ambulance is here" is about it."""
    return any(reply.kind in ALARMS for reply in history.replies(REMEMBERED_MESSAGES))


def _is_asked_again(decision: Decision, history: History) -> bool:
    """Whether the visitor's last question has got this very answer."""
    before = next((reply for reply in history.replies(1) if reply.kind == ANSWER), None)
    answers = [decision.intent.removeprefix(FAQ_PREFIX), *decision.also]
    return before is not None and list(before.metadata["answers"]) == answers
