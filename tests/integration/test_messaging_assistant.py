"""The real assistant in all four messaging apps at once: answers, did-you-mean, enrollment, staff."""

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.addresses import conversation_id
from bot.database.unit_of_work import Store
from bot.domain.handoff import Outcome, State
from bot.handoff import services
from tests.assistant import running_rasa
from tests.handoffs import handoff, member
from tests.messaging import until
from tests.providers import PROVIDERS, Provider, Sent, running_providers
from tests.servers import KEY

pytestmark = pytest.mark.model

NOW = datetime.now(timezone.utc)
VAGUE = [
    "what if it comes back",
    "what is the second kind",
    "what holds it back",
    "does it help against the other kinds",
    "does it hurt",
    "how long does it take",
    "side effects and money",
    "targets and side effects",
    "trial or hospital",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("messaging")


@pytest.fixture(scope="module")
def providers(folder: Path) -> Iterator[dict[str, Any]]:
    """All four, connected to one assistant."""
    with running_providers() as found:
        environment = {"SECRET_KEY": KEY}
        for provider in found.values():
            environment |= provider.environment()
        with running_rasa(folder, environment) as url:
            for provider in found.values():
                provider.url = url.removesuffix("/rest/webhook")
            yield found


@pytest.fixture(scope="module")
def store(providers: dict[str, Any], folder: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{folder}/assistant.db")
    yield store
    store.engine.dispose()


@pytest.fixture(scope="module")
def anna(store: Store) -> int:
    return member(store)


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, providers: dict[str, Any]) -> Provider:
    found: Provider = providers[request.param]
    found.begin()
    return found


def conversation(provider: Provider) -> str:
    known_as = {"twilio": f"whatsapp:+{provider.maria}", "slack": f"U{provider.maria}"}
    return conversation_id(KEY, provider.name, known_as.get(provider.name, provider.maria))


def said(provider: Provider, text: str, expected: str) -> Sent:
    """Says something; the reply, which holds what is expected."""
    assert provider.says(provider.maria, text).status_code == 200
    return heard(provider, expected)


def heard(provider: Provider, expected: str) -> Sent:
    """The next reply that holds what is expected."""
    sent = provider.take()
    while expected not in sent.text:
        sent = provider.take()
    return sent


def choose(provider: Any, sent: Sent, title: str, expected: str) -> Sent:
    """Presses a button, or sends its number; the reply, which holds what is expected."""
    if sent.buttons:
        assert provider.presses(provider.maria, sent, title).status_code == 200
        return heard(provider, expected)
    (number,) = [line.split(".")[0] for line in sent.text.splitlines() if line.endswith(f". {title}")]
    return said(provider, number, expected)


def test_a_question_is_answered_with_its_source(provider: Provider) -> None:
    said(provider, "/start" if provider.name == "telegram" else "hello", "Hello!")
    answer = said(provider, "What is cytokine release syndrome?", "Source: ")
    assert "\n\nSource: " in answer.text


def test_did_you_mean_is_answered_by_a_button(provider: Provider) -> None:
    for text in VAGUE:
        assert provider.says(provider.maria, text).status_code == 200
        asked = provider.take()
        if "Did you mean" in asked.text:
            break
    assert "None of these" in asked.buttons or "None of these" in asked.text
    listed = [line.partition(". ")[2] for line in asked.text.splitlines() if line[:2] == "1."]
    choose(provider, asked, (asked.buttons or listed)[0], "Source: ")


def test_from_enrollment_to_staff_and_back(provider: Provider, store: Store, anna: int) -> None:
    words = "I want to enroll. Call me on +44 20 7946 0000, I'm Maria from Peru, my mother has AML"
    consent = said(provider, words, "Do you agree?")
    choose(provider, consent, "Yes, I agree", "anything else")
    provider.sends_picture(provider.maria)
    heard(provider, "I can only read text here")
    summary = said(provider, "No, nothing else", "This is what I would pass on")
    assert all(word in summary.text for word in ("Maria", "Peru", "AML"))
    choose(provider, summary, "Yes, send it", "Your request is with our staff now")
    handoff_id = services.standing(store, conversation(provider)).handoff_id
    assert handoff_id is not None
    services.take(store, handoff_id, anna, NOW)
    heard(provider, "Anna from our staff has joined")
    services.reply(store, handoff_id, anna, "Hello Maria, I have your request.", f"{provider.name}1", NOW)
    assert heard(provider, "Hello Maria").text == "Hello Maria, I have your request."
    provider.says(provider.maria, "What is CRS?")
    services.resolve(store, handoff_id, anna, Outcome.ANSWERED, NOW)
    assert "I am back for your questions" in provider.text(), "the bot was silent before"
    said(provider, "5", "Thank you")
    until(lambda: handoff(store, handoff_id).rating == 5)
    assert handoff(store, handoff_id).state is State.RESOLVED
    said(provider, "What is apheresis?", "Source: ")


def test_a_person_is_asked_for_without_leaving_the_app(provider: Provider, store: Store) -> None:
    consent = said(provider, "a human, please", "Is that all right with you?")
    choose(provider, consent, "Yes, I agree", "Your request is with our staff")
    assert services.standing(store, conversation(provider)).state is State.WAITING


def test_forged_repeated_and_refused(provider: Provider) -> None:
    assert provider.post(*provider.forged(provider.message(provider.maria, "hi", "1"))).status_code == 403
    provider.refusals.append(provider.too_many())
    for _ in range(2):
        assert provider.says(provider.maria, "What is CRS?", id="815").status_code == 200
    heard(provider, "Source: ")
    said(provider, "thank you", "You are welcome")
    assert provider.nothing_waits()


def test_an_emergency_is_answered_at_once(provider: Provider) -> None:
    said(provider, "He cannot breathe, please help", "This may be an emergency")


def test_no_word_and_no_number_is_in_the_log(providers: dict[str, Any], folder: Path) -> None:
    provider = providers["telegram"]
    provider.begin()
    said(provider, "My aunt Genoveva has CRS, what is it?", "")
    log = (folder / "rasa.log").read_text()
    assert not [word for word in ("Genoveva", provider.maria, provider.token, provider.secret) if word in log]
