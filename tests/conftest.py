"""What holds for every test: where a run must be complete (CI=true), a test that did not run fails it.

And the one assistant that all tests share, because it takes half a minute to start.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.lean_rasa.stand_ins import install
from tests.assistant import running_rasa

NOT_RUN = ("skipped", "xfailed", "xpassed")

# Rasa as the product runs it: TensorFlow alone takes many seconds to import, in every run of any test.
install()


@dataclass(frozen=True)
class Assistant:
    """The running assistant.

    Attributes:
        url: of its REST webhook.
        folder: of its database and log.
    """

    url: str
    folder: Path

    @property
    def database_url(self) -> str:
        """Its conversations, as an SQLAlchemy URL."""
        return f"sqlite:///{self.folder}/assistant.db"

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.folder / "rasa.log"


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The trained model in a real Rasa server."""
    folder = tmp_path_factory.mktemp("assistant")
    with running_rasa(folder) as url:
        yield Assistant(url, folder)


def _not_run(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":
        return []
    return [report.nodeid for outcome in NOT_RUN for report in reporter.stats.get(outcome, [])]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = _not_run(config)
    if names:
        terminalreporter.section("tests that should have run", red=True)
        terminalreporter.write_line("\n".join(names))


# The cheap layers first. The browser tests last for another reason too: playwright keeps an event loop running in the
# main thread while its browser is open, and asyncio.run() refuses to start beside it.
LAYERS = ("unit", "content", "integration", "conversations", "e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: max((LAYERS.index(name) for name in item.path.parts if name in LAYERS), default=0))
