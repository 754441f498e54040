import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.launcher import Project, alive, answers, wait_until


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    project.clean_up()


def test_the_first_start_trains_and_the_second_does_not(project: Project) -> None:
    for _ in range(2):
        process, output = project.start_until_ready()
        assert f"http://127.0.0.1:{project.web_port}/" in output
        assert f"http://127.0.0.1:{project.rasa_port}/webhooks/rest/webhook" in output
        process.send_signal(signal.SIGINT)
        process.wait()
    assert project.trainings() == 1


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_every_process_and_their_children(project: Project, asked_by: signal.Signals) -> None:
    process, _ = project.start_until_ready()
    process.send_signal(asked_by)
    assert process.wait() == 0
    wait_until(lambda: not any(alive(pid) for pid in project.rasa_pids()))
    assert not answers(project.web_port)
    assert not answers(project.rasa_port)


def test_no_process_outlives_a_killed_launcher(project: Project) -> None:
    process, _ = project.start_until_ready()
    process.kill()
    process.wait()
    wait_until(lambda: not any(alive(pid) for pid in project.rasa_pids()))
    wait_until(lambda: not answers(project.web_port))


def test_a_process_that_ends_is_started_again(project: Project) -> None:
    process, _ = project.start_until_ready()
    rasa, child = project.rasa_pids()
    os.kill(rasa, signal.SIGKILL)
    wait_until(lambda: answers(project.rasa_port) and project.rasa_pids()[0] != rasa)
    wait_until(lambda: not alive(child))
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 0
    assert "rasa ended by itself (exit code -9): starting it again" in output


def test_a_process_that_ends_again_and_again_takes_no_other_along(project: Project) -> None:
    process, _ = project.start_until_ready()
    project.behave("crash")
    os.kill(project.rasa_pids()[0], signal.SIGKILL)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    assert "rasa ended by itself (exit code -9): starting it again. " in lines[0]
    assert "rasa ended by itself (exit code 1): starting it again in 1 s. " in lines[1]
    assert "rasa ended by itself (exit code 1): starting it again in 2 s. " in lines[2]
    assert answers(project.web_port)
    assert answers(project.actions_port)
    project.behave("")
    assert process.stdout.readline() == "rasa answers again.\n"


def test_nobody_else_on_the_machine_reads_what_is_kept(project: Project) -> None:
    database = project.folder / "var/assistant.db"
    database.parent.mkdir()
    sqlite3.connect(database).close()
    database.chmod(0o644)
    process, _ = project.start_until_ready()
    kept = [file for file in (project.folder / "var").rglob("*") if file.is_file()]
    assert {"assistant.db", "secret.key", "rasa.log", "website.log", "actions.log"} <= {file.name for file in kept}
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in kept} == {file.name: "0o600" for file in kept}
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


@pytest.mark.parametrize("command", ["run", "migrate"])
@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('9999_new')"],
         "The database is of version 9999_new, which this release does not know: start the newer release"),
        (["CREATE TABLE moz_places (id INTEGER)"], "The database holds tables of another program (moz_places): set"),
        ([], "The database is damaged, or is none (file is not a database): put a backup in its place, or correct"),
    ],
    ids=["newer", "foreign", "damaged"],
)  # fmt: skip
def test_a_database_that_is_not_ours_is_one_line_and_stays_as_it_is(
    project: Project, command: str, statements: list[str], expected: str
) -> None:
    file = project.folder / "var/assistant.db"
    file.parent.mkdir()
    file.write_bytes(b"" if statements else b"This is a letter, and no database." * 100)
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    before = file.read_bytes()
    code, output = project.run(command)
    (line,) = output.splitlines()
    assert (code, line[: len(expected) + 7]) == (1, f"error: {expected}")
    tables = ["SELECT name FROM sqlite_master"] if statements else []
    with closing(sqlite3.connect(file)) as connection:
        assert [len(connection.execute(query).fetchall()) for query in tables] in ([], [1])
    assert statements or file.read_bytes() == before


def test_a_log_level_that_writes_down_what_visitors_say_is_refused(project: Project) -> None:
    code, output = project.run("run", LOG_LEVEL="debug")
    assert code == 2
    assert output.startswith("error: LOG_LEVEL must be INFO, WARNING, ERROR or CRITICAL, not 'DEBUG': below INFO")


def test_a_process_that_cannot_start_is_named_with_its_last_words(project: Project) -> None:
    project.behave("crash")
    code, output = project.run("run")
    assert code == 1
    assert "rasa ended by itself (exit code 1)" in output
    assert "the last words of rasa" in output


def test_a_failed_training_says_why_and_where_to_look(project: Project) -> None:
    project.behave("training fails")
    code, output = project.run("train")
    assert code == 1
    reason = "rasa.InvalidDomain: utter_x is missing: an Error (all of it: var/log/train.log)"
    assert output.splitlines()[-1] == f"error: The model could not be trained: {reason}"
    assert not list((project.folder / "models").iterdir())


def test_ctrl_c_while_training_ends_the_training(project: Project) -> None:
    project.behave("training hangs")
    process = project.start("train")
    pids = project.rasa_pids()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in output
    wait_until(lambda: not any(alive(pid) for pid in pids))


def test_changed_content_is_trained_and_three_models_are_kept(project: Project) -> None:
    for number in range(4):
        (project.folder / "data/nlu/questions.yml").write_text(f"version: '{number}'\n")
        assert project.run("train")[0] == 0
    assert project.trainings() == 4
    assert len(list((project.folder / "models").glob("*.tar.gz"))) == 3


@pytest.mark.parametrize("setting", ["RASA_PORT", "WEB_PORT"])
def test_a_taken_port_is_named_with_a_way_out(project: Project, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        code, output = project.run("run", **{setting: str(taken)})
    assert code == 1
    (line,) = output.splitlines()
    assert line.startswith(f"error: Port {taken} is taken: stop the other program")
    assert f"or set {setting}=" in line
    assert project.trainings() == 0


def test_one_port_for_two_is_refused(project: Project) -> None:
    code, output = project.run("run", WEB_PORT=str(project.rasa_port))
    assert (code, output) == (
        1,
        f"error: RASA_PORT and WEB_PORT are both {project.rasa_port}: give one another number.\n",
    )


def test_a_foreign_address_is_refused(project: Project) -> None:
    code, output = project.run("run", HOST="192.0.2.1")
    assert code == 1
    assert output.startswith("error: HOST=192.0.2.1 is not an address of this machine")


def test_broken_yaml_is_one_line_with_file_and_line(project: Project) -> None:
    (project.folder / "data/nlu/questions.yml").write_text("nlu:\n  - intent: 'unclosed\n")
    code, output = project.run("run")
    assert code == 2
    (line,) = output.splitlines()
    assert line.startswith("error: data/nlu/questions.yml line 3, column 1: not valid YAML")


def test_a_missing_file_is_named(project: Project) -> None:
    (project.folder / "config.yml").unlink()
    assert project.run("train") == (
        2,
        "error: config.yml is missing: restore it with `git checkout -- config.yml`.\n",
    )


def test_a_wrong_setting_is_one_line(project: Project) -> None:
    code, output = project.run("run", RASA_PORT="five")
    assert (code, output) == (
        2,
        "error: RASA_PORT must be a whole number from 1 to 65535, not 'five'.\n",
    )


def test_an_unknown_command_shows_the_known_ones(project: Project) -> None:
    assert project.run("fly") == (2, "usage: python -m bot [run|migrate|train|shell]\n")


def test_the_shell_needs_a_running_assistant(project: Project) -> None:
    code, output = project.run("shell")
    assert code == 1
    assert "start the assistant with `make run` in another terminal first" in output


def test_the_shell_shows_replies_and_sends_the_button_of_a_number(project: Project) -> None:
    project.start_until_ready()
    code, output = project.run("shell", typed="hello\n2\n9\nexit\n")
    assert code == 0
    assert "heard hello\n  1. First\n  2. Second\n" in output
    assert "heard two" in output
    assert "heard 9" in output
