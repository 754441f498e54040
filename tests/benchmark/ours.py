"""This project as it is now, in a folder of its own, so that an edit during a long run changes nothing."""

import shutil
from pathlib import Path

FOLDERS = ("actions", "bot", "data")
FILES = ("config.yml", "credentials.yml", "domain.yml", "endpoints.yml")


def copy_project(root: Path, folder: Path) -> None:
    """Copies into ``folder`` what a Rasa server of the project in ``root`` reads."""
    for name in FOLDERS:
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(root / name, folder / name)
