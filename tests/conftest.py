"""What holds for every test: where a run must be complete (CI=true), a test that did not run fails it."""

import os

import pytest

NOT_RUN = ("skipped", "xfailed", "xpassed")


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
