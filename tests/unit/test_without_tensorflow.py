"""The action server starts without TensorFlow (actions/__init__.py); test_lean_rasa.py has the Rasa server."""

import subprocess
import sys

import pytest

# Importing TensorFlow takes ten seconds: that somebody asks for it is enough to know.
SPY = """
import sys

class Spy:
    def find_spec(name, path=None, target=None):
        if name == "tensorflow":
            print("asked for")
            raise ImportError(name)

sys.meta_path.insert(0, Spy)
"""


@pytest.mark.parametrize(
    ("modules", "asked"),
    [
        ("actions.validate_handoff_form", ""),
        # When this fails, thinc no longer imports it, and actions/__init__.py need not keep it away.
        ("spacy", "asked for"),
        # Only spaCy is kept from it.
        ("actions.validate_handoff_form, tensorflow", "asked for"),
    ],
)
def test_tensorflow_is_asked_for_by(modules: str, asked: str) -> None:
    script = f"{SPY}\nimport {modules}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == asked
