"""The figures in docs are those of the code. Measured ones are written by the programs that measure."""

import math
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import facebook, messaging, slack, telegram, twilio
from bot.content import structure, wording
from bot.conversation import live_updates, typing_indicator
from bot.database import async_store
from bot.launcher.liveness import Patience
from bot.launcher.logs import KEPT_BYTES
from bot.launcher.training import KEPT_MODELS
from bot.notifications import schedule
from bot.outbox import delivery
from bot.storage.tracker_store import RECENT_EVENTS
from bot.website import jobs
from bot.widget.rate_limits import RateLimits
from bot.widget.tokens import VALID

ROOT = Path(__file__).parents[2]
PATIENCE, LIMITS = Patience(), RateLimits()


def listed(waits: Iterable[timedelta]) -> str:
    *first, last = (f"{wait.total_seconds():g}" for wait in waits)
    return f"{', '.join(first)} and {last} seconds"


def minutes(waits: Iterable[timedelta]) -> int:
    return round(sum(waits, timedelta()) / timedelta(minutes=1))


FIGURES = {
    "decisions/0004-bounded-conversation-reads.md": [f"the last {RECENT_EVENTS} events"],
    "decisions/0006-the-database-carries-what-is-live.md": [
        f"asks it every {live_updates.SECONDS_BETWEEN_LOOKS:g} seconds what changed",
        f"at most {live_updates.SECONDS_BETWEEN_LOOKS:g} seconds late",
        f"once in {jobs.SECONDS_BETWEEN_NOTIFICATIONS:g} seconds",
    ],
    "editing-content.md": [
        f"at least {structure.FEWEST_QUESTIONS}, really different",
        f"at most {structure.LONGEST_TITLE} characters",
        f"up to {structure.MOST_RELATED} other entries",
        f"at most {wording.MOST_WORDS} words and {wording.LONGEST_ANSWER} characters with title and source line",
        f"a reading grade of {wording.HIGHEST_GRADE:g} or below",
        f"in at most {wording.MOST_WORDS_FIRST} words",
    ],
    "running.md": [
        f"at most every {schedule.ALERT_PAUSE / timedelta(minutes=1):g} minutes for a conversation",
        f"at most one in {schedule.BETWEEN_DIGESTS / timedelta(seconds=1):g} seconds and transport",
        f"tried again {len(schedule.WAITS)} times in about {minutes(schedule.WAITS)} minutes",
        f"Every {jobs.SECONDS_BETWEEN_ERASURES / 60:g} minutes, conversations",
        f"past {KEPT_BYTES / 1e6:g} MB a log is set aside",
        f"the {KEPT_MODELS} models used last",
        f"503 within {math.ceil(async_store.SECONDS_FOR_HEALTH)} seconds otherwise",
        f"tried again after {PATIENCE.first_pause:g}, {2 * PATIENCE.first_pause:g}, {4 * PATIENCE.first_pause:g}, ...",
        f"at most every {PATIENCE.longest_pause:g} seconds",
        f"asked every {PATIENCE.seconds:g} seconds whether it is alive",
        f"one that gave no answer {PATIENCE.misses} times",
        f"{PATIENCE.seconds * (PATIENCE.misses + 1):g} seconds after it stopped",
    ],
    "channels.md": [
        f"| {' | '.join(str(app.LONGEST_MESSAGE) for app in (telegram, twilio, facebook))} |",
        f"| {slack.LONGEST_SECTION} a block",
        f"quick replies of up to {facebook.LONGEST_TITLE} characters",
        f"Block Kit, {slack.LONGEST_TITLE} characters shown",
        f"tried again after {listed(delivery.WAITS)}",
        f"at most every {messaging.SECONDS_BETWEEN_APOLOGIES} seconds, that the message was not stored",
    ],
    "widget.md": [
        f"good for {VALID.days} days",
        f"it lasts for {typing_indicator.LASTS.total_seconds():g} seconds",
        f"{LIMITS.messages_a_minute} messages a minute for a conversation",
        f"{LIMITS.messages_under_way} messages under way and {LIMITS.streams} streams for a conversation",
        f"{LIMITS.streams_of_address} streams, {LIMITS.sessions_a_minute} new conversations a minute",
        f"{LIMITS.requests_a_minute} requests a minute for an address",
    ],
    "staff-guide.md": [f"tried for about {minutes(delivery.WAITS)} minutes"],
}


@pytest.mark.parametrize("page", FIGURES)
def test_its_figures_are_those_of_the_code(page: str) -> None:
    text = " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())
    assert [sentence for sentence in FIGURES[page] if sentence not in text] == []
