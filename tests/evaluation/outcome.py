"""What the assistant did with a message: read from its reply, or from what the pipeline alone understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.content.catalogue import FAQ
from bot.content.languages import plain
from tests.answers import answers, names_by_any_title

ANSWER, DID_YOU_MEAN = "answer", "did_you_mean"
ALARMS = frozenset({"emergency", "crisis"})
# The first step of a request, for an enrollment as for a person.
REQUEST = "ask_handoff_form_handoff_consent"
CERTAIN, POSSIBLE, NONE = "certain", "possible", "none"


@dataclass(frozen=True)
class Outcome:
    """What came of one message.

    Attributes:
        kind: ``answer``, ``did_you_mean``, ``lost``, ``emergency`` ... (the reply's metadata).
        answers: names of the answers given.
        offered: names of the answers on the buttons.
        text: what the visitor read.
        about: title and subject of the answers given.
        urgency: ``certain``, ``possible`` or ``none``.
        confidence: of the decision, 0 to 1; None where it is not known.
        language: that the reply is in; None for English.
    """

    kind: str
    answers: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    text: str = ""
    about: str = ""
    urgency: str = NONE
    confidence: float | None = None
    language: str | None = None

    @classmethod
    def of_reply(cls, reply: Mapping[str, Any]) -> "Outcome":
        """Reads a reply of the REST channel."""
        metadata, titles = reply["metadata"], names_by_any_title()
        given = cls.of_answers(metadata.get("answers", ()))
        buttons = [plain(button["title"]) for button in reply.get("buttons") or []]
        return replace(
            given,
            kind=metadata["kind"],
            offered=tuple(titles[title] for title in buttons if title in titles),
            text=reply["text"],
            urgency=CERTAIN if metadata["kind"] in ALARMS else NONE,
            language=metadata.get("language"),
        )

    @classmethod
    def of_answers(cls, names: Sequence[str]) -> "Outcome":
        """The answers of these names, and nothing beside them."""
        given = [answers()[name] for name in names]
        return cls(
            kind=ANSWER,
            answers=tuple(names),
            text="\n\n".join(answer.text for answer in given),
            about=" ".join(answer.title for answer in given),
        )

    @classmethod
    def of_understanding(cls, parsed: Mapping[str, Any]) -> "Outcome":
        """Reads what the pipeline understood; the reply that would follow has the kind of the intent."""
        understanding, intent = parsed["understanding"], parsed["intent"]["name"]
        if intent == FAQ:
            response = parsed["response_selector"][FAQ]["response"]["intent_response_key"]
            outcome = cls.of_answers((response.removeprefix(f"{FAQ}/"), *understanding["also"]))
        else:
            outcome = cls({"enroll": REQUEST, "human": REQUEST}.get(intent, intent))
        return replace(
            outcome,
            offered=tuple(understanding["candidates"]),
            urgency=CERTAIN if outcome.is_alarm else str(understanding.get("urgency", NONE)),
            confidence=float(parsed["intent"]["confidence"]),
            language=understanding.get("language"),
        )

    def with_decision(self, understood: "Outcome") -> "Outcome":
        """The same with urgency and confidence, which a reply does not show."""
        urgency = CERTAIN if self.kind in ALARMS else understood.urgency
        return replace(self, urgency=urgency, confidence=understood.confidence)

    @property
    def is_alarm(self) -> bool:
        """Whether the card of an emergency or a crisis was shown, and staff were alerted."""
        return self.kind in ALARMS

    @property
    def is_cited(self) -> bool:
        """Whether an answer with its sources was given."""
        return self.kind == ANSWER

    @property
    def label(self) -> str:
        """For the list of failures: the answer's name, or the kind."""
        return self.answers[0] if self.is_cited else self.kind
