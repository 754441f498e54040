"""Writes the comparison of the channels as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from tests.benchmark.channel.crowd import Storm, Tally
from tests.benchmark.channel.plan import ChannelPlan
from tests.benchmark.channel.samples import AFTER, CONNECTED, CUT, KILLED, READY, ChannelSamples
from tests.benchmark.channel.stock_page import NAME
from tests.benchmark.figures import p95
from tests.benchmark.report import QUICK_WARNING, number

COMMAND = "make bench"
MARK = "make bench, channels"
WIDGET, WITHOUT_DELAY, DELAYED = "our widget", "without its delay", "as it comes"
NOTHING = "not measured"

METHOD = """\
Behind both is the same Rasa configuration with the same trained model, conversation store (SQLite), locks and reply
composer; only the way to it differs. Ours: browser, website process, Rasa's web channel; every message is stored once
and the page reads the conversation from the database. Stock: browser, Rasa's own socketio channel in the Rasa process.
The sides take turns (rounds: {plan.rounds}), each alone on the machine, which they share with the visitors. Servers get
the variables that the product gives them (`OMP_NUM_THREADS=1`). The action server, which no answer needs, does not run.

- Browser: headless Chromium, clock in the page, from the click on "send" to the first frame that shows the reply. Ours
  is the demo page; {plan.browser_questions} questions in one conversation, each round. Stock is {name} on an empty
  page, put there as its README says. It shows an answer part by part and holds each part back for 0.8 to 3 s so that it
  looks typed; so it is measured as it comes ({plan.delayed_questions} questions a round), and with that delay set to 0.
  Its first part counts; ours shows the whole answer.
- Crowd: {plan.visitors} visitors connected at once, each with a conversation of their own and, for the website, an
  address of their own. Ours follow the widget's protocol (an open stream of events, messages with ids, its waiting
  times); stock ones speak socket.io's on a WebSocket from the start. Answered is when the whole answer is there; for
  stock, its last part. First at a reading pace ({pause} s between answer and next question), then without any pause,
  which shows what a full queue does: there, times are mostly waiting for Rasa.
- Doubled: the same text shown twice for one question. Stored: visitors' messages in the database for those sent.
- Storm: everybody asks, and when three tenths of the time that this takes have passed, all connections break. Visitors
  reconnect as their client does (ours: 0.5 to 1 s, then longer; socket.io: 0.5 to 1.5 s, then longer). Back is when the
  last one would hear a reply again. Then everybody asks once more, and reloads the page. "Website killed" is the
  same with `kill -9` of the website's process, started again as the launcher does; the time contains its start.

Not compared: session persistence of the stock channel. With python-socketio since 5.10 it delivers nothing (Rasa does
not await `enter_room`, RasaHQ/rasa#13027); so a stock visitor who reconnects is a new one, to whom nothing said before
belongs. To kill the process that holds the stock sockets would be to kill Rasa itself, model and all. Typing
indicators, receipts and the staff's side have no stock counterpart and are not in the load."""


def render_channels(ours: ChannelSamples, stock: ChannelSamples, machine: Mapping[str, str], plan: ChannelPlan) -> str:
    """The section of the report: figures, method and machine."""
    pause = f"{plan.pause[0]:g} to {plan.pause[1]:g}"
    parts = [
        "## The website's channel beside Rasa's socketio channel",
        QUICK_WARNING if plan.quick else f"Written by `{COMMAND}` (`python -m tests.benchmark channel`). Do not edit.",
        _browser_table(ours, stock),
        *(_table(title, rows) for title, rows in _crowd_tables(ours, stock, plan).items()),
        "### How the channels were measured\n\n" + METHOD.format(plan=plan, pause=pause, name=NAME),
        "### Machine of this part\n\n" + "\n".join(f"- {name}: {value}" for name, value in machine.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _browser_table(ours: ChannelSamples, stock: ChannelSamples) -> str:
    rows = ["| from sending to the reply on the screen | p50 | p95 |", "|---|---|---|"]
    named = {f"stock widget, {name}": times for name, times in stock.browser.items()}
    for name, times in {**ours.browser, **named}.items():
        rows.append(f"| {name} | {number(median(times))} ms | {number(p95(times))} ms |")
    return "\n".join(rows)


Row = tuple[str, Callable[[ChannelSamples], str]]


def _crowd_tables(
    ours: ChannelSamples, stock: ChannelSamples, plan: ChannelPlan
) -> dict[str, list[tuple[str, str, str]]]:
    def filled(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
        return [(name, value(ours), value(stock)) for name, value in rows]

    crowd = f"{plan.visitors} visitors at once, {plan.questions_each} questions each"
    return {
        f"{crowd}, at a reading pace": filled(_tally_rows(lambda side: side.paced)),
        f"{crowd}, without a pause": filled([*_tally_rows(lambda side: side.rush), *_COST]),
        "all connections cut at once": filled(_storm_rows(CUT)),
        "website killed": filled(_storm_rows(KILLED)),
        "resources": filled([*_memory_rows(), ("stored for each message sent", _stored)]),
    }


def _tally_rows(of: Callable[[ChannelSamples], Tally]) -> list[Row]:
    def milliseconds(value: Callable[[list[float]], float]) -> Callable[[ChannelSamples], str]:
        return lambda side: f"{number(value(of(side).milliseconds))} ms" if of(side).milliseconds else NOTHING

    return [
        ("answered", lambda side: f"{of(side).answered} of {of(side).asked}"),
        ("lost", lambda side: str(of(side).lost)),
        ("doubled", lambda side: str(of(side).doubled)),
        ("from sending to the answer, p50", milliseconds(median)),
        ("from sending to the answer, p95", milliseconds(p95)),
    ]


_COST: list[Row] = [
    ("answers a second", lambda side: number(side.rush.answered / side.rush.seconds)),
    ("processor time of the servers a question", lambda side: _each(side.processor, side)),
    ("processor time of the visitors a question", lambda side: _each(side.visitors_processor, side)),
]


def _each(seconds: float, side: ChannelSamples) -> str:
    return f"{number(seconds / side.rush.asked * 1000)} ms"


def _storm_rows(what: str) -> list[Row]:
    def of(show: Callable[[Sequence[Storm]], str]) -> Callable[[ChannelSamples], str]:
        return lambda side: show(side.storms[what]) if side.storms.get(what) else NOTHING

    return [
        ("questions on their way, answered in the end", of(_shown)),
        ("lost", of(lambda storms: str(sum(one.under_way - one.shown for one in storms)))),
        ("doubled", of(lambda storms: str(sum(one.doubled for one in storms)))),
        ("lines missing after a reload", of(_missing)),
        ("until the last visitor was back", of(lambda storms: f"{number(median(one.seconds for one in storms))} s")),
    ]


def _shown(storms: Sequence[Storm]) -> str:
    return f"{sum(one.shown for one in storms)} of {sum(one.under_way for one in storms)}"


def _missing(storms: Sequence[Storm]) -> str:
    counted = [one.missing for one in storms if one.missing is not None]
    return str(sum(counted)) if counted else "all: no history"


def _memory_rows() -> list[Row]:
    def of(stage: str) -> Callable[[ChannelSamples], str]:
        return lambda side: ", ".join(
            f"{name} {number(median(one[name] for one in side.memory[stage]))} MB" for name in side.memory[stage][0]
        )

    return [(f"memory {stage}", of(stage)) for stage in (READY, CONNECTED, AFTER)]


def _stored(side: ChannelSamples) -> str:
    return f"{side.stored} of {side.sent}"


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> str:
    lines = [f"| {title} | website | stock socketio |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {ours} | {stock} |" for name, ours, stock in rows)])
