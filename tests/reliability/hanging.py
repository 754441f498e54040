"""PostgreSQL stands still, or another writer holds the SQLite file, while visitors write through the website.

.venv/bin/python -m tests.reliability.hanging
"""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import sqlalchemy as sa

from bot.database import tables
from bot.database.migrations import upgrade
from tests.databases import new_database, running_postgres
from tests.faults import locked_file, standing_still
from tests.survival import Product, a_product

VISITORS, SECONDS_OF_FAULT, SECONDS = 50, 20, 120
EMERGENCY, QUESTION = "my mother cannot breathe", "What is cytokine release syndrome?"


@dataclass
class Answer:
    """What came back for one message."""

    status: int
    seconds: float
    replies: int
    urgent: bool


class Visitor:
    """Says one thing, under one id however often."""

    def __init__(self, browser: httpx.Client, text: str) -> None:
        self._browser = browser
        self.message = {"id": uuid4().hex, "text": text}
        address = {"X-Forwarded-For": f"203.0.113.{uuid4().int % 250}"}
        token = browser.post("/chat/session", headers=address).json()["token"]
        self._headers = {**address, "Authorization": f"Bearer {token}"}

    def says(self) -> Answer:
        """Sends it."""
        begun = time.monotonic()
        response = self._browser.post("/chat/messages", json=self.message, headers=self._headers)
        content = response.json()
        said = content.get("replies") or content.get("lines") or []
        urgent = any(reply["metadata"].get("kind") == "emergency" for reply in said)
        return Answer(response.status_code, time.monotonic() - begun, len(said), urgent)

    def says_until_stored(self) -> None:
        """Sends it again and again, as the widget does."""
        pause = threading.Event()
        while self.says().status != httpx.codes.OK:
            pause.wait(1)


def measure(product: Product, fault: Callable[[], AbstractContextManager[None]]) -> None:
    """All visitors write in the first second of the fault; health is asked all the time."""
    limits = httpx.Limits(max_connections=4 * VISITORS)
    url = product.settings.website_url
    with (
        httpx.Client(base_url=url, trust_env=False, timeout=SECONDS, limits=limits) as browser,
        ThreadPoolExecutor(2 * VISITORS) as threads,
    ):
        visitors = [Visitor(browser, EMERGENCY if number % 2 else QUESTION) for number in range(VISITORS)]
        Visitor(browser, "hello").says()
        with fault():
            end = time.monotonic() + SECONDS_OF_FAULT
            answers = list(threads.map(Visitor.says, visitors))
            health = [_health(browser) for _ in range(10)]
            threading.Event().wait(max(0.0, end - time.monotonic()))
        begun = time.monotonic()
        list(threads.map(Visitor.says_until_stored, visitors))
        print(f"  stored {time.monotonic() - begun:.1f} s after the end, by visitors who try once a second")
    for name, text in (("emergencies", EMERGENCY), ("questions", QUESTION)):
        theirs = [answer for visitor, answer in zip(visitors, answers, strict=True) if visitor.message["text"] == text]
        statuses, seconds = Counter(answer.status for answer in theirs), sorted(answer.seconds for answer in theirs)
        said, cards = sum(bool(answer.replies) for answer in theirs), sum(answer.urgent for answer in theirs)
        print(
            f"  {len(theirs)} {name}: {dict(statuses)}, with a reply {said}, with the emergency card {cards};"
            f" median {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s"
        )
    print(f"  health: {dict(Counter(status for status, _ in health))}, longest {max(took for _, took in health):.2f} s")
    print(f"  lines stored of each visitor, and how often: {_stored(product)}")


def _health(browser: httpx.Client) -> tuple[int, float]:
    begun = time.monotonic()
    return browser.get("/healthz").status_code, time.monotonic() - begun


def _stored(product: Product) -> dict[int, int]:
    events = tables.events.c
    query = sa.select(sa.func.count()).where(events.type_name == "user").group_by(events.sender_id)
    with product.store.reading() as work:
        return dict(Counter(work.execute(query).scalars()))


def main() -> None:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/assistant.db"
        upgrade(url)
        with a_product(Path(folder), url) as product:
            product.start("actions", "rasa", "website")
            print(f"SQLite, locked by another writer for {SECONDS_OF_FAULT} s")
            measure(product, lambda: locked_file(url))
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        url = new_database(server)
        upgrade(url)
        with a_product(Path(folder), url) as product:
            product.start("actions", "rasa", "website")
            print(f"PostgreSQL, standing still for {SECONDS_OF_FAULT} s")
            measure(product, lambda: standing_still(server))


if __name__ == "__main__":
    main()
