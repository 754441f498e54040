"""Speaking outside a turn of Rasa's: the bot's own replies, staff's replies, and messages that nobody answers."""

from typing import Any

from rasa.core.actions.action import create_bot_utterance
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

Utterance = dict[str, Any]


async def compose(agent: Agent, response: str, tracker: DialogueStateTracker, channel: str, **slots: Any) -> Utterance:
    """A response of domain.yml, as ``bot/nlg`` composes it."""
    reply: Utterance | None = await agent.processor.nlg.generate(response, tracker, channel, **slots)
    if reply is None:
        raise KeyError(f"domain.yml has no response {response}")
    reply.setdefault("utter_action", response)
    return reply


async def say(agent: Agent, response: str, message: UserMessage) -> None:
    """Answers a message with a response, and stores that."""
    tracker = await agent.tracker_store.get_or_create_tracker(message.sender_id)
    reply = await compose(agent, response, tracker, message.input_channel)
    await store_reply(agent, tracker, reply)
    await message.output_channel.send_response(message.sender_id, dict(reply))


async def store_reply(agent: Agent, tracker: DialogueStateTracker, reply: Utterance) -> None:
    """Adds a reply to the transcript."""
    tracker.update(create_bot_utterance(dict(reply)), agent.domain)
    await agent.tracker_store.save(tracker)


async def store_message(agent: Agent, message: UserMessage) -> str:
    """Understands and stores a message that the bot does not answer; returns its intent."""
    tracker = await agent.tracker_store.get_or_create_tracker(message.sender_id)
    parsed = await agent.processor.parse_message(message, tracker)
    await _store_message(agent, tracker, message, parsed["intent"], parsed["entities"], parsed)
    return str(parsed["intent"]["name"])


async def store_unreadable(agent: Agent, message: UserMessage) -> None:
    """Stores that something came which cannot be understood, such as a picture."""
    tracker = await agent.tracker_store.get_or_create_tracker(message.sender_id)
    await _store_message(agent, tracker, message)


async def _store_message(agent: Agent, tracker: DialogueStateTracker, message: UserMessage, *understood: Any) -> None:
    uttered = UserUttered(
        message.text,
        *understood,
        input_channel=message.input_channel,
        message_id=message.message_id,
        metadata=message.metadata,
    )
    tracker.update(uttered, agent.domain)
    await agent.tracker_store.save(tracker)


def has_reply(tracker: DialogueStateTracker, reply_id: int) -> bool:
    """Whether the transcript has this reply already."""
    return any(
        (event.metadata.get("metadata") or {}).get("reply_id") == reply_id
        for event in reversed(tracker.events)
        if isinstance(event, BotUttered)
    )
