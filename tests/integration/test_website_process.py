"""``python -m bot.website`` as a process, and the key that it signs with."""

import os
import stat
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.settings import SECRET_KEY_FILE, Settings, SettingsError
from bot.widget.tokens import VisitorTokens
from tests.servers import KEY, free_port, serving
from tests.website import FakeRasa

ROOT = Path(__file__).parents[2]


def start(folder: Path, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot.website"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stderr=subprocess.PIPE,
        text=True,
    )


def tokens(key: str) -> VisitorTokens:
    return VisitorTokens(key, lambda: datetime.now(timezone.utc))


def test_the_process_serves_the_website_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    upgrade(f"sqlite:///{tmp_path}/assistant.db")
    store = Store.open(f"sqlite:///{tmp_path}/assistant.db")
    with serving(FakeRasa(store).app) as rasa_port:
        process = start(tmp_path, WEB_PORT=str(port), RASA_PORT=str(rasa_port), DATABASE_URL=str(store.engine.url))
        with process:
            assert process.stderr is not None
            assert any("Uvicorn running" in line for line in process.stderr)
            health = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            token = httpx.post(f"http://127.0.0.1:{port}/chat/session", trust_env=False).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            # A browser that listens does not keep it from stopping.
            with httpx.stream(
                "GET", f"http://127.0.0.1:{port}/chat/events", headers=headers, trust_env=False
            ) as stream:
                process.terminate()
                stream.read()
            said = process.stderr.read()
    store.engine.dispose()
    assert health.status_code == 200
    assert "Traceback" not in said
    assert "timeout graceful shutdown exceeded" not in said


def test_a_wrong_setting_is_said_in_one_line(tmp_path: Path) -> None:
    process = start(tmp_path, SECRET_KEY="short")
    _, said = process.communicate()
    assert process.returncode == 2
    assert said.startswith("SECRET_KEY must have")
    assert len(said.splitlines()) == 1


def test_a_page_of_the_guide_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    page = tmp_path / "data/pages/steps.yml"
    page.parent.mkdir(parents=True)
    page.write_text("title: Steps\n")
    process = start(tmp_path, SECRET_KEY=KEY)
    _, said = process.communicate()
    assert process.returncode == 2
    assert said == "data/pages/steps.yml: `lead` is missing.\n"


def test_without_a_setting_a_private_key_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = Settings.read({}).signing_key(), Settings.read({}).signing_key()
    assert first == second
    assert len(first) == 64
    assert stat.S_IMODE(SECRET_KEY_FILE.stat().st_mode) == 0o600
    assert [path.name for path in SECRET_KEY_FILE.parent.iterdir()] == [SECRET_KEY_FILE.name]
    assert tokens(second).visitor(tokens(first).issue())


def test_the_key_from_the_environment_is_used_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.read({"SECRET_KEY": KEY})
    assert settings.signing_key() == KEY
    assert KEY not in repr(settings)
    assert not SECRET_KEY_FILE.exists()


def test_a_key_file_that_cannot_be_written_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SECRET_KEY_FILE.parent.write_text("a file where the folder should be")
    settings = Settings.read({"DATABASE_URL": "postgresql://host/name"})
    with pytest.raises(SettingsError, match="set SECRET_KEY instead"):
        settings.signing_key()
