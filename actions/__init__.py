"""Rasa's action server: what asks and writes for a visitor's request. One action a file."""

import sys

# spaCy's thinc imports TensorFlow, for layers that nobody here uses, wherever it finds it, and Rasa has brought it:
# 375 MB and most of the start. tests/unit/test_without_tensorflow.py notices when thinc stops.
if "tensorflow" not in sys.modules:
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import spacy  # noqa: F401

    del sys.modules["tensorflow"]
