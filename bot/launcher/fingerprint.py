"""What a model was trained from, as one name: the same contents, the same name, whatever the file times."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

# Everything that training reads, the code that it runs included.
TRAINED_FROM = (
    "config.yml",
    "domain.yml",
    "data",
    "bot/nlu",
    "bot/content/catalogue.py",
    "bot/content/languages.py",
    "bot/content/length.py",
    "uv.lock",
)
# The website reads these; an editor's change to them needs no training.
NOT_TRAINED_FROM = Path("data/pages")
LENGTH = 16


def fingerprint(root: Path = Path()) -> str:
    """Name of the model that belongs to the files under ``root``: 16 hexadecimal digits.

    A missing file counts as missing, so that adding it changes the name.
    """
    digest = hashlib.sha256()
    for path in _files(root):
        content = path.read_bytes()
        # Name and size go in as well: moving text from one file's end to the next one's start is a change.
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


def _files(root: Path) -> Iterator[Path]:
    for entry in TRAINED_FROM:
        path = root / entry
        if path.is_file():
            yield path
        else:
            yield from sorted(file for file in path.rglob("*") if file.is_file() and _counts(root, file))


def _counts(root: Path, file: Path) -> bool:
    if root / NOT_TRAINED_FROM in file.parents:
        return False
    return "__pycache__" not in file.parts and not file.name.startswith(".")
