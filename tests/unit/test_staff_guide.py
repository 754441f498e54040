"""The guide for staff says what the console does: its words, its pictures and its numbers."""

import html
import re
from pathlib import Path

from bot.accounts import sign_in_throttle
from bot.accounts.own_account import LINK_LASTS
from bot.accounts.passwords import SHORTEST
from bot.accounts.sessions import LASTS
from bot.channels import messaging_app
from bot.handoff.services import LONGEST_REPLY
from bot.settings import Settings

GUIDE = Path("docs/staff-guide.md").read_text(encoding="utf-8")
CONSOLE = Path("bot/console")
PICTURES = Path("docs/screenshots")


def _on_screen() -> str:
    files = [*CONSOLE.rglob("*.html"), *(CONSOLE / "static/console").glob("*.js"), CONSOLE / "words.py"]
    return html.unescape("\n".join(file.read_text(encoding="utf-8") for file in files))


def test_every_word_in_bold_is_on_the_screen() -> None:
    shown = _on_screen().lower()
    # The page puts the role into these two.
    named = {" ".join(words.split()) for words in re.findall(r"\*\*(.+?)\*\*", GUIDE, re.DOTALL)}
    named -= {"bold", "Make admin", "Make agent"}
    assert len(named) > 40
    assert {words for words in named if words.lower() not in shown} == set()


def test_every_picture_is_there_and_shown() -> None:
    assert sorted(re.findall(r"\(screenshots/(.+?)\)", GUIDE)) == sorted(file.name for file in PICTURES.iterdir())


def test_the_numbers_are_those_of_the_code() -> None:
    hours = int(LINK_LASTS.total_seconds() // 3600)
    assert f"within {hours} hours" in GUIDE
    assert f"works for {hours} hours" in GUIDE
    assert f"at least {SHORTEST} characters" in GUIDE
    assert f"signed in for {LASTS.total_seconds() / 3600:.0f} hours" in GUIDE
    assert f"up to {LONGEST_REPLY} characters" in GUIDE
    assert f"{Settings.read({}).retention_days} days" in GUIDE
    assert (sign_in_throttle.FAILURES_OF_LOGIN, sign_in_throttle.FIRST_WAIT.total_seconds()) == (5, 60)
    assert "After five wrong attempts you have to wait a minute" in GUIDE


def test_the_reasons_are_those_of_the_apps() -> None:
    written = GUIDE.replace(" · ", " | ")
    for code in (
        messaging_app.BLOCKED,
        messaging_app.WINDOW_CLOSED,
        messaging_app.NO_ACCESS,
        "channel_off",
        "timed_out",
        "too_many_messages",
    ):
        assert f"| {code.replace('_', ' ')} |" in written
