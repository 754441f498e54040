"""Trains a model when content or configuration changed (also ``make train``)."""

import os
import sys
import tempfile
import time
from pathlib import Path

from bot.launcher.blas import blas_environment
from bot.launcher.errors import TrainingFailed
from bot.launcher.fingerprint import LENGTH, fingerprint
from bot.launcher.logs import most_telling
from bot.launcher.processes import POLL_SECONDS, Child, Processes
from bot.launcher.progress import Progress
from bot.launcher.signals import StopRequest

MODELS = Path("models")
LOGS = Path("var/log")
KEPT_MODELS = 3


def ensure_model(processes: Processes, stop: StopRequest) -> Path:
    """The model that belongs to the current content, trained now if there is none yet.

    Raises:
        TrainingFailed: Rasa could not train; the message quotes its reason and names the log.
        Interrupted: a stop was requested meanwhile.
    """
    model = MODELS / f"{fingerprint()}.tar.gz"
    if model.exists():
        # The newest models are kept: one that is in use counts as new.
        os.utime(model)
    else:
        _train(model, processes, stop)
    _forget_old_models()
    return model


def _train(model: Path, processes: Processes, stop: StopRequest) -> None:
    MODELS.mkdir(exist_ok=True)
    progress = Progress("Training the model (content or configuration changed)")
    # Rasa writes elsewhere first: a half-written file never looks like a model.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=MODELS) as folder:
        name = model.name.removesuffix(".tar.gz")
        child = processes.start("train", train_command(name, folder), **blas_environment())
        try:
            while child.exit_code is None:
                stop.check()
                progress.tick()
                time.sleep(POLL_SECONDS)
            trained = Path(folder) / model.name
            if child.exit_code != 0 or not trained.exists():
                raise TrainingFailed(_reason(child))
        except BaseException:
            progress.broken_off()
            raise
        finally:
            processes.stop()
        os.replace(trained, model)
    progress.done()


def train_command(name: str, folder: str) -> list[str]:
    """Rasa's training, from scratch: its cache does not see changes in code that a component imports."""
    return [
        *(sys.executable, "-m", "bot.lean_rasa", "train", "--force", "--fixed-model-name", name, "--out", folder),
        # Translations (data/languages) are read by the components that need them.
        *("--config", "config.yml", "--domain", "domain.yml", "--data", "data/nlu", "data/stories"),
    ]


def _reason(child: Child) -> str:
    return f"The model could not be trained: {most_telling(child.output())} (all of it: {child.log})"


def _forget_old_models() -> None:
    pattern = "[0-9a-f]" * LENGTH + ".tar.gz"
    by_age = sorted(MODELS.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[KEPT_MODELS:]:
        path.unlink(missing_ok=True)
