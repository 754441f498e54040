import asyncio
import base64
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.benchmark.channel.crowd import Storm, Tally, all_ask, connect, storm, tally
from tests.benchmark.channel.plan import FULL, QUICK
from tests.benchmark.channel.report import MARK, render_channels
from tests.benchmark.channel.samples import AFTER, CONNECTED, CUT, KILLED, READY, ChannelSamples
from tests.benchmark.channel.socket_visitor import SocketVisitor
from tests.benchmark.channel.stock_page import SCRIPT, stock_page, unpacked
from tests.benchmark.channel.visitors import Asked
from tests.benchmark.channel.web_visitor import WebVisitor
from tests.benchmark.errors import WidgetMissing
from tests.benchmark.report import placed
from tests.servers import serving


class FakeVisitor:
    """Answers itself at once; whoever is deaf gets no answer to what was on its way when the connection broke."""

    def __init__(self, deaf: bool = False) -> None:
        self.asked: list[Asked] = []
        self.deaf = deaf
        self.cuts = 0
        self._broken = asyncio.Event()

    async def connect(self) -> None:
        pass

    async def ask(self, question: str) -> None:
        asked = Asked(0.0)
        self.asked.append(asked)
        if not self.cuts:
            await self._broken.wait()
            if self.deaf:
                return
        asked.hear(question, 0.5)

    def expect_cut(self) -> None:
        pass

    async def cut(self) -> None:
        self.cuts += 1
        self._broken.set()

    async def back(self) -> None:
        assert self.cuts

    async def missing(self) -> int | None:
        return None if self.deaf else 1

    async def leave(self) -> None:
        pass


def test_a_question_is_timed_to_the_last_part_of_its_answer() -> None:
    asked = Asked(sent=1.0)
    assert asked.milliseconds is None
    asked.hear("one", 1.2)
    asked.hear("two", 1.5)
    assert asked.milliseconds == pytest.approx(500)
    assert not asked.doubled


def test_the_same_text_twice_is_doubled() -> None:
    asked = Asked(0.0)
    asked.hear("one", 1.0)
    asked.hear("one", 2.0)
    assert asked.doubled


def test_answered_lost_and_doubled_are_counted() -> None:
    lost, once, twice = Asked(0.0), Asked(0.0), Asked(0.0)
    for asked in (once, twice, twice):
        asked.hear("words", 2.0)
    counted = tally([lost, once, twice], 7.0)
    assert (counted.asked, counted.answered, counted.lost, counted.doubled) == (3, 2, 1, 1)
    assert counted.milliseconds == [2000.0, 2000.0]
    both = counted + counted
    assert (both.asked, both.lost, both.seconds, len(both.milliseconds)) == (6, 2, 14.0, 4)


def test_everybody_asks_their_own_questions() -> None:
    async def crowd() -> tuple[Tally, list[FakeVisitor]]:
        visitors = [FakeVisitor(), FakeVisitor()]
        for visitor in visitors:
            await visitor.cut()
        await connect(visitors)
        return await all_ask(visitors, ["a", "b", "c"], 2), visitors

    counted, visitors = asyncio.run(crowd())
    assert (counted.asked, counted.answered) == (4, 4)
    assert [[asked.parts for asked in visitor.asked] for visitor in visitors] == [[["a"], ["b"]], [["c"], ["a"]]]


def test_a_storm_counts_what_was_on_its_way_and_what_a_reload_does_not_show() -> None:
    async def crowd(deaf: bool) -> Storm:
        return await storm([FakeVisitor(deaf), FakeVisitor(deaf)], ["a"], seconds_before=0)

    kept, dropped = asyncio.run(crowd(False)), asyncio.run(crowd(True))
    assert (kept.under_way, kept.shown, kept.missing) == (2, 2, 2)
    assert (dropped.under_way, dropped.shown, dropped.missing) == (2, 0, None)


class FakeWebsite:
    """The chat's API for one visitor: a stream that never ends, and answers that come with the message or by it.

    Attributes:
        refusals: statuses of the first messages; then they are taken.
    """

    def __init__(self) -> None:
        self.refusals: list[int] = []
        self.ids: list[str] = []
        self.addresses: set[str] = set()
        self.lines: list[dict[str, Any]] = []
        self.app = Starlette(
            routes=[
                Route("/chat/session", self._session, methods=["POST"]),
                Route("/chat/messages", self._message, methods=["POST"]),
                Route("/chat/events", self._events),
            ]
        )

    async def _session(self, request: Request) -> Response:
        self.addresses.add(request.headers["X-Forwarded-For"])
        return JSONResponse({"token": "t"})

    async def _message(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer t"
        message = await request.json()
        self.ids.append(message["id"])
        if self.refusals:
            return JSONResponse({"error": "not now"}, self.refusals.pop())
        first = len(self.lines)
        self.lines.append({"id": first + 1, "speaker": "visitor", "text": "?", "message_id": message["id"]})
        self.lines.append({"id": first + 2, "speaker": "bot", "text": "!", "message_id": None})
        return JSONResponse({"lines": self.lines[first:]})

    async def _events(self, request: Request) -> Response:
        after = int(request.query_params["after"])
        text = "".join(f"event: line\ndata: {_json(line)}\n\n" for line in self.lines if line["id"] > after)

        async def parts() -> AsyncIterator[str]:
            yield text + 'event: standing\ndata: {"state": null}\n\n'
            await asyncio.Event().wait()

        return StreamingResponse(parts(), media_type="text/event-stream")


def _json(value: object) -> str:
    return bytes(JSONResponse(value).body).decode()


@asynccontextmanager
async def a_web_visitor(port: int) -> AsyncIterator[WebVisitor]:
    """One who has connected."""
    async with aiohttp.ClientSession() as session:
        visitor = WebVisitor(258, f"http://127.0.0.1:{port}", session)
        await visitor.connect()
        try:
            yield visitor
        finally:
            await visitor.leave()


def test_a_visitor_of_the_website_sends_again_under_the_same_id_and_comes_back_after_a_cut() -> None:
    website = FakeWebsite()
    website.refusals = [503]

    async def visit(port: int) -> int | None:
        async with a_web_visitor(port) as visitor:
            await visitor.ask("a")
            visitor.expect_cut()
            await visitor.cut()
            await visitor.back()
            await visitor.ask("b")
            assert [asked.parts for asked in visitor.asked] == [["!"], ["!"]]
            return await visitor.missing()

    with serving(website.app) as port:
        assert asyncio.run(visit(port)) == 0
    assert website.addresses == {"10.0.1.2"}
    assert len(website.ids) == 3
    assert len(set(website.ids)) == 2


def test_a_line_that_a_reload_does_not_show_is_missing() -> None:
    website = FakeWebsite()

    async def visit(port: int) -> int | None:
        async with a_web_visitor(port) as visitor:
            await visitor.ask("a")
            website.lines.pop()
            return await visitor.missing()

    with serving(website.app) as port:
        assert asyncio.run(visit(port)) == 1


@asynccontextmanager
async def a_socket_server() -> AsyncIterator[str]:
    """The server library that Rasa's channel is made with, and a bot that answers in two parts; yields its URL."""
    sio = socketio.AsyncServer(async_mode="aiohttp")

    @sio.on("user_uttered")
    async def answer(sid: str, data: dict[str, str]) -> None:
        if data["message"] == "be silent":
            await asyncio.Event().wait()
        for part in ("one", "two"):
            await sio.emit("bot_uttered", {"text": f"{part} {data['message']}"}, room=sid)

    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await sio.shutdown()
        await runner.cleanup()


def test_a_visitor_of_the_stock_channel_hears_the_whole_answer_and_loses_what_a_cut_interrupts() -> None:
    async def visit() -> list[list[str]]:
        async with a_socket_server() as url, aiohttp.ClientSession() as session:
            visitor = SocketVisitor(url, session)
            await visitor.connect()
            await visitor.ask("a")
            interrupted = asyncio.create_task(visitor.ask("be silent"))
            await asyncio.sleep(0)
            visitor.expect_cut()
            await visitor.cut()
            await interrupted
            await visitor.back()
            await visitor.ask("b")
            await visitor.leave()
            return [asked.parts for asked in visitor.asked]

    assert asyncio.run(visit()) == [["one a", "two a"], [], ["one b", "two b"]]


def test_the_stock_widget_is_the_one_that_was_checked() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(SCRIPT)
        entry.size = 6
        archive.addfile(entry, io.BytesIO(b"script"))
    package = buffer.getvalue()
    checksum = base64.b64encode(hashlib.sha512(package).digest()).decode()
    assert unpacked(package, checksum) == b"script"
    with pytest.raises(WidgetMissing, match="checksum"):
        unpacked(package, "other")


def test_the_stock_page_has_the_widget_as_it_comes_and_without_its_delay() -> None:
    client = TestClient(stock_page(b"script", "http://127.0.0.1:1"))
    slow, fast = client.get("/").text, client.get("/fast").text
    assert 'socketUrl: "http://127.0.0.1:1"' in slow
    assert "customMessageDelay" not in slow
    assert "customMessageDelay: () => 0" in fast
    assert client.get("/webchat.js").content == b"script"


def measured(**storms: list[Storm]) -> ChannelSamples:
    """A side with a widget named like its storms."""
    samples = ChannelSamples(
        rush=Tally(10, 9, 1, 2, [100.0] * 9, 3.0), paced=Tally(10, 10, 0, 0, [50.0] * 10, 3.0), sent=20, stored=19
    )
    samples.storms.update(storms)
    samples.browser["it"] = [10.0, 20.0]
    samples.processor = 0.5
    for stage in (READY, CONNECTED, AFTER):
        samples.memory[stage] = [{"rasa": 800.0}, {"rasa": 900.0}]
    return samples


def test_the_report_shows_both_sides_and_says_what_was_not_measured() -> None:
    ours = measured(**{CUT: [Storm(9, 9, 0, 1.5, 0)], KILLED: [Storm(8, 8, 0, 7.0, 0)]})
    stock = measured(**{CUT: [Storm(9, 2, 0, 2.0, None)]})
    text = render_channels(ours, stock, {"processor": "abacus"}, FULL)
    assert "| it | 15.0 ms | 19.5 ms |" in text
    assert "| stock widget, it | 15.0 ms | 19.5 ms |" in text
    assert "| answered | 9 of 10 | 9 of 10 |" in text
    assert "| answers a second | 3.00 | 3.00 |" in text
    assert "| processor time of the servers a question | 50.0 ms | 50.0 ms |" in text
    assert "| questions on their way, answered in the end | 9 of 9 | 2 of 9 |" in text
    assert "| lost | 0 | 7 |" in text
    assert "| lines missing after a reload | 0 | all: no history |" in text
    assert "| until the last visitor was back | 7.00 s | not measured |" in text
    assert "| memory when ready | rasa 850 MB | rasa 850 MB |" in text
    assert "| stored for each message sent | 19 of 20 | 19 of 20 |" in text
    assert "- processor: abacus" in text
    assert "Quick run" not in text
    assert "Quick run" in render_channels(ours, stock, {}, QUICK)


def test_the_two_parts_of_the_report_replace_only_themselves() -> None:
    both = placed(placed("# Benchmarks\n", "pipelines"), "channels", MARK)
    again = placed(placed(both, "new channels", MARK), "new pipelines")
    assert again == both.replace("channels\n", "new channels\n").replace("pipelines\n", "new pipelines\n")
