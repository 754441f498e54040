"""Times answers in a real browser: from the click on "send" to the first frame that shows the reply."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from tests.benchmark.errors import WrongAnswer

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MILLISECONDS_TO_ANSWER = 60_000

# The clock runs in the page, so that driving the browser costs nothing. A frame is drawn after the callback that was
# asked for before it.
TIMED_CLICK = """
({ host, send, reply }) => new Promise((resolve) => {
  const root = host ? document.querySelector(host).shadowRoot : document;
  const shown = () => [...root.querySelectorAll(reply)].filter((one) => one.textContent.trim()).length;
  const before = shown();
  const observer = new MutationObserver(() => {
    if (shown() === before) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
  });
  observer.observe(root, { childList: true, subtree: true, characterData: true });
  const started = performance.now();
  root.querySelector(send).click();
})
"""

SILENCE = """
(silence) => new Promise((resolve) => {
  let timer = setTimeout(resolve, silence);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, silence);
  }).observe(document, { childList: true, subtree: true });
})
"""


@dataclass(frozen=True)
class Widget:
    """How a widget is used.

    Attributes:
        path: of its page.
        host: its custom element, if it has one with a shadow root.
        launcher: opens it; None when it opens with the page.
        field, send, reply: selectors inside it.
        silence: milliseconds without a change after which the answer is over; 0 when it comes as one reply.
    """

    path: str
    host: str | None
    launcher: str | None
    field: str
    send: str
    reply: str
    silence: int = 0


OURS = Widget("/", "car-t-assistant", None, "textarea", "button[type=submit]", ".reply .text")
STOCK = Widget("/", None, ".rw-launcher", ".rw-new-message", ".rw-send", ".rw-response", silence=4_000)
STOCK_AT_ONCE = replace(STOCK, path="/fast", silence=1_000)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Debian's chromium where there is one, else playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def timed(browser: Browser, widget: Widget, url: str, questions: Sequence[str]) -> list[float]:
    """Asks the questions in one conversation; milliseconds until each reply was shown (its first part).

    Raises:
        WrongAnswer: a reply does not come.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS_TO_ANSWER)
    try:
        page.goto(f"{url.rstrip('/')}{widget.path}")
        if widget.launcher:
            page.locator(widget.launcher).click()
        return [_ask(page, widget, question) for question in questions]
    except TimeoutError as error:
        raise WrongAnswer(f"In the browser, a reply did not come: {url}{widget.path}") from error
    finally:
        context.close()


def _ask(page: Page, widget: Widget, question: str) -> float:
    inside = page.locator(widget.host) if widget.host else page
    inside.locator(widget.field).fill(question)
    selectors = {"host": widget.host, "send": widget.send, "reply": widget.reply}
    milliseconds = page.evaluate(TIMED_CLICK, selectors)
    if widget.silence:
        page.evaluate(SILENCE, widget.silence)
    return float(milliseconds)
