"""A key that nobody set: made once at random and kept in a file."""

import os
import secrets
import tempfile
from pathlib import Path

from bot.settings.errors import SettingsError

SECRET_KEY_FILE = Path("var/secret.key")


def kept_key(path: Path) -> str:
    """The key in the file, which is made when there is none.

    Raises:
        SettingsError: the file cannot be written or read.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _create_key(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"{path} cannot be used ({error.strerror}): set SECRET_KEY instead.") from error


def _create_key(path: Path) -> None:
    # Written apart and linked into place: a process that starts at the same time never reads half a key.
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)
