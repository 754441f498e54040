"""Plays the conversations of the YAML files beside it with the trained assistant."""

import pytest

from bot.content.catalogue import read_yaml
from tests.assistant import Conversation, Reply
from tests.conftest import Assistant
from tests.conversations.promises import DOMAIN, Promises
from tests.conversations.script import Script, Step, scripts

SCRIPTS = list(scripts())
# Part of other replies, sent only when the assistant is broken, or tested on its own (test_did_you_mean.py).
NOT_IN_SCRIPTS = {"notice", "unavailable", "did_you_mean"}


@pytest.mark.model
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_conversation(script: Script, assistant: Assistant) -> None:
    conversation, promises = Conversation(assistant.url), Promises()
    reply: Reply = {}
    for step in script.steps:
        reply = conversation.say(_message(step, reply))
        _check(step, reply)
        promises.check(reply)


def test_every_kind_of_reply_is_in_a_script() -> None:
    kinds = {name.removeprefix("utter_") for name in read_yaml(DOMAIN)["responses"]}
    assert kinds - NOT_IN_SCRIPTS <= {step.kind for script in SCRIPTS for step in script.steps if step.is_kind}


def _message(step: Step, last: Reply) -> str:
    return str(last["buttons"][step.click - 1]["payload"]) if step.click else step.say


def _check(step: Step, reply: Reply) -> None:
    metadata, text = reply["metadata"], reply["text"]
    titles = [button["title"] for button in reply.get("buttons", [])]
    assert (metadata["kind"] == step.kind) == step.is_kind, reply
    if step.names:
        assert tuple(metadata["answers"]) == step.names
    assert [words for words in step.says if words not in text] == []
    assert [words for words in step.lacks if words.lower() in text.lower()] == []
    assert tuple(titles[: len(step.buttons)]) == step.buttons
