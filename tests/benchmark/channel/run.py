"""The part of the benchmark that compares the channels, from beginning to end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmark.channel.browser import OURS, STOCK, STOCK_AT_ONCE
from tests.benchmark.channel.measure import ChannelSide, measure
from tests.benchmark.channel.plan import ChannelPlan
from tests.benchmark.channel.report import DELAYED, WIDGET, WITHOUT_DELAY
from tests.benchmark.channel.servers import open_files, our_servers, stock_servers
from tests.benchmark.channel.socket_visitor import SocketVisitor
from tests.benchmark.channel.stock_page import fetch_widget, stock_page
from tests.benchmark.channel.web_visitor import WebVisitor
from tests.servers import serving

OPEN_FILES = 8192


def compare_channels(
    plan: ChannelPlan, project: Path, scratch: Path, model: Path, questions: Sequence[str]
) -> list[ChannelSide]:
    """Measures both sides.

    Args:
        project: folder with a copy of this project.
        scratch: folder for databases.
        model: the trained model of both.

    Raises:
        BenchmarkError, LauncherError: a side did not do its work.
    """
    open_files(OPEN_FILES)
    script = fetch_widget()

    @contextmanager
    def stock_pages(url: str) -> Iterator[str]:
        with serving(stock_page(script, url)) as port:
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def our_pages(url: str) -> Iterator[str]:
        yield url

    sides = [
        ChannelSide(
            "website",
            lambda: our_servers(project, scratch / "website", model),
            our_pages,
            {WIDGET: (OURS, plan.browser_questions)},
            WebVisitor,
            killed=True,
        ),
        ChannelSide(
            "stock socketio",
            lambda: stock_servers(project, scratch / "stock", model),
            stock_pages,
            {
                WITHOUT_DELAY: (STOCK_AT_ONCE, plan.browser_questions),
                DELAYED: (STOCK, plan.delayed_questions),
            },
            lambda number, url, session: SocketVisitor(url, session),
            killed=False,
        ),
    ]
    measure(sides, plan, questions)
    return sides
