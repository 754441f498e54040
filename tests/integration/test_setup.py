"""What a newcomer reads when the set-up cannot go on (tools/setup.sh)."""

import os
import shutil
import subprocess
from importlib.util import cache_from_source, find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("sh", "dirname", "cat", "cut", "rm", "mkdir", "chmod")

WITHOUT_VENV = "exit 1"
# Makes an environment whose pip finds no network.
OFFLINE = """
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "no route to host"; exit 1\\n' >"$3/bin/python"
chmod +x "$3/bin/python"
"""
# Makes an environment in which pip "installs" a uv that neither finds nor gets a Python.
WITHOUT_PYTHON_3_10 = """
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit 0\\n' >"$3/bin/python"
printf '#!/bin/sh\\nexit 1\\n' >"$3/bin/uv"
chmod +x "$3/bin/python" "$3/bin/uv"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "path").mkdir()
    shutil.copy(ROOT / "tools/setup.sh", tmp_path / "tools")
    for name in (".python-version", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in NEEDED:
        found = shutil.which(name)
        assert found, f"{name} is not installed"
        (tmp_path / "path" / name).symlink_to(found)
    return tmp_path


def set_up(project: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [project / "tools/setup.sh", "run"],
        env={**os.environ, "PATH": str(project / "path")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("python3", "message"),
    [
        (None, "error: python3 is missing: install it"),
        (WITHOUT_VENV, "error: python3 cannot make virtual environments: install its venv module"),
        (OFFLINE, "error: uv could not be downloaded: check the network connection"),
        (WITHOUT_PYTHON_3_10, "error: Python 3.10 is not installed and could not be downloaded"),
    ],
)
def test_what_is_missing_is_one_line_that_says_what_to_do(project: Path, python3: str | None, message: str) -> None:
    if python3 is not None:
        executable = project / "path/python3"
        executable.write_text(f"#!/bin/sh\n{python3}\n")
        executable.chmod(0o755)
    outcome = set_up(project)
    assert outcome.returncode == 1
    (line,) = outcome.stderr.splitlines()
    assert line.startswith(message)


def test_an_up_to_date_environment_is_left_alone(project: Path) -> None:
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(shutil.which("sh") or "")
    names = ("tools/setup.sh", ".python-version", "pyproject.toml", "uv.lock")
    (project / ".venv/synced-run").write_text("".join((project / name).read_text() for name in names))
    assert set_up(project).stdout == ""


def test_what_is_installed_is_compiled() -> None:
    # Also where PYTHONDONTWRITEBYTECODE is set: a Rasa server starts in half the time then.
    spec = find_spec("rasa")
    assert spec is not None
    assert spec.origin is not None
    modules = list(Path(spec.origin).parent.rglob("*.py"))
    assert len(modules) > 200
    assert [module for module in modules if not Path(cache_from_source(str(module))).exists()] == []
