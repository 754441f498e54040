"""Between sure and lost. Which vague message gets there depends on the model: these are more than enough."""

import pytest

from tests.answers import names_by_title
from tests.assistant import Conversation, Reply
from tests.conftest import Assistant
from tests.conversations.promises import NONE_OF_THESE, Promises

pytestmark = pytest.mark.model

VAGUE = [
    "what if it comes back",
    "when does it start",
    "does it hurt",
    "how long does it take",
    "Tell me about the hospital and the money",
    "side effects and money",
    "targets and side effects",
    "aml and china",
    "trial or hospital",
    "blood counts and brain",
    "what about the results and the price",
    "china and trials and approval",
    "problems with the antigens",
]


def asked_back(assistant: Assistant) -> list[tuple[Conversation, Promises, Reply]]:
    """New conversations in which the assistant asks what was meant, with that reply."""
    found = []
    for text in VAGUE:
        conversation, promises = Conversation(assistant.url), Promises()
        reply = conversation.say(text)
        promises.check(reply)
        if reply["metadata"]["kind"] == "did_you_mean":
            found.append((conversation, promises, reply))
    return found


def test_a_click_gets_the_answer_to_the_question_on_the_button(assistant: Assistant) -> None:
    conversations = asked_back(assistant)
    assert conversations
    for conversation, promises, reply in conversations:
        for button in reply["buttons"][:-1]:
            answer = conversation.say(button["payload"])
            promises.check(answer)
            assert answer["metadata"]["answers"] == [names_by_title()[button["title"]]]


def test_none_of_these_asks_for_other_words(assistant: Assistant) -> None:
    conversations = asked_back(assistant)
    assert conversations
    for conversation, promises, _ in conversations:
        reply = conversation.say(NONE_OF_THESE)
        promises.check(reply)
        assert reply["metadata"]["kind"] == "deny"
        assert conversation.say("What is apheresis?")["metadata"]["answers"] == ["apheresis"]


def test_every_button_of_every_answer_gets_its_answer(assistant: Assistant) -> None:
    conversation = Conversation(assistant.url)
    wrong = {
        title: reply["metadata"]
        for title, name in names_by_title().items()
        if (reply := conversation.say(title))["metadata"].get("answers") != [name]
    }
    assert wrong == {}
