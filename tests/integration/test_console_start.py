"""How the console begins and what it says when the database is away."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.console.flash import Flashes
from bot.database.migrations import upgrade
from bot.settings import Settings
from bot.website.app import create_app
from tests.console import CSRF, PASSWORD, StaffClient, a_console, add_staff, new_store, signed_in
from tests.servers import KEY, free_port, serving
from tests.survival import until


def first_admin(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    url = f"sqlite:///{folder}/console.db"
    variables = {"DATABASE_URL": url, "SECRET_KEY": KEY, "PUBLIC_URL": "https://help.example.org"}
    command = [sys.executable, "-m", "bot.console.first_admin", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, check=False)


def test_a_command_prints_the_link_of_the_first_admin_and_of_who_is_locked_out(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    assert first_admin(tmp_path).stdout.startswith("https://help.example.org/console/welcome/")
    add_staff(store, "olga")
    assert first_admin(tmp_path, "olga").stdout.startswith("https://help.example.org/console/welcome/")
    nobody = first_admin(tmp_path, "nobody")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "has this login" in nobody.stderr
    store.engine.dispose()


def test_without_its_tables_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    outcome = first_admin(tmp_path)
    assert (outcome.returncode, outcome.stderr.count("\n")) == (2, 1)


def test_there_is_no_default_password(tmp_path: Path) -> None:
    with a_console(tmp_path) as desk, StaffClient(desk) as browser:
        for login, password in (("admin", "admin"), ("admin", ""), ("", ""), ("admin", PASSWORD)):
            assert browser.sign_in(login, password).status_code == 403


@pytest.fixture
def lost(tmp_path: Path) -> Settings:
    """Settings of a website whose database is away."""
    environment = {"RASA_PORT": str(free_port()), "SECRET_KEY": KEY, "RETENTION_DAYS": "0"}
    (tmp_path / "gone").mkdir()
    settings = Settings.read({**environment, "DATABASE_URL": f"sqlite:///{tmp_path}/gone/console.db"})
    (tmp_path / "gone").rmdir()
    return settings


def test_without_a_database_the_console_says_so_and_comes_back_by_itself(lost: Settings) -> None:
    with (
        serving(create_app(lost)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, headers={"Accept": "text/html"}) as browser,
    ):
        token = CSRF.findall(browser.get("/console/sign-in").text)[0]
        form = {"login": "olga", "password": PASSWORD, "csrf": token}
        response = browser.post("/console/sign-in", data=form)
        assert response.status_code == 503
        assert "The database does not answer." in response.text
        health = browser.get("/healthz")
        assert (health.status_code, health.json()) == (503, {"status": "database unreachable"})
        Path(lost.database_url.removeprefix("sqlite:///")).parent.mkdir()
        upgrade(lost.database_url)
        until(lambda: browser.get("/healthz").json() == {"status": "rasa unreachable"})
        assert browser.post("/console/sign-in", data=form).status_code == 403


def test_a_page_says_nothing_that_we_have_not_signed(tmp_path: Path) -> None:
    foreign = Flashes("another key that is as long as ours is")._serializer.dumps("Call this number")
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "anna")
        with signed_in(desk, "anna") as browser:
            for value in (foreign, "Call this number", ""):
                browser.cookies.set("flash", str(value), path="/console")
                assert "Call this number" not in browser.page("/console/account")
