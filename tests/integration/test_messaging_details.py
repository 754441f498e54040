"""What only one messaging app has, and what happens to replies when processes die or several do the work."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from bot.channels.outbox import Outbox
from bot.console.views import transcript_view
from bot.conversation import transcript
from bot.conversation.addresses import address_of, conversation_id
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove
from bot.domain.handoff import Kind
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services
from bot.handoff.received_messages import Arrival, record
from bot.outbox import delivery
from bot.privacy import export_and_erase
from tests.agents import serving_channels
from tests.handoffs import member, replies
from tests.messaging import CHANNELS, Bot, connected, until
from tests.providers import PUBLIC_URL, Facebook, Provider, Slack, Telegram, Twilio, running_providers
from tests.servers import KEY

MARIA = "447700900123"
NOW = datetime.now(timezone.utc)


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copy(migrated_file, tmp_path / "assistant.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/assistant.db")
    return f"sqlite:///{tmp_path}/assistant.db"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store.open(database_url)
    yield store
    store.engine.dispose()


@pytest.fixture
def bot(database_url: str) -> Iterator[Bot]:
    bot = Bot()
    yield bot
    bot.close()


@pytest.fixture
def telegram(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    with connected("telegram", bot, store, monkeypatch) as provider:
        assert isinstance(provider, Telegram)
        yield provider


@pytest.fixture
def twilio(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    with connected("twilio", bot, store, monkeypatch) as provider:
        assert isinstance(provider, Twilio)
        yield provider


@pytest.fixture
def facebook(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Facebook]:
    with connected("facebook", bot, store, monkeypatch) as provider:
        assert isinstance(provider, Facebook)
        yield provider


@pytest.fixture
def slack(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    with connected("slack", bot, store, monkeypatch) as provider:
        assert isinstance(provider, Slack)
        yield provider


def known_as(channel: str, user: str = MARIA) -> str:
    return conversation_id(KEY, channel, f"whatsapp:+{user}" if channel == "twilio" else user)


def last_reply(store: Store, channel: str) -> Reply:
    return replies(store, known_as(channel))[-1]


def test_a_changed_message_is_answered_anew_and_an_unchanged_one_is_not(telegram: Telegram, bot: Bot) -> None:
    telegram.says(MARIA, "What is CSR?", id="7")
    telegram.take()
    telegram.edits(MARIA, "What is CSR?", id="7")
    telegram.edits(MARIA, "What is CRS?", id="7")
    assert telegram.text() == "About: What is CRS?"
    assert bot.answered == ["What is CSR?", "What is CRS?"]


def test_a_button_of_long_ago_still_works_and_telegram_stops_waiting(telegram: Telegram, bot: Bot) -> None:
    words = "How many patients go through the whole of the treatment at home, and not in a hospital?"
    bot.says = {"hi": [("Did you mean?", [words])]}
    telegram.says(MARIA, "hi")
    sent = telegram.take()
    telegram.says(MARIA, "something else")
    telegram.take()
    answer = telegram.presses(MARIA, sent, words, id="42")
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "42"}
    assert telegram.text() == f"About: {words}"
    assert telegram.presses(MARIA, sent, words, id="42").status_code == 200
    assert bot.answered.count(words) == 1


def test_a_pressed_button_whose_message_is_erased_means_its_title(telegram: Telegram, bot: Bot, store: Store) -> None:
    bot.says = {"hi": [("Did you mean?", ["What is CRS?"])]}
    telegram.says(MARIA, "hi")
    sent = telegram.take()
    until(lambda: last_reply(store, "telegram").state is ReplyState.DELIVERED)
    export_and_erase.erase(store, known_as("telegram"), "olga", NOW)
    telegram.presses(MARIA, sent, "What is CRS?")
    assert telegram.text() == "About: What is CRS?"


@pytest.mark.parametrize(
    ("status", "error", "state", "failure"),
    [
        ("delivered", "", ReplyState.DELIVERED, None),
        ("read", "", ReplyState.DELIVERED, None),
        ("undelivered", "63016", ReplyState.FAILED, "the_app_allows_replies_for_24_hours_only"),
        ("failed", "63024", ReplyState.FAILED, "there_is_no_such_number_on_whatsapp"),
    ],
)
def test_whatsapp_tells_later_how_it_went(
    twilio: Twilio, store: Store, status: str, error: str, state: ReplyState, failure: str | None
) -> None:
    twilio.says(MARIA, "hi")
    twilio.take()
    handoff = services.open_handoff(store, known_as("twilio"), "twilio", Kind.HUMAN, None, NOW)
    anna = member(store)
    assert handoff.id is not None
    services.take(store, handoff.id, anna, NOW)
    twilio.take()
    services.reply(store, handoff.id, anna, "Hello", "r1", NOW)
    sent = twilio.take()
    until(lambda: last_reply(store, "twilio").state is ReplyState.SENT)
    assert twilio.tells(sent, status, error).status_code == 200
    found = last_reply(store, "twilio")
    assert (found.state, found.failure) == (state, failure)


def test_nobody_else_tells_how_it_went(twilio: Twilio, store: Store) -> None:
    twilio.says(MARIA, "hi")
    sent = twilio.take()
    until(lambda: last_reply(store, "twilio").state is ReplyState.SENT)
    content = {"MessageStatus": "failed", "To": sent.to}
    headers, body = twilio.signed(content, token="x" * 32)
    query = "?" + sent.request["StatusCallback"].partition("?")[2]
    assert twilio.post(headers, body, query).status_code == 403
    assert sent.request["StatusCallback"].startswith(f"{PUBLIC_URL}/webhooks/twilio/webhook?reply=")
    # Signed, but of another conversation.
    other = replace(sent, request={**sent.request, "To": "whatsapp:+1"})
    assert twilio.tells(other, "failed").status_code == 200
    assert last_reply(store, "twilio").state is ReplyState.SENT


def test_facebook_subscribes_the_webhook(facebook: Facebook) -> None:
    address = f"{facebook.url}/facebook/webhook"
    asked = {"hub.mode": "subscribe", "hub.verify_token": facebook.verify, "hub.challenge": "1158201444"}
    answer = httpx.get(address, params=asked, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert httpx.get(address, params={**asked, "hub.verify_token": "x"}, trust_env=False).status_code == 403


def test_every_message_of_a_batch_is_answered(facebook: Facebook) -> None:
    events = [facebook.event(MARIA, message={"mid": f"m_{text}", "text": text}) for text in ("one", "two", "three")]
    assert facebook.post(*facebook.signed(facebook.batch(*events))).status_code == 200
    assert [facebook.text() for _ in events] == ["About: one", "About: two", "About: three"]


def test_slack_refuses_what_was_recorded_and_sent_again_later(slack: Slack, bot: Bot) -> None:
    content = slack.message(MARIA, "hi", "1")
    assert slack.post(*slack.signed(content, age=301)).status_code == 403
    assert bot.answered == []
    fresh = slack.signed(content)
    assert [slack.post(*fresh).status_code for _ in range(2)] == [200, 200]
    assert slack.text() == "About: hi"
    assert bot.answered == ["hi"]


def test_slack_sets_the_address_up(slack: Slack) -> None:
    answer = slack.post(*slack.signed({"token": "x", "type": "url_verification", "challenge": "3eZbrw1a"}))
    assert (answer.status_code, answer.text) == (200, "3eZbrw1a")


def test_what_was_stored_when_the_process_died_is_sent_by_the_next_one(
    bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_providers("telegram") as providers:
        telegram = configured(providers["telegram"], monkeypatch)
        # It never comes to sending.
        with serving_channels(bot, CHANNELS["telegram"].from_credentials(None)) as telegram.url:
            assert telegram.says(MARIA, "hi", id="7").status_code == 200
        assert telegram.asked == 0
        channel = CHANNELS["telegram"].from_credentials(None)
        with serving_channels(bot, channel, Outbox(AsyncStore(store))) as telegram.url:
            assert telegram.says(MARIA, "hi", id="7").status_code == 200
            assert telegram.text() == "About: hi"
            assert telegram.nothing_waits()


def test_staff_see_which_reply_of_the_bot_did_not_arrive(telegram: Telegram, store: Store) -> None:
    telegram.says(MARIA, "hi")
    telegram.take()
    telegram.refusals.append(telegram.blocked())
    telegram.says(MARIA, "again")
    until(lambda: last_reply(store, "telegram").state is ReplyState.FAILED)
    name = known_as("telegram")
    entries = transcript_view(transcript.lines(store, name), replies(store, name)).entries
    assert [(entry.text, entry.state, entry.failed) for entry in entries] == [
        ("hi", "", False),
        ("About: hi", "", False),
        ("again", "", False),
        ("About: again", "Not delivered", True),
    ]
    assert entries[-1].failure == "blocked by the visitor"
    services.retry(store, entries[-1].reply_id or 0, member(store), NOW)
    assert telegram.text() == "About: again"


def test_the_address_goes_with_everything_else(telegram: Telegram, store: Store) -> None:
    telegram.says(MARIA, "hi")
    telegram.take()
    name = known_as("telegram")
    assert address_of(store, name) == MARIA
    until(lambda: last_reply(store, "telegram").state is ReplyState.DELIVERED)
    assert export_and_erase.erase(store, name, "olga", NOW)
    assert address_of(store, name) is None
    assert set(export_and_erase.kept(store, name)) == {"audit_events"}


def test_a_reply_whose_visitor_was_erased_is_given_up(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_providers("telegram") as providers:
        telegram = configured(providers["telegram"], monkeypatch)
        channel = CHANNELS["telegram"].from_credentials(None)
        with serving_channels(bot, channel) as telegram.url:
            telegram.says(MARIA, "hi")
        (claimed,) = delivery.claim(store, NOW)
        export_and_erase.erase(store, claimed.conversation, "olga", NOW)
        assert transcript.line(store, claimed.conversation, claimed.event_id or 0) is None
        assert telegram.asked == 0


def test_two_workers_answer_a_message_that_both_are_given_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with ExitStack() as stack:
        providers = stack.enter_context(running_providers("telegram"))
        telegram = configured(providers["telegram"], monkeypatch)
        store = Store.open(postgres_url)
        stack.callback(store.engine.dispose)
        bots = [Bot(), Bot()]
        workers = []
        for bot in bots:
            stack.callback(bot.close)
            channel = CHANNELS["telegram"].from_credentials(None)
            workers.append(stack.enter_context(serving_channels(bot, channel, Outbox(AsyncStore(store)))))
        headers, body = telegram.signed(telegram.message(MARIA, "hi", "7"))
        with ThreadPoolExecutor(8) as threads:
            given = [f"{worker}/telegram/webhook" for worker in workers * 4]
            answers = list(threads.map(lambda address: _post(address, headers, body), given))
        assert set(answers) == {200}
        assert telegram.text() == "About: hi"
        telegram.url = workers[1]
        telegram.says(MARIA, "next")
        assert telegram.text() == "About: next"
        assert [text for bot in bots for text in bot.answered].count("hi") == 1


def test_without_a_lock_the_database_itself_refuses_the_second(store: Store) -> None:
    def taken_in() -> None:
        with store.work() as work:
            record(work, [Arrival("telegram-1", "telegram", "m7")], NOW)
            work.commit()

    taken_in()
    with pytest.raises(IllegalMove):
        taken_in()


def configured(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for setting, value in {**provider.environment(), "SECRET_KEY": KEY}.items():
        monkeypatch.setenv(setting, value)
    return provider


def _post(address: str, headers: dict[str, str], body: bytes) -> int:
    return httpx.post(address, headers=headers, content=body, timeout=60, trust_env=False).status_code
