"""One conversation from the first question to the rating, while each process is killed (``kill -9``) at some step.

The visitor does what the widget does: a message that was not acknowledged is sent again under the same id.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.handoff import Outcome
from bot.domain.reply import ReplyState
from bot.handoff import services
from bot.widget.tokens import VisitorTokens
from tests.handoffs import actions, handoff, member, replies
from tests.servers import KEY
from tests.survival import PATIENCE_SECONDS, Product, a_product, said, until

# One long story: it starts Rasa five times.
pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

QUESTION, ANSWER = "What is cytokine release syndrome?", "utter_faq/crs_what"
OTHER_QUESTION, OTHER_ANSWER = "What is apheresis?", "utter_faq/apheresis"


class Visitor:
    """A browser without the browser, at the website."""

    def __init__(self, product: Product) -> None:
        self._client = httpx.Client(
            base_url=f"{product.settings.website_url}/chat", trust_env=False, timeout=PATIENCE_SECONDS
        )
        self._client.headers["Authorization"] = f"Bearer {self._client.post('/session').json()['token']}"
        self._store = product.store

    @property
    def conversation(self) -> str:
        token = self._client.headers["Authorization"].removeprefix("Bearer ")
        return VisitorTokens(KEY, now).visitor(token).conversation

    def sends(self, text: str, id: str) -> bool:
        """Whether the message was acknowledged."""
        try:
            response = self._client.post("/messages", json={"id": id, "text": text})
        except httpx.TransportError:
            return False
        assert response.status_code in {200, 503}
        return response.status_code == 200

    def says(self, text: str, *heard: str, id: str | None = None) -> None:
        """Sends a message that is acknowledged; ``heard`` is what the bot says to it."""
        before = said(self._store, self.conversation)
        assert self.sends(text, id or uuid4().hex)
        assert said(self._store, self.conversation) == [*before, text, *heard]

    @contextmanager
    def listening(self, after: int = 0) -> Iterator[Iterator[dict[str, Any]]]:
        """The lines after a line, as they come."""
        with self._client.stream("GET", f"/events?after={after}") as response:
            yield _lines(response)

    def shows(self, reply_ids: list[int]) -> None:
        """The page shows these replies, and says so."""
        assert self._client.post("/received", json={"replies": reply_ids}).status_code == 200

    def close(self) -> None:
        self._client.close()


def _lines(response: httpx.Response) -> Iterator[dict[str, Any]]:
    event = ""
    for row in response.iter_lines():
        if row.startswith("event: "):
            event = row.removeprefix("event: ")
        elif row.startswith("data: ") and event == "line":
            yield json.loads(row.removeprefix("data: "))


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    url = f"sqlite:///{tmp_path}/assistant.db"
    upgrade(url)
    with a_product(tmp_path, url) as product:
        product.start("actions", "rasa", "website")
        yield product


@pytest.fixture
def visitor(product: Product) -> Iterator[Visitor]:
    visitor = Visitor(product)
    yield visitor
    visitor.close()


def test_a_conversation_goes_on_whichever_process_is_killed_at_whichever_step(
    product: Product, visitor: Visitor
) -> None:
    asks_for_enrollment(product, visitor)
    tells_the_details(product, visitor)
    confirms_while_rasa_is_killed(product, visitor)
    staff_id, handoff_id = member(product.store), services.standing(product.store, visitor.conversation).handoff_id
    assert handoff_id is not None
    with product.store.reading() as work:
        contact = work.handoff(handoff_id).contact
        assert contact and contact.country == "Peru"
    services.take(product.store, handoff_id, staff_id, now())
    until(lambda: all_sent(product.store, visitor))
    writes_to_staff(product, visitor, handoff_id, staff_id)
    listens_to_staff(product, visitor, handoff_id, staff_id)
    is_told_of_the_end(product, visitor, handoff_id, staff_id)
    assert said(product.store, visitor.conversation) == EVERYTHING
    assert [each.state for each in replies(product.store, visitor.conversation)] == [ReplyState.DELIVERED] * 4
    assert actions(product.store) == HAPPENED


def asks_for_enrollment(product: Product, visitor: Visitor) -> None:
    visitor.says(QUESTION, ANSWER)
    visitor.says("I want to enroll", "utter_ask_handoff_form_handoff_consent")
    product.kill("rasa")
    assert not visitor.sends("Yes, I agree", "the-consent")
    product.start("rasa")
    visitor.says("Yes, I agree", "utter_ask_handoff_form_handoff_patient", id="the-consent")


def tells_the_details(product: Product, visitor: Visitor) -> None:
    visitor.says("My mother", "utter_ask_handoff_form_handoff_name")
    product.kill("website")
    assert not visitor.sends("Maria", "the-name")
    product.start("website")
    visitor.says("Maria", "utter_ask_handoff_form_handoff_country", id="the-name")
    product.kill("actions")
    visitor.says("Peru", "utter_not_now")
    visitor.says(OTHER_QUESTION, OTHER_ANSWER)
    product.start("actions")
    # What was said meanwhile is read, and asked for no more.
    visitor.says("I want to enroll", "utter_ask_handoff_form_handoff_condition")
    visitor.says("AML", "utter_ask_handoff_form_handoff_contact")
    visitor.says("maria@example.org", "utter_ask_handoff_form_handoff_note")
    visitor.says("No, nothing else", "utter_ask_handoff_form_handoff_confirmed")


def confirms_while_rasa_is_killed(product: Product, visitor: Visitor) -> None:
    """In the middle of the turn, twice sent: one message, one handoff."""
    with ThreadPoolExecutor(1) as thread:
        with product.paused("actions"):
            sending = thread.submit(visitor.sends, "Yes, send it", "the-confirmation")
            until(lambda: product.waits_for_actions("rasa"))
            product.kill("rasa")
        assert not sending.result()
    product.start("rasa")
    visitor.says("Yes, send it", "utter_handoff_waiting", id="the-confirmation")
    assert visitor.sends("Yes, send it", "the-confirmation")


def writes_to_staff(product: Product, visitor: Visitor, handoff_id: int, staff_id: int) -> None:
    """What staff write while Rasa is down is delivered once; what the visitor writes is not lost."""
    product.kill("rasa")
    services.reply(product.store, handoff_id, staff_id, "Hello Maria", "request-1", now())
    assert not visitor.sends(QUESTION, "to-staff")
    product.start("rasa")
    until(lambda: all_sent(product.store, visitor))
    visitor.says(QUESTION, id="to-staff")
    visitor.says("/restart"[1:])


def listens_to_staff(product: Product, visitor: Visitor, handoff_id: int, staff_id: int) -> None:
    """A page whose stream breaks goes on after the last line that it has."""
    with visitor.listening() as lines:
        shown = [next(lines) for _ in said(product.store, visitor.conversation)]
        product.kill("website")
        with pytest.raises(httpx.TransportError):
            next(lines)
    services.reply(product.store, handoff_id, staff_id, "Are you there?", "request-2", now())
    until(lambda: all_sent(product.store, visitor))
    product.start("website")
    with visitor.listening(after=shown[-1]["id"]) as lines:
        shown.append(next(lines))
    assert [line["text"] for line in shown[-2:]] == ["restart", "Are you there?"]
    visitor.shows([line["reply_id"] for line in shown if line["reply_id"]])


def is_told_of_the_end(product: Product, visitor: Visitor, handoff_id: int, staff_id: int) -> None:
    product.kill("rasa")
    product.kill("actions")
    services.resolve(product.store, handoff_id, staff_id, Outcome.ENROLLED, now())
    product.start("rasa")
    until(lambda: all_sent(product.store, visitor))
    visitor.says("Rating: 5", "utter_not_now")
    product.start("actions")
    visitor.says("Rating: 5", "utter_thanks_for_rating")
    visitor.says(QUESTION, ANSWER)
    assert handoff(product.store, handoff_id).rating == 5
    visitor.shows([each.id or 0 for each in replies(product.store, visitor.conversation)])


def all_sent(store: Store, visitor: Visitor) -> bool:
    return all(each.state is not ReplyState.QUEUED for each in replies(store, visitor.conversation))


ASK = "utter_ask_handoff_form_handoff"
EVERYTHING = [
    *(QUESTION, ANSWER),
    *("I want to enroll", f"{ASK}_consent", "Yes, I agree", f"{ASK}_patient", "My mother", f"{ASK}_name"),
    *("Maria", f"{ASK}_country", "Peru", "utter_not_now", OTHER_QUESTION, OTHER_ANSWER),
    *("I want to enroll", f"{ASK}_condition", "AML", f"{ASK}_contact", "maria@example.org", f"{ASK}_note"),
    *("No, nothing else", f"{ASK}_confirmed", "Yes, send it", "utter_handoff_waiting"),
    *("utter_staff_joined", "Hello Maria", QUESTION, "restart", "Are you there?"),
    *("utter_handoff_resolved", "Rating: 5", "utter_not_now", "Rating: 5", "utter_thanks_for_rating"),
    *(QUESTION, ANSWER),
]
HAPPENED = [
    *("opened", "taken", "reply_sent", "replied", "reply_sent", "replied", "reply_sent"),
    *("reply_delivered", "reply_delivered", "reply_delivered", "resolved", "reply_sent", "rated", "reply_delivered"),
]
