"""People who do not exist, for pictures: what they asked, what the assistant and staff told them, and how it went.

The assistant's words are its real ones, from the domain and the answers.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.content.catalogue import TOPICS_FOLDER, read_answers, read_sources, read_yaml
from bot.content.reader import DOMAIN_FILE
from bot.database.tables import events
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.handoff import Contact, Kind, Outcome
from bot.domain.staff import Role
from bot.handoff import canned_replies, services
from bot.outbox import delivery
from tests.console import add_staff

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=timezone.utc)
MARIA = "5b0c1e9a74d24f0e9c3f"
QUESTION = "What are the side effects of CAR-T?"
SHORT_QUESTION = "When does CRS start, and does it go away?"
PAST_HANDOFFS = 60

Reply = dict[str, Any]


class Words:
    """What the assistant says, as a channel gets it: ``text``, ``buttons`` and ``metadata``."""

    def __init__(self) -> None:
        topics = [read_yaml(file)["responses"] for file in sorted(TOPICS_FOLDER.glob("*.yml"))]
        self._responses = {name: texts for topic in topics for name, texts in topic.items()}
        self._answers = read_answers(self._responses, read_sources())
        self._responses |= read_yaml(DOMAIN_FILE)["responses"]

    def answer(self, name: str) -> Reply:
        """An answer with its sources and related questions."""
        answer = self._answers[name]
        sources = [vars(source) for source in answer.sources]
        line = "Source: " + "; ".join(map(str, answer.sources))
        return {
            "text": f"{answer.text}\n\n{line}",
            "buttons": [_button(self._answers[related].title) for related in answer.related],
            "metadata": {"kind": "answer", "title": answer.title, "sources": sources},
        }

    def response(self, name: str, which: int = -1, **slots: str) -> Reply:
        """A response of the domain, its last text unless told."""
        response = self._responses[f"utter_{name}"][which]
        metadata = {**response.get("metadata", {}), "kind": name}
        text = response["text"].strip().format(**slots)
        return {"text": text, "buttons": response.get("buttons", []), "metadata": metadata}

    def step(self, name: str, **slots: str) -> Reply:
        """What is asked at a step of a request."""
        return self.response(f"ask_handoff_form_handoff_{name}", **slots)


@dataclass
class Transcript:
    """A conversation that is being written down."""

    store: Store
    conversation: str
    at: datetime

    def visitor(self, *texts: str) -> None:
        """The visitor writes."""
        for text in texts:
            self._add({"event": "user", "text": text, "metadata": {}})

    def bot(self, *replies: Reply) -> None:
        """The assistant answers."""
        for reply in replies:
            said = {"text": reply["text"], "data": {"buttons": reply.get("buttons") or []}}
            self._add({"event": "bot", **said, "metadata": {"metadata": reply["metadata"]}})

    def replies(self, words: Words, delivered: bool = True) -> None:
        """What staff have written, and what is said in their name, reaches the visitor."""
        while due := delivery.claim(self.store, self.at):
            for reply in due:
                said = spoken(words, reply)
                self.bot(said)
                delivery.mark_sent(self.store, reply.id or 0, self.at, delivered)

    def _add(self, event: dict[str, Any]) -> None:
        self.at += timedelta(seconds=20)
        data = {**event, "timestamp": self.at.timestamp()}
        row = {"sender_id": self.conversation, "type_name": event["event"], "timestamp": self.at.timestamp()}
        with self.store.work() as work:
            work.execute(events.insert().values(**row, data=json.dumps(data)))
            work.commit()


def spoken(words: Words, reply: Any) -> Reply:
    """A queued reply in the words that the visitor reads."""
    if reply.response:
        said = words.response(reply.response.removeprefix("utter_"), **reply.slots)
    else:
        said = {"text": reply.text, "metadata": {"kind": "staff", "staff": reply.author.name}}
    return {**said, "metadata": {**said["metadata"], "reply_id": reply.id}}


def fill(store: Store, words: Words) -> int:
    """A day at the desk: past handoffs, a queue, an alert, and Anna's conversation with Maria.

    Olga is an admin, Anna and Ben are agents; they sign in with the tests' password.

    Returns:
        The number of Maria's handoff.
    """
    olga = add_staff(store, "olga", role=Role.ADMIN).id or 0
    anna, ben = (add_staff(store, login).id or 0 for login in ("anna", "ben"))
    add_staff(store, "chen")
    greeting = "Hello {visitor}, I am {staff} from the support team. How can I help?"
    canned_replies.save(store, olga, None, "Greeting", greeting, NOW)
    papers = "Please send us the latest doctor's letter and blood counts when you have them. There is no hurry."
    canned_replies.save(store, olga, None, "Papers that we need", papers, NOW)
    _past(store, anna, ben)
    maria = _maria(store, words, anna)
    _queue(store, ben)
    return maria


def _past(store: Store, anna: int, ben: int) -> None:
    outcomes = [Outcome.ANSWERED, Outcome.ENROLLED, Outcome.ANSWERED, Outcome.REFERRED, Outcome.NOT_REACHED]
    for number in range(PAST_HANDOFFS):
        conversation, staff = f"past-{number}", (anna, ben)[number % 2]
        at = NOW - timedelta(days=number * number * 7 % 29 + 1, minutes=number * 37 % 400)
        kind = Kind.ENROLLMENT if number % 3 else Kind.HUMAN
        handoff = services.open_handoff(store, conversation, "web", kind, None, at, "en").id or 0
        if number % 12 == 5:
            services.cancel(store, conversation, at + timedelta(minutes=9))
            continue
        services.take(store, handoff, staff, at + timedelta(minutes=2 + number * 7 % 23))
        services.reply(store, handoff, staff, "Hello.", f"past-{number}", at + timedelta(minutes=4 + number * 7 % 23))
        end = at + timedelta(minutes=20 + number * 13 % 90)
        services.resolve(store, handoff, staff, outcomes[number % len(outcomes)], end)
        if number % 4:
            services.rate(store, conversation, (5, 4, 5, 3, 5, 4, 2)[number % 7], end)
    while due := delivery.claim(store, NOW):
        for reply in due:
            delivery.mark_sent(store, reply.id or 0, NOW, delivered=True)


def _maria(store: Store, words: Words, anna: int) -> int:
    asked = Transcript(store, MARIA, NOW - timedelta(minutes=31))
    asked.visitor(QUESTION)
    asked.bot(words.answer("side_effects_overview"))
    asked.visitor("I want to enroll my mother")
    asked.bot(words.step("consent"))
    asked.visitor("Yes, I agree")
    asked.bot(words.response("handoff_waiting"))
    note = "We can travel from April on."
    details = {"name": "Maria Lopez", "patient": "my mother", "condition": "AML", "country": "Peru"}
    contact = Contact(asked.at, email="maria@example.org", phone="+51 1 555 0142", note=note, **details)
    handoff = services.open_handoff(store, MARIA, "web", Kind.ENROLLMENT, contact, asked.at, "es").id or 0
    services.take(store, handoff, anna, asked.at + timedelta(minutes=6))
    talk = Transcript(store, MARIA, NOW - timedelta(minutes=18))
    talk.replies(words)
    services.reply(store, handoff, anna, "Hello Maria, I am Anna. How is your mother today?", "maria-1", talk.at)
    talk.replies(words)
    talk.visitor("A little better, thank you. What papers do you need from us?")
    papers = "The latest doctor's letter and the blood counts. A photo of them is enough for now."
    services.reply(store, handoff, anna, papers, "maria-2", talk.at)
    talk.replies(words, delivered=False)
    services.add_note(store, handoff, anna, "Speaks English well, prefers to write in the evening.", talk.at)
    return handoff


def _queue(store: Store, ben: int) -> None:
    waiting = [
        ("web-kenya", "web", Kind.ENROLLMENT, "Kenya", "en", 41),
        ("telegram-spain", "telegram", Kind.HUMAN, "Spain", "es", 23),
        ("whatsapp-egypt", "twilio", Kind.ENROLLMENT, "Egypt", "ar", 12),
        ("web-poland", "web", Kind.HUMAN, "Poland", "en", 3),
        ("web-ghana", "web", Kind.ENROLLMENT, "Ghana", "en", 64),
    ]
    for conversation, channel, kind, country, language, minutes in waiting:
        at = NOW - timedelta(minutes=minutes)
        contact = Contact(at, name="Sam Sample", country=country, email="sam@example.org")
        handoff = services.open_handoff(store, conversation, channel, kind, contact, at, language).id or 0
        if conversation == "web-ghana":
            services.take(store, handoff, ben, at + timedelta(minutes=9))
    with store.work() as work:
        services.raise_alert(work, "telegram-spain", "telegram", AlertKind.EMERGENCY, NOW - timedelta(minutes=2))
        work.commit()


def _button(title: str) -> dict[str, str]:
    return {"title": title, "payload": title}
