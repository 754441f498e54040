"""Plays the conversations of the YAML files beside it with the trained assistant."""

import pytest

from bot.content.catalogue import read_yaml
from tests.assistant import Conversation, Reply
from tests.conftest import Assistant
from tests.conversations.promises import DOMAIN, Promises
from tests.conversations.script import Script, Step, scripts

SCRIPTS = list(scripts())
# Part of other replies, sent only when the assistant is broken, or tested on their own: test_did_you_mean.py,
# test_active.py, tests/unit/test_handoff_ends.py, tests/integration/test_messaging_apps.py.
NOT_IN_SCRIPTS = {
    *("notice", "unavailable", "not_now", "did_you_mean", "text_only", "choose_by_number", "handoff_waiting_closed"),
    *("staff_joined", "staff_transferred", "staff_released", "handoff_resolved", "thanks_for_rating"),
    *(
        "slow_down",
        "cannot_wait",
        "cannot_wait_crisis",
        "in_emergency",
        "in_short",
        "words_explained",
        "asked_again",
        "detail_may_be_missing",
        "draft_translation",
    ),
}


@pytest.mark.model
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_conversation(script: Script, assistant: Assistant) -> None:
    conversation, promises = Conversation(assistant.url), Promises()
    replies: list[Reply] = [{}]
    for step in script.steps:
        replies = conversation.replies(_message(step, replies[-1]))
        _check(step, replies)
        for reply in replies:
            promises.check(reply)


def test_every_kind_of_reply_is_in_a_script() -> None:
    steps = [step for script in SCRIPTS for step in script.steps]
    asked, said = {step.asks for step in steps}, {step.kind for step in steps if step.is_kind}
    kinds = {
        name.removeprefix("utter_")
        for name, variants in read_yaml(DOMAIN)["responses"].items()
        if variants[0].get("metadata", {}).get("ask") not in asked
    }
    assert kinds - NOT_IN_SCRIPTS <= said


def _message(step: Step, last: Reply) -> str:
    return str(last["buttons"][step.click - 1]["payload"]) if step.click else step.say


def _check(step: Step, replies: list[Reply]) -> None:
    text = "\n\n".join(reply["text"] for reply in replies)
    titles = [button["title"] for button in replies[-1].get("buttons", [])]
    if step.asks:
        *replies, question = replies
        assert question["metadata"].get("ask") == step.asks, question
    if step.kind:
        (reply,) = replies
        assert (reply["metadata"]["kind"] == step.kind) == step.is_kind, reply
        if step.names:
            assert tuple(reply["metadata"]["answers"]) == step.names
    else:
        assert replies == []
    assert [words for words in step.says if words not in text] == []
    assert [words for words in step.lacks if words.lower() in text.lower()] == []
    assert tuple(titles[: len(step.buttons)]) == step.buttons
