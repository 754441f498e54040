"""What a Rasa server asks of the database while nobody writes and nothing is to be sent."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.channels.outbox import Outbox
from bot.channels.rest import RestChannel
from bot.channels.web import WebChannel
from bot.database.async_store import AsyncStore, shared_store
from tests.agents import FakeAgent, serving_channels
from tests.servers import KEY

SECONDS = 8


@pytest.fixture
def database(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsyncStore]:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("SECRET_KEY", KEY)
    database = shared_store(migrated_url)
    yield database
    database.store.engine.dispose()


def test_an_idle_server_asks_at_most_once_a_second_and_never_locks(database: AsyncStore) -> None:
    asked: list[str] = []
    agent = FakeAgent()
    channels = [channel.from_credentials(None) for channel in (RestChannel, WebChannel, Outbox)]
    with serving_channels(agent, *channels):
        sa.event.listen(database.store.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
        threading.Event().wait(SECONDS)
    agent.close()
    assert 1 <= len(asked) <= SECONDS
    assert all(statement.startswith("SELECT") for statement in asked)


def test_all_of_a_process_share_one_engine(database: AsyncStore) -> None:
    agent = FakeAgent()
    stores = [channel.from_credentials(None).store for channel in (RestChannel, WebChannel)]
    assert {id(each.engine) for each in stores} == {id(agent.tracker_store.engine)} == {id(database.store.engine)}
    agent.close()
