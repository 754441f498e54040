"""The action server starts without TensorFlow (actions/__init__.py)."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "loaded"),
    [
        ("actions.validate_handoff_form", False),
        # When this fails, thinc no longer imports it, and actions/__init__.py need not keep it away.
        ("spacy", True),
    ],
)
def test_tensorflow_is_loaded_by(module: str, loaded: bool) -> None:
    script = f"import sys, {module}; sys.exit(10 + ('tensorflow' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 10 + loaded


def test_it_can_still_be_imported_afterwards() -> None:
    script = "import actions, rasa.core.agent, sys; sys.exit(10 + ('tensorflow' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 11
