"""Everything measured of one side's channel."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.benchmark.channel.crowd import Storm, Tally

READY, CONNECTED, AFTER = "when ready", "with everybody connected", "at the end"
CUT, KILLED = "connections cut", "website killed"


@dataclass
class ChannelSamples:
    """Of all rounds together.

    Attributes:
        browser: milliseconds of each question in a browser, by widget.
        rush: each next question at once.
        paced: at a reading pace.
        processor: seconds that the servers computed during the rush.
        storms: by what broke.
        memory: MB of each process, by stage; of each round.
        visitors_processor: seconds that the visitors themselves computed during the rush.
        sent: questions that the crowd asked, in all parts.
        stored: visitors' messages in the database because of them.
    """

    browser: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rush: Tally = field(default_factory=Tally)
    paced: Tally = field(default_factory=Tally)
    processor: float = 0.0
    visitors_processor: float = 0.0
    storms: dict[str, list[Storm]] = field(default_factory=lambda: defaultdict(list))
    memory: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    stored: int = 0
