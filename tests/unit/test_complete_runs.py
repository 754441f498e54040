import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PASSES = "def test_passes():\n    pass\n"
SKIPS = "import pytest\n\ndef test_left_out():\n    pytest.skip('no reason')\n"


def run(folder: Path, tests: str, ci: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(ROOT / "tests/conftest.py", folder)
    (folder / "test_something.py").write_text(tests)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, str(folder)],
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_skipped_test_fails_a_complete_run_by_name(tmp_path: Path) -> None:
    outcome = run(tmp_path, PASSES + SKIPS, ci="true")
    assert outcome.returncode == 1
    assert "test_something.py::test_left_out" in outcome.stdout


@pytest.mark.parametrize(("tests", "ci"), [(PASSES, "true"), (PASSES + SKIPS, "")])
def test_other_runs_pass(tmp_path: Path, tests: str, ci: str) -> None:
    assert run(tmp_path, tests, ci).returncode == 0
