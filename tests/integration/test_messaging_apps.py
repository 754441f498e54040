"""The four messaging apps over real HTTP, against local servers that speak the providers' APIs."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from starlette.responses import JSONResponse

from bot.channels.pace import MESSAGES_A_MINUTE
from bot.conversation import transcript
from bot.conversation.addresses import conversation_id
from bot.conversation.transcript import Line, Speaker
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.handoff import Kind
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services
from bot.outbox import delivery
from tests.agents import broken
from tests.faults import locked_file
from tests.handoffs import member, replies
from tests.messaging import Bot, connected, until
from tests.providers import PROVIDERS, Provider
from tests.servers import KEY

NOW = datetime.now(timezone.utc)
HELP = "he cannot breathe"


@pytest.fixture(scope="module")
def migrated(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database, which the settings name too."""
    file = tmp_path_factory.mktemp("messaging") / "assistant.db"
    shutil.copy(migrated_file, file)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", f"sqlite:///{file}")
        yield f"sqlite:///{file}"


@pytest.fixture(scope="module")
def store(migrated: str) -> Iterator[Store]:
    store = Store.open(migrated)
    yield store
    store.engine.dispose()


@pytest.fixture(scope="module")
def anna(store: Store) -> int:
    """The id of a member of staff."""
    return member(store)


@pytest.fixture(scope="module")
def all_tests_bot(migrated: str) -> Iterator[Bot]:
    bot = Bot()
    yield bot
    bot.close()


@pytest.fixture
def bot(all_tests_bot: Bot) -> Bot:
    all_tests_bot.says, all_tests_bot.answered, all_tests_bot.pages = {}, [], []
    all_tests_bot.sends, all_tests_bot.after_turn = False, lambda: None
    all_tests_bot.intents = {HELP: "emergency", "hi": "greet", "my secret words": "lost"}
    return all_tests_bot


@pytest.fixture(scope="module", params=PROVIDERS)
def all_tests_provider(request: pytest.FixtureRequest, all_tests_bot: Bot, store: Store) -> Iterator[Provider]:
    with (
        pytest.MonkeyPatch.context() as environment,
        connected(request.param, all_tests_bot, store, environment) as found,
    ):
        yield found


@pytest.fixture
def provider(all_tests_provider: Provider, bot: Bot) -> Iterator[Provider]:
    """One provider, with two visitors whom nobody knows yet."""
    all_tests_provider.begin()
    yield all_tests_provider
    assert all_tests_provider.nothing_waits()


def conversation(provider: Provider, user: str) -> str:
    known_as = {"twilio": f"whatsapp:+{user}", "slack": f"U{user}"}
    return conversation_id(KEY, provider.name, known_as.get(provider.name, user))


def address(provider: Provider, user: str) -> str:
    return {"twilio": f"whatsapp:+{user}", "slack": f"D{user}"}.get(provider.name, user)


def lines(store: Store, provider: Provider, user: str = "") -> list[Line]:
    return transcript.lines(store, conversation(provider, user or provider.maria))


def asked(store: Store, provider: Provider) -> list[str]:
    return [line.text for line in lines(store, provider) if line.speaker is Speaker.VISITOR]


def active(store: Store, provider: Provider, anna: int) -> int:
    """The id of a handoff of Maria's that Anna has taken."""
    handoff = services.open_handoff(store, conversation(provider, provider.maria), provider.name, Kind.HUMAN, None, NOW)
    assert handoff.id is not None
    services.take(store, handoff.id, anna, NOW)
    return handoff.id


def last_reply(store: Store, provider: Provider) -> Reply:
    return replies(store, conversation(provider, provider.maria))[-1]


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not sent is tried again without waiting."""
    monkeypatch.setattr(delivery, "WAITS", [timedelta()] * 3)


def test_a_question_is_answered_where_it_was_asked(provider: Provider, bot: Bot, store: Store) -> None:
    assert provider.says(provider.maria, "What is CRS?").status_code == 200
    sent = provider.take()
    assert (sent.to, sent.text) == (address(provider, provider.maria), "About: What is CRS?")
    assert [line.text for line in lines(store, provider)] == ["What is CRS?", "About: What is CRS?"]


def test_a_page_of_the_guide_is_an_address_where_the_settings_say_one(provider: Provider, bot: Bot) -> None:
    bot.pages = [{"path": "/guide/steps", "title": "The steps"}]
    provider.says(provider.maria, "What are the steps?")
    website = provider.environment().get("PUBLIC_URL")
    line = f"\n\nThe steps: {website}/guide/steps" if website else ""
    assert provider.take().text == f"About: What are the steps?{line}"


def test_people_are_told_apart_and_nobody_is_named_in_the_transcript(provider: Provider, store: Store) -> None:
    provider.says(provider.maria, "one")
    provider.says(provider.juan, "two")
    assert {provider.take().to, provider.take().to} == {
        address(provider, provider.maria),
        address(provider, provider.juan),
    }
    assert [line.text for line in lines(store, provider)] == ["one", "About: one"]
    assert [line.text for line in lines(store, provider, provider.juan)] == ["two", "About: two"]
    with store.reading() as work:
        rows = {table.name: str(work.execute(sa.select(table)).all()) for table in tables.metadata.sorted_tables}
    assert {name for name, text in rows.items() if provider.maria in text} == {"addresses"}


def test_the_replies_of_one_turn_arrive_in_their_order(provider: Provider, bot: Bot) -> None:
    bot.says = {"hi": ["one", "two", "three"]}
    provider.says(provider.maria, "hi")
    assert [provider.text() for _ in range(3)] == ["one", "two", "three"]


def test_a_message_that_the_provider_sends_again_is_answered_once(provider: Provider, bot: Bot) -> None:
    for _ in range(3):
        assert provider.says(provider.maria, "once", id="4711").status_code == 200
    provider.says(provider.maria, "next")
    assert [provider.text(), provider.text()] == ["About: once", "About: next"]
    assert bot.answered == ["once", "next"]


def test_a_forged_message_is_refused_and_nothing_is_kept(provider: Provider, bot: Bot, store: Store) -> None:
    content = provider.message(provider.maria, "forged", "1")
    headers, body = provider.signed(content)
    signature = next(name for name in headers if name.startswith("X-") and "Timestamp" not in name)
    attempts: list[tuple[dict[str, Any], bytes]] = [
        provider.forged(content),
        ({**headers, signature: b"\xc3\xa9"}, body),
    ]
    attempts.append(({name: value for name, value in headers.items() if name != signature}, body))
    assert [provider.post(*attempt).status_code for attempt in attempts] == [403, 403, 403]
    assert bot.answered == []
    assert lines(store, provider) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b"payload=x", b'{"message": 1, "entry": 1}']
)
def test_nonsense_never_breaks_the_webhook(provider: Provider, bot: Bot, body: bytes) -> None:
    headers, _ = provider.signed({})
    assert provider.post(headers, body).status_code in {200, 400, 403}
    assert bot.answered == []


def test_a_body_that_is_too_long_is_not_read(provider: Provider) -> None:
    headers, _ = provider.signed({})
    assert provider.post(headers, b"x" * 1_000_001).status_code == 413


def test_a_picture_gets_a_friendly_reply_and_staff_see_that_it_came(provider: Provider, bot: Bot, store: Store) -> None:
    assert provider.sends_picture(provider.maria).status_code == 200
    assert bot.words("utter_text_only").strip() in provider.text()
    assert asked(store, provider) == ["[picture]"]
    assert bot.answered == []


def test_the_words_under_a_picture_are_answered_too(provider: Provider, bot: Bot, store: Store) -> None:
    provider.sends_picture(provider.maria, "What is CRS?")
    assert bot.words("utter_text_only").strip() in provider.text()
    assert provider.text() == "About: What is CRS?"
    assert asked(store, provider) == ["[picture]", "What is CRS?"]


def test_buttons_mean_their_words(provider: Provider, bot: Bot) -> None:
    titles = ["What is CRS?", "How many patients go through the whole of the treatment at home, and not in a hospital?"]
    bot.says = {"hi": [("Did you mean?", titles)]}
    provider.says(provider.maria, "hi")
    sent = provider.take()
    if sent.buttons:
        shown = sent.buttons[1]
        assert titles[1].startswith(shown.rstrip("\u2026"))
        provider.presses(provider.maria, sent, shown)  # type: ignore[attr-defined]
    else:
        assert sent.text.endswith(f"{bot.words('utter_choose_by_number').strip()}\n1. {titles[0]}\n2. {titles[1]}")
        provider.says(provider.maria, "Reply 2")
    assert provider.text() == f"About: {titles[1]}"


def test_a_rating_is_what_it_says(provider: Provider, bot: Bot) -> None:
    bot.says = {"hi": [("How helpful was it?", [f"Rating: {number}" for number in (5, 4, 3, 2, 1)])]}
    provider.says(provider.maria, "hi")
    assert "1." not in provider.text()
    provider.says(provider.maria, "5")
    assert provider.text() == "About: 5"


def test_a_long_answer_is_split_between_paragraphs(provider: Provider, bot: Bot) -> None:
    paragraphs = [f"{number} " + " ".join(["word"] * 120) for number in range(12)]
    bot.says = {"long": [("\n\n".join(paragraphs), ["Yes", "No"])]}
    provider.says(provider.maria, "long")
    sent = [provider.take()]
    while "11 word" not in sent[-1].text:
        assert not sent[-1].buttons
        sent.append(provider.take())
    assert len(sent) > 1 or provider.name == "slack"
    whole = "\n\n".join(each.text for each in sent)
    assert whole.startswith("\n\n".join(paragraphs))
    assert sent[-1].buttons == ["Yes", "No"] or "1. Yes\n2. No" in sent[-1].text


def test_too_many_messages_are_sent_a_little_later(provider: Provider, store: Store) -> None:
    provider.refusals.append(provider.too_many())
    provider.says(provider.maria, "hi")
    assert provider.text() == "About: hi"
    assert provider.asked == 2
    waited = last_reply(store, provider)
    assert waited.attempts == 1


def test_a_provider_that_is_down_gets_the_replies_later_in_their_order(
    provider: Provider, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    bot.says = {"hi": ["one", "two"]}
    provider.refusals.extend([JSONResponse({}, 503), JSONResponse({}, 502)])
    assert provider.says(provider.maria, "hi").status_code == 200
    assert [provider.text(), provider.text()] == ["one", "two"]


def test_of_a_split_answer_only_what_is_missing_is_sent_again(
    provider: Provider, bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    bot.says = {"long": ["first " + "a" * (provider.limit - 10) + "\n\nsecond"]}
    provider.says(provider.maria, "warm up")
    provider.take()
    if provider.name != "slack":
        provider.refusals.extend([None, JSONResponse({}, 500)])
    provider.says(provider.maria, "long")
    texts = [provider.text()] if provider.name == "slack" else [provider.text(), provider.text()]
    provider.says(provider.maria, "next")
    assert provider.text() == "About: next"
    assert "".join(texts).count("first") == 1
    assert "".join(texts).count("second") == 1


def test_staff_and_visitor_talk_both_ways(provider: Provider, bot: Bot, store: Store, anna: int) -> None:
    provider.says(provider.maria, "hi")
    provider.take()
    handoff_id = active(store, provider, anna)
    assert provider.text().startswith("Anna from our staff has joined")
    services.reply(store, handoff_id, anna, "Hello Maria, how can I help?", str(uuid4()), NOW)
    sent = provider.take()
    assert (sent.to, sent.text) == (address(provider, provider.maria), "Hello Maria, how can I help?")
    provider.says(provider.maria, "/restart")
    until(lambda: asked(store, provider) == ["hi", "restart"])
    assert bot.answered == ["hi"]
    arrived = ReplyState.SENT if provider.name == "twilio" else ReplyState.DELIVERED
    until(lambda: last_reply(store, provider).state is arrived)
    staff = [line for line in lines(store, provider) if line.speaker is Speaker.STAFF]
    assert [(line.staff, line.text) for line in staff] == [("Anna", "Hello Maria, how can I help?")]
    assert provider.nothing_waits()


def test_staff_see_a_picture_and_the_bot_stays_silent(provider: Provider, bot: Bot, store: Store, anna: int) -> None:
    provider.says(provider.maria, "hi")
    provider.take()
    handoff_id = active(store, provider, anna)
    provider.take()
    provider.sends_picture(provider.maria)
    services.reply(store, handoff_id, anna, "I cannot see it here.", str(uuid4()), NOW)
    assert provider.text() == "I cannot see it here."
    assert "[picture]" in asked(store, provider)


def test_a_visitor_who_has_blocked_the_bot_is_shown_to_staff_and_a_retry_is_possible(
    provider: Provider, store: Store, anna: int
) -> None:
    provider.says(provider.maria, "hi")
    provider.take()
    handoff_id = active(store, provider, anna)
    provider.take()
    provider.refusals.append(provider.blocked())
    services.reply(store, handoff_id, anna, "Hello?", str(uuid4()), NOW)
    until(lambda: last_reply(store, provider).state is ReplyState.FAILED)
    failed = last_reply(store, provider)
    assert (failed.failure, failed.attempts) == ("blocked_by_the_visitor", 0)
    assert failed.id is not None
    services.retry(store, failed.id, anna, NOW)
    assert provider.text() == "Hello?"


def test_a_reply_that_never_gets_through_is_shown_as_not_delivered(
    provider: Provider, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    provider.refusals.extend(JSONResponse({}, 500) for _ in range(4))
    provider.says(provider.maria, "hi")
    until(lambda: last_reply(store, provider).state is ReplyState.FAILED)
    assert last_reply(store, provider).failure == "the_app_has_an_error_500"
    provider.says(provider.maria, "again")
    assert provider.text() == "About: again"


def test_without_the_database_the_visitor_is_told_once_and_the_message_is_not_lost(
    provider: Provider, bot: Bot, store: Store
) -> None:
    with broken(store):
        assert provider.says(provider.maria, "hi", id="99").status_code == 503
        assert provider.says(provider.maria, "hi", id="99").status_code == 503
        assert provider.text() == bot.words("utter_unavailable").strip()
    assert provider.says(provider.maria, "hi", id="99").status_code == 200
    assert provider.text() == "About: hi"
    assert asked(store, provider) == ["hi"]


def test_an_emergency_is_answered_at_once_without_the_database_and_once_in_all(
    provider: Provider, bot: Bot, store: Store
) -> None:
    with broken(store):
        assert [provider.says(provider.maria, HELP, id="98").status_code for _ in range(2)] == [503, 503]
        assert provider.text() == bot.words("utter_emergency").strip()
    assert provider.says(provider.maria, HELP, id="98").status_code == 200
    assert provider.says(provider.maria, "hi").status_code == 200
    assert provider.text() == "About: hi"
    assert asked(store, provider) == [HELP, "hi"]


def test_a_reply_that_is_queued_when_the_database_stops_is_sent_at_once_and_once(
    provider: Provider, bot: Bot, store: Store
) -> None:
    bot.sends = True
    with ExitStack() as fault:
        # The turn is stored; the outbox cannot claim the reply.
        bot.after_turn = lambda: fault.enter_context(locked_file(str(store.engine.url)))
        assert provider.says(provider.maria, "hi").status_code == 200
        assert provider.text() == "About: hi"
    until(lambda: last_reply(store, provider).state is not ReplyState.QUEUED)
    provider.says(provider.maria, "again")
    assert provider.text() == "About: again"


def test_more_messages_than_a_minute_may_have_are_not_read_except_an_emergency(provider: Provider, bot: Bot) -> None:
    for number in range(MESSAGES_A_MINUTE):
        assert provider.says(provider.maria, f"question {number}").status_code == 200
        assert provider.text() == f"About: question {number}"
    assert [provider.says(provider.maria, "one more").status_code for _ in range(3)] == [200] * 3
    # Said once, and it is the next thing that the visitor hears.
    assert provider.text() == bot.words("utter_slow_down").strip()
    provider.says(provider.maria, HELP)
    assert provider.text() == f"About: {HELP}"
    assert "one more" not in bot.answered
    provider.says(provider.juan, "hi")
    assert provider.text() == "About: hi"


def test_what_people_write_stays_out_of_the_log(
    provider: Provider, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "bot")
    with broken(store):
        provider.says(provider.maria, "my secret words")
    provider.take()
    provider.refusals.append(provider.blocked())
    provider.says(provider.maria, "my secret words")
    provider.post(*provider.forged(provider.message(provider.maria, "my secret words", "1")))
    until(lambda: last_reply(store, provider).state is ReplyState.FAILED)
    said = caplog.text
    assert not [word for word in ("secret words", provider.maria, *provider.environment().values()) if word in said]
