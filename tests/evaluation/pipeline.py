"""The trained pipeline in this process: what it understands of thousands of messages, without a server."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot.nlu.safety.reading import signals_of
from bot.nlu.safety.rules import RuleMatcher, read_rules
from tests.evaluation.outcome import Outcome


class Pipeline:
    """A model, loaded once.

    Args:
        model: its file.
    """

    def __init__(self, model: Path) -> None:
        # Rasa writes every message to its log: nobody may see one of a set at first sight.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        self._processor = Agent.load(model).processor
        self._matcher = RuleMatcher(read_rules())

    def understand(self, texts: Sequence[str]) -> list[Outcome]:
        """What it makes of each text, as the first message of a conversation."""
        return [Outcome.of_understanding(parsed) for parsed in asyncio.run(self._parse(texts))]

    async def _parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [await self._processor.parse_message(UserMessage(text)) for text in texts]

    def has_sign(self, text: str) -> bool:
        """Whether the safety rules see a word, a symptom or a number in it that means danger."""
        signals = signals_of(text, self._matcher)
        return signals.dangerous_number or bool({"crisis", "red_flag"} & signals.meanings)
