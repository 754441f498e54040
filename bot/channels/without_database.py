"""What may be said to a message while nothing can be stored, and nobody knows what was said before.

The message is understood by itself. An emergency or a crisis always gets its card. A question that stands alone gets
its answer, unless people may be in the conversation, or a request is being made: that is as this process saw it last.
Everything else is told that it was not stored.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.turn_io import Utterance, compose
from bot.channels.without_actions import NOT_NOW, response_without_actions
from bot.domain.alert import ALARMS
from bot.nlu.understanding.follow_up import refers_back

UNAVAILABLE = "utter_unavailable"
MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class Understood:
    """A message, understood by itself.

    Attributes:
        message: with intent and parse data, as a tracker has it.
    """

    message: UserUttered

    @classmethod
    def not_at_all(cls) -> "Understood":
        """What is no text."""
        return cls(UserUttered())

    @property
    def is_alarm(self) -> bool:
        """Whether it is an emergency or a crisis."""
        return self.message.intent_name in ALARMS

    def response(self, may_answer: bool) -> str:
        """Name of the response that is safe to give.

        Args:
            may_answer: nobody but the bot is in the conversation, as far as is known.
        """
        if self.is_alarm:
            return f"utter_{self.message.intent_name}"
        if not may_answer or refers_back(self.message.text or ""):
            return UNAVAILABLE
        response = response_without_actions(self.message)
        return UNAVAILABLE if response == NOT_NOW else response


async def understand(agent: Agent, message: UserMessage) -> Understood:
    """Understands a message as the first of a conversation."""
    parsed = await agent.processor.parse_message(message, _tracker(agent, message))
    return Understood(UserUttered(message.text, parsed["intent"], parsed["entities"], parsed))


async def replies_without_database(
    agent: Agent, message: UserMessage, understood: Understood, may_answer: bool
) -> Sequence[Utterance]:
    """What is safe to say: ``text``, ``buttons`` and ``metadata`` each."""
    response = understood.response(may_answer)
    tracker = _tracker(agent, message, understood.message)
    reply = await compose(agent, response, tracker, message.input_channel or "")
    return [{key: reply[key] for key in ("text", "buttons", "metadata") if reply.get(key)}]


def _tracker(agent: Agent, message: UserMessage, *events: UserUttered) -> DialogueStateTracker:
    slots = agent.domain.slots if agent.domain else []
    return DialogueStateTracker.from_events(message.sender_id, list(events), slots)


class Accompanied:
    """Conversations that people were in, or in which a request was being made, when this process last saw them.

    A hint for the time when the database cannot be asked, and nothing that anybody relies on.
    """

    def __init__(self) -> None:
        self._conversations: OrderedDict[str, None] = OrderedDict()

    def note(self, conversation: str, accompanied: bool) -> None:
        """As it is seen now."""
        self._conversations.pop(conversation, None)
        if accompanied:
            self._conversations[conversation] = None
        if len(self._conversations) > MOST_REMEMBERED:
            self._conversations.popitem(last=False)

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._conversations
