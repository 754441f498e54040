"""A quick look at every YAML file, so that a slip is named in one line before Rasa stumbles over it."""

from pathlib import Path

import yaml

from bot.content.catalogue import ContentError, read_yaml

NEEDED = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml")


def check_yaml(root: Path = Path()) -> None:
    """Parses the configuration and content files.

    Raises:
        ContentError: a file is missing or is not valid YAML.
    """
    for path in [*(root / name for name in NEEDED), *sorted((root / "data").rglob("*.yml"))]:
        if not path.is_file():
            raise ContentError(f"{path} is missing: restore it with `git checkout -- {path}`.")
        if not _parses(path):
            read_yaml(path)


def _parses(path: Path) -> bool:
    # The C parser is twenty times faster; the other one explains better what is wrong.
    try:
        yaml.load(path.read_bytes(), yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return True
