"""What ``python -m bot run``, ``train`` and ``shell`` do, and the exit code of each outcome."""

import os
import sys
from collections.abc import Callable, Sequence

from bot.content.catalogue import ContentError
from bot.launcher.database import first_admin_link, prepare_database
from bot.launcher.errors import Interrupted, LauncherError
from bot.launcher.ports import check_ports
from bot.launcher.processes import Processes
from bot.launcher.programs import Program, programs
from bot.launcher.shell import chat
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start, watch
from bot.launcher.training import LOGS, MODELS, ensure_model
from bot.launcher.yaml_files import check_yaml
from bot.settings import Settings, SettingsError

FAILED, MISTAKE, INTERRUPTED = 1, 2, 130


def run() -> None:
    """Trains if needed, starts everything and stays until a stop is requested."""
    settings = Settings.read()
    check_yaml()
    check_ports([program.port for program in programs(settings, MODELS)])
    prepare_database(settings)
    stop = StopRequest().listen()
    with Processes(LOGS) as processes:
        try:
            serve(programs(settings, ensure_model(processes, stop)), processes, stop, first_admin_link(settings))
        except Interrupted:
            pass
        finally:
            if processes.children:
                print("\nStopping ...", flush=True)


def serve(table: Sequence[Program], processes: Processes, stop: StopRequest, welcome: str | None = None) -> None:
    """Starts the programs, prints their addresses and watches them."""
    start(table, processes, stop)
    addresses = [(what, url) for program in table for what, url in program.addresses.items()]
    width = max(len(what) for what, _ in addresses)
    print()
    for what, url in addresses:
        print(f"  {what:<{width}}  {url}")
    if welcome:
        print("\n  Nobody can sign in to the console yet. Choose the first admin's password here (once, in 24 hours):")
        print(f"  {welcome}")
    print(f"\nLogs are in {LOGS}. Ctrl-C stops everything.", flush=True)
    watch(table, processes, stop)


def migrate() -> None:
    """Brings the database to the newest version."""
    prepare_database(Settings.read())
    print("The database is up to date.")


def train() -> None:
    """Trains if needed and says which model is current."""
    check_yaml()
    with Processes(LOGS) as processes:
        print(f"The model is {ensure_model(processes, StopRequest().listen())}.")


def shell() -> None:
    """Chats with the assistant that runs."""
    chat(Settings.read().rasa_url)


COMMANDS: dict[str, Callable[[], None]] = {"run": run, "migrate": migrate, "train": train, "shell": shell}


def main(arguments: Sequence[str]) -> int:
    """Runs a command; ``run`` when none is given.

    Returns:
        0, or 1 when something failed, 2 for a mistake in a setting, a file or the command line,
        130 when interrupted.
    """
    # Conversations, logs and keys are nobody else's on this machine; every process that is started inherits it.
    os.umask(0o077)
    name = arguments[0] if arguments else "run"
    if name not in COMMANDS or len(arguments) > 1:
        return _complain(f"usage: python -m bot [{'|'.join(COMMANDS)}]", MISTAKE)
    try:
        COMMANDS[name]()
    except (SettingsError, ContentError) as error:
        return _complain(f"error: {error}", MISTAKE)
    except LauncherError as error:
        return _complain(f"error: {error}", FAILED)
    except Interrupted:
        return _complain("Stopped before it was done.", INTERRUPTED)
    return 0


def _complain(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
