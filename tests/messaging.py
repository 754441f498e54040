"""Messaging channels for tests: served over HTTP, with a bot that says what a test tells it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered

from bot.channels.facebook import FacebookChannel
from bot.channels.outbox import Outbox
from bot.channels.slack import SlackChannel
from bot.channels.telegram import TelegramChannel
from bot.channels.twilio import TwilioChannel
from bot.database.unit_of_work import Store
from tests.agents import FakeAgent, serving_channels
from tests.providers import Provider, running_providers
from tests.servers import KEY

ROOT = Path(__file__).parents[1]
CHANNELS = {
    "telegram": TelegramChannel,
    "twilio": TwilioChannel,
    "facebook": FacebookChannel,
    "slack": SlackChannel,
}
SECONDS_TO_WAIT = 60


class Bot(FakeAgent):
    """Has the words of domain.yml.

    Attributes:
        sends: it sends its replies to the message's channel too, as Rasa does.
        after_turn: called once after the next turn that is stored.
        pages: of the guide, that its replies name.
        says: replies to a message, each a text or a text with titles of buttons; others are answered "About: ...".
    """

    def __init__(self) -> None:
        super().__init__()
        responses = yaml.safe_load((ROOT / "domain.yml").read_text())["responses"]
        self.domain = self.tracker_store.domain = Domain.from_dict({"responses": responses})
        self.sends = False
        self.after_turn: Callable[[], object] = lambda: None
        self.says: dict[str, list[str | tuple[str, list[str]]]] = {}
        self.pages: list[dict[str, str]] = []

    def words(self, response: str) -> str:
        """A response's text."""
        return str(self.domain.responses[response][0]["text"])

    async def generate(self, response: str, *_: Any, **slots: Any) -> dict[str, Any]:
        """A response of domain.yml."""
        found = self.domain.responses[response][0]
        text = found["text"].format(**slots) if slots else found["text"]
        return {"text": text, "buttons": found.get("buttons") or [], "metadata": {"kind": response[6:]}}

    async def handle_message(self, message: UserMessage) -> None:
        """One turn, stored as Rasa does."""
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        text = message.text or ""
        self.answered.append(text)
        parsed = await self._parsed(message)
        metadata = message.metadata
        channel = message.input_channel
        tracker.update(UserUttered(text, parsed["intent"], None, parsed, None, channel, None, metadata), self.domain)
        for reply in self.says.get(text, [f"About: {text}"]):
            words, titles = (reply, []) if isinstance(reply, str) else reply
            buttons = [{"title": title, "payload": title} for title in titles]
            about = {"kind": "answer", "pages": self.pages}
            tracker.update(BotUttered(words, {"buttons": buttons}, {"metadata": about}), self.domain)
            if self.sends:
                await message.output_channel.send_response(
                    message.sender_id, {"text": words, "buttons": buttons, "metadata": about}
                )
        await self.tracker_store.save(tracker)
        after_turn, self.after_turn = self.after_turn, lambda: None
        after_turn()


@contextmanager
def connected(name: str, bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider whose webhook is served while the block runs."""
    with running_providers(name) as found:
        provider: Provider = found[name]
        for setting, value in {**provider.environment(), "SECRET_KEY": KEY}.items():
            monkeypatch.setenv(setting, value)
        channel = CHANNELS[name].from_credentials(None)
        with serving_channels(bot, channel, Outbox(channel.database)) as url:
            provider.url = url
            yield provider
        channel.store.engine.dispose()


def until(condition: Callable[[], bool]) -> None:
    """Waits for something that another process or thread does."""
    pause = Event()
    for _ in range(SECONDS_TO_WAIT * 20):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("It has not happened.")
