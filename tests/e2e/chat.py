"""What a visitor does with the widget, and answers for it to show."""

from playwright.sync_api import Locator, Page

QUESTION = "What are the side effects of CAR-T?"
RELATED = "What are the signs of CRS?"
ANSWER = {
    "text": (
        f"{QUESTION}\n\nSome are serious:\n- fever\n- confusion\n\nTell the care team at once.\n\n"
        'Source: CAR T-Cell Therapy, "Possible Side Effects"; Treatment Options, "Side Effects"'
    ),
    "buttons": [{"title": RELATED, "payload": RELATED}],
    "metadata": {
        "kind": "answer",
        "title": QUESTION,
        "sources": [
            {"document": "CAR T-Cell Therapy", "section": "Possible Side Effects"},
            {"document": "Treatment Options", "section": "Side Effects"},
        ],
        "pages": [{"path": "/guide/side-effects", "title": "Side effects of CAR-T in one table"}],
    },
}
EMERGENCY = {
    "text": "This may be an emergency.\n\nCall 112 in Europe, 911 in the US, 120 in China.",
    "metadata": {"kind": "emergency"},
}
CRISIS = {
    "text": "Call or text 988, or find a helpline at findahelpline.com.",
    "metadata": {"kind": "crisis"},
}


def ask(page: Page, text: str) -> None:
    """Writes a message and sends it."""
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def asked(page: Page) -> Locator:
    """The visitor's messages."""
    return page.locator(".asked p")


def said(page: Page) -> Locator:
    """What the assistant or staff said, without what stands around it."""
    return page.locator(".reply .text")


def menu(page: Page, name: str) -> None:
    """Chooses from the dialog's menu."""
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name=name).click()
