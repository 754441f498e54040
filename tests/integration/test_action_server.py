"""The real action server: who may call it, and what one visitor's message does to another's."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.launcher.processes import Processes
from bot.launcher.programs import programs
from bot.launcher.web import ask
from bot.settings import Settings
from tests.servers import KEY, free_port
from tests.survival import PATIENCE_SECONDS, until

ATTACK = "I'm Bo from " * 250
KIND, ASKED = "handoff_kind", "requested_slot"


@dataclass
class ActionServer:
    """The server as Rasa sees it."""

    settings: Settings
    database: Path
    log: Path

    def call(self, body: bytes, **headers: str) -> httpx.Response:
        """Posts to its webhook with Rasa's headers, or others."""
        own = {"Authorization": f"Bearer {self.settings.actions_key()}", "Content-Type": "application/json"}
        url = f"{self.settings.actions_url}/webhook"
        return httpx.post(url, content=body, headers={**own, **headers}, trust_env=False, timeout=PATIENCE_SECONDS)

    def run(self, action: str, sender: str, text: str, intent: str, **slots: Any) -> httpx.Response:
        """Rasa asks for an action after a message."""
        return self.call(call(action, sender, text, intent, **slots))


def call(action: str, sender: str, text: str, intent: str, **slots: Any) -> bytes:
    parsed = {"text": text, "intent": {"name": intent}}
    tracker = {
        "sender_id": sender,
        "slots": slots,
        "latest_message": parsed,
        "events": [{"event": "user", "text": text, "parse_data": parsed, "input_channel": "web"}],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return json.dumps({"next_action": action, "sender_id": sender, "tracker": tracker, "version": "3.6.21"}).encode()


@pytest.fixture(scope="module")
def server(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    folder = tmp_path_factory.mktemp("actions")
    database = Path(shutil.copy(migrated_file, folder / "assistant.db"))
    given = {"ACTIONS_PORT": str(free_port()), "SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{database}"}
    settings = Settings.read(given)
    program = next(each for each in programs(settings, Path("no model")) if each.name == "actions")
    with Processes(folder) as processes:
        child = processes.start(program.name, program.command, **{**program.environment, **given})
        until(lambda: ask(program.health)[0] == 200)
        yield ActionServer(settings, database, child.log)


BEGIN = call("validate_handoff_form", "v", "I want to enroll", "enroll")


def test_rasa_is_answered(server: ActionServer) -> None:
    assert server.call(BEGIN).json()["events"][-1]["value"] == "handoff_consent"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Authorization": ""}, "Only Rasa may call this."),
        ({"Authorization": "Bearer guessed"}, "Only Rasa may call this."),
        ({"Origin": "https://example.org"}, "Web pages may not call this."),
        ({"Sec-Fetch-Site": "cross-site"}, "Web pages may not call this."),
        ({"Content-Type": "text/plain"}, "The body must be JSON."),
        ({"Content-Type": ""}, "The body must be JSON."),
    ],
)
def test_nobody_else_is(server: ActionServer, headers: dict[str, str], reason: str) -> None:
    refused = server.call(BEGIN, **headers)
    assert (refused.status_code, refused.json()) == (403, {"error": reason})
    listed = httpx.get(f"{server.settings.actions_url}/actions", headers={"Authorization": ""}, trust_env=False)
    assert listed.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 500), (b'{"next_action": "validate_handoff_form", "tracker": {"words": "secret"}}', 500)],
)
def test_an_error_repeats_nothing_of_the_request(server: ActionServer, body: bytes, status: int) -> None:
    failed = server.call(body)
    assert failed.status_code == status
    assert list(failed.json()) == ["error"]
    assert "secret" not in failed.text + server.log.read_text(encoding="utf-8")


def test_a_visitor_who_has_to_wait_holds_up_nobody(server: ActionServer) -> None:
    writer = sqlite3.connect(server.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(server.run, "action_rate_handoff", "slow", "Rating: 5", "rate")
            for number in range(3):
                assert server.run("validate_handoff_form", f"quick-{number}", "I want to enroll", "enroll").is_success
            assert not waiting.done()
            # Rasa's turn ends, and with it the visitor's silence.
            assert waiting.result().json() == {"error": "TimeoutError"}
    finally:
        writer.rollback()
        writer.close()
    assert server.run("action_rate_handoff", "slow", "Rating: 5", "rate").is_success


def test_an_attack_in_the_form_is_answered_and_so_is_everybody_else(server: ActionServer) -> None:
    slots = {KIND: "enrollment", "handoff_consent": True, ASKED: "handoff_patient"}
    with ThreadPoolExecutor(8) as threads:
        attacks = [
            threads.submit(server.run, "validate_handoff_form", f"attacker-{number}", ATTACK, "lost", **slots)
            for number in range(6)
        ]
        other = threads.submit(server.run, "validate_handoff_form", "visitor", "my mother", "lost", **slots)
        assert other.result().json()["events"][-1]["value"] == "handoff_name"
        assert all(attack.result().is_success for attack in attacks)
