"""The request that a visitor is making, as the form's slots hold it (domain.yml, ``handoff_form``)."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from bot.domain.handoff import Contact, Kind

FORM = "handoff_form"
PREFIX = "handoff_"
KIND = f"{PREFIX}kind"
# What is asked, in this order.
CONSENT, PATIENT, NAME, COUNTRY, CONDITION, CONTACT, NOTE, CONFIRMED = (
    "consent",
    "patient",
    "name",
    "country",
    "condition",
    "contact",
    "note",
    "confirmed",
)
# Asked beside the steps: what to change, whether a person is wanted instead, whether to stop.
CHANGE, PERSON, CANCEL = "change", "person", "cancel"
ASIDES = {CHANGE, PERSON, CANCEL}
# Asks nothing: it leaves an emergency's reply alone.
PAUSED = "paused"
STEPS = {
    Kind.ENROLLMENT: (CONSENT, PATIENT, NAME, COUNTRY, CONDITION, CONTACT, NOTE, CONFIRMED),
    Kind.HUMAN: (CONSENT, CONTACT),
}
# In place of what a visitor does not want to say.
NOTHING = "-"


@dataclass(frozen=True)
class Request:
    """What is known of the request so far."""

    kind: Kind | None = None
    consent: bool = False
    patient: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    condition: str | None = None
    note: str | None = None
    confirmed: bool = False
    tries: int = 0

    @classmethod
    def of(cls, tracker: Tracker) -> "Request":
        """As the slots hold it."""
        values: dict[str, Any] = {f.name: tracker.get_slot(PREFIX + f.name) for f in fields(cls)}
        kind = values.pop("kind")
        tries = int(values.pop("tries") or 0)
        consent, confirmed = bool(values.pop("consent")), bool(values.pop("confirmed"))
        return cls(Kind(kind) if kind else None, consent=consent, confirmed=confirmed, tries=tries, **values)

    @property
    def contact(self) -> str | None:
        """All ways to reach the visitor, as they are shown in the summary."""
        return ", ".join(way for way in (self.email, self.phone) if way) or None

    def with_details(self, values: dict[str, Any]) -> "Request":
        """This request with more or other values."""
        return replace(self, **values)

    def missing(self, answered_here: bool) -> str | None:
        """The next step that has to be asked; None when the request is complete.

        Args:
            answered_here: staff's replies reach the visitor in this chat: a person needs no contact detail for them.
        """
        for step in STEPS[self.kind or Kind.HUMAN]:
            if step == CONTACT and self.kind is Kind.HUMAN and answered_here:
                continue
            if not getattr(self, step):
                return step
        return None

    def to_contact(self, at: datetime) -> Contact:
        """What the handoff keeps."""
        kept = {
            name: value
            for name in ("name", "patient", "email", "phone", "country", "condition", "note")
            if (value := getattr(self, name)) and value != NOTHING
        }
        return Contact(at, **kept)


def slots(request: Request, tracker: Tracker) -> list[EventType]:
    """Events that put a request into the slots, for those that change.

    The kind is always among them: Rasa takes a form's turn without any slot for a failure to understand.
    """
    values = {f.name: getattr(request, f.name) for f in fields(Request)}
    # A slot that is None counts as not asked yet; so does False.
    values |= {"kind": request.kind.value if request.kind else None, "contact": request.contact}
    values |= {"consent": request.consent or None, "confirmed": request.confirmed or None}
    values |= {"tries": float(request.tries) if request.tries else None}
    wanted = {PREFIX + name: value for name, value in values.items()}
    return [SlotSet(name, value) for name, value in wanted.items() if tracker.get_slot(name) != value or name == KIND]


def empty(tracker: Tracker) -> list[EventType]:
    """Events that forget the request."""
    return slots(Request(), tracker)
