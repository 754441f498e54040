"""The table of the product's processes: adding one is adding an entry."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.launcher.blas import blas_environment
from bot.launcher.ports import Port
from bot.settings import LOOPBACK, Settings, reachable


@dataclass(frozen=True)
class Program:
    """A process of the product.

    Attributes:
        name: shown to the user; also names its log file.
        command: what to run.
        health: URL that answers 200 once the process can serve.
        liveness: URL that answers as long as the process is not stuck, whatever else is away.
        port: what it listens on.
        addresses: for people, by what they find there.
        environment: variables of its own.
    """

    name: str
    command: tuple[str, ...]
    health: str
    liveness: str
    port: Port
    addresses: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def programs(settings: Settings, model: Path) -> list[Program]:
    """Every process that the product has."""
    workers = [_rasa(settings, model, number) for number in range(settings.rasa_workers)]
    return [_actions(settings), *workers, _website(settings)]


def _actions(settings: Settings) -> Program:
    return Program(
        name="actions",
        command=(sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port)),
        health=f"{settings.actions_url}/health",
        liveness=f"{settings.actions_url}/health",
        port=Port("ACTIONS_PORT", LOOPBACK, settings.actions_port),
        # rasa_sdk listens everywhere unless it is told otherwise here.
        environment={"SANIC_HOST": LOOPBACK, "OMP_NUM_THREADS": "1"},
    )


def _rasa(settings: Settings, model: Path, number: int) -> Program:
    port, url = settings.rasa_port + number, settings.rasa_urls[number]
    command = (
        *(sys.executable, "-m", "bot.lean_rasa", "run", "--model", str(model)),
        *("--credentials", "credentials.yml", "--endpoints", "endpoints.yml"),
        *("-i", LOOPBACK, "-p", str(port)),
    )
    return Program(
        name=f"rasa-{number + 1}" if number else "rasa",
        command=command,
        health=f"{url}/webhooks/rest/",
        liveness=f"{url}/",
        port=Port(f"RASA_PORT+{number}" if number else "RASA_PORT", LOOPBACK, port),
        environment={
            "ACTIONS_URL": f"{settings.actions_url}/webhook",
            "ACTIONS_KEY": settings.actions_key(),
            # One message is little work: threads that share it cost more than they save, and two servers would fight.
            "OMP_NUM_THREADS": "1",
            **blas_environment(),
        },
        addresses={} if number else {"REST channel": f"{url}/webhooks/rest/webhook"},
    )


def _website(settings: Settings) -> Program:
    url = f"http://{reachable(settings.host)}:{settings.web_port}"
    return Program(
        name="website",
        command=(sys.executable, "-m", "bot.website"),
        health=f"{url}/healthz",
        liveness=f"{url}/livez",
        port=Port("WEB_PORT", settings.host, settings.web_port),
        addresses={"Chat": f"{url}/", "Console": f"{url}/console"},
    )
