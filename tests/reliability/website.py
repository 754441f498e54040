"""One address floods the website, and half-open requests pile up: what another visitor's emergency takes meanwhile.

.venv/bin/python -m tests.reliability.website
"""

import contextlib
import socket
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx

from bot.database.migrations import upgrade
from tests.survival import Product, a_product

CONVERSATIONS, MESSAGES_EACH, EMERGENCIES = 30, 8, 10
HALF_OPEN = 1100
# As long as a message may be, and each another one.
LONG = "What are the side effects of CAR-T cell therapy in somebody who has had many other treatments before? " * 29
GREEDY, MODEST = "203.0.113.1", "203.0.113.2"
SECONDS = 120


class Visitor:
    """A visitor of the website at an address of their own; the website trusts a proxy on its own machine."""

    def __init__(self, browser: httpx.Client, address: str) -> None:
        self._browser = browser
        self._headers = {"X-Forwarded-For": address}
        token = browser.post("/chat/session", headers=self._headers).json()["token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def says(self, text: str) -> tuple[int, float]:
        """HTTP status, and how many seconds the answer took."""
        begun = time.monotonic()
        message = {"id": uuid4().hex, "text": text}
        status = self._browser.post("/chat/messages", json=message, headers=self._headers).status_code
        return status, time.monotonic() - begun


def emergencies(browser: httpx.Client) -> str:
    """Emergencies of new visitors, one a second, in a sentence."""
    pause, took = threading.Event(), []
    for _ in range(EMERGENCIES):
        status, seconds = Visitor(browser, MODEST).says("my mother cannot breathe")
        took.append(seconds if status == httpx.codes.OK else float("inf"))
        pause.wait(1)
    return f"{len(took)} emergencies: median {statistics.median(took):.2f} s, longest {max(took):.2f} s"


def flood(browser: httpx.Client) -> None:
    """One address, many conversations, in each as many long messages at once as one may have under way."""
    greedy = [Visitor(browser, GREEDY) for _ in range(CONVERSATIONS)]
    texts = [(visitor, f"{number} {LONG}") for number in range(MESSAGES_EACH) for visitor in greedy]
    with ThreadPoolExecutor(len(texts)) as threads:
        began = time.monotonic()
        flooding = [threads.submit(visitor.says, text) for visitor, text in texts]
        print(f"  meanwhile: {emergencies(browser)}", flush=True)
        statuses = [each.result()[0] for each in flooding]
    print(f"  the flood: {dict(Counter(statuses))} (HTTP statuses) in {time.monotonic() - began:.0f} s")


@contextlib.contextmanager
def half_open(port: int) -> Iterator[None]:
    """Requests that do not end."""
    with contextlib.ExitStack() as stack:
        for _ in range(HALF_OPEN):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=SECONDS))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        yield


def measure(product: Product) -> None:
    """Everything."""
    url = product.settings.website_url
    limits = httpx.Limits(max_connections=CONVERSATIONS * MESSAGES_EACH + 10)
    with httpx.Client(base_url=url, trust_env=False, timeout=SECONDS, limits=limits) as browser:
        print(f"quiet: {emergencies(browser)}")
        print(
            f"flood: {CONVERSATIONS} conversations of one address, {MESSAGES_EACH} messages of {len(LONG)} characters"
        )
        flood(browser)
        with half_open(product.settings.web_port):
            print(f"{HALF_OPEN} half-open requests: {emergencies(browser)}")


def main() -> None:
    """Starts the product and measures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/assistant.db"
        upgrade(url)
        with a_product(Path(folder), url) as product:
            product.start("actions", "rasa", "website")
            measure(product)


if __name__ == "__main__":
    main()
