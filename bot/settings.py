"""The only reader of the environment.

Every setting, its default and its meaning; docs/running.md lists them, and a test holds the two together.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRET_KEY_FILE = Path("var/secret.key")


# The Rasa server's REST door trusts its callers: it never listens anywhere else.
LOOPBACK = "127.0.0.1"


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what is expected."""


@dataclass(frozen=True)
class Settings:
    """Settings of every process.

    Attributes:
        database_url: SQLAlchemy URL of the one database (DATABASE_URL).
        host: address that the website listens on (HOST).
        rasa_port: port of the Rasa server (RASA_PORT).
        web_port: port of the website and, later, the staff console (WEB_PORT).
        max_message_length: characters of a message that are read (MAX_MESSAGE_LENGTH).
        secret_key: signs the visitors' tokens; empty for one that is made and kept (SECRET_KEY).
        actions_port: port of the action server (ACTIONS_PORT).
        public_url: where people reach the website, for links; empty for this machine (PUBLIC_URL).
        allowed_origins: websites that may show the widget, such as https://example.org; "*" for any (ALLOWED_ORIGINS).
    """

    database_url: str
    host: str
    rasa_port: int
    web_port: int
    max_message_length: int
    secret_key: str = field(default="", repr=False)
    actions_port: int = 5055
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()

    @property
    def rasa_url(self) -> str:
        """Where the website finds the Rasa server, which listens on loopback only."""
        return f"http://{LOOPBACK}:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where Rasa finds the action server, which listens on loopback only."""
        return f"http://{LOOPBACK}:{self.actions_port}"

    @property
    def website_url(self) -> str:
        """Where people reach the website, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.web_port}"

    def internal_key(self) -> str:
        """What the website shows to Rasa's web channel, so that nobody else on the machine writes as a visitor.

        Raises:
            SettingsError: as ``signing_key``.
        """
        return hmac.new(self.signing_key().encode(), b"web channel", hashlib.sha256).hexdigest()

    def signing_key(self) -> str:
        """The key that signs tokens: ``secret_key``, or else a random one kept in var/secret.key.

        Raises:
            SettingsError: when the file cannot be written or read.
        """
        return self.secret_key or _kept_key(SECRET_KEY_FILE)

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Reads the environment.

        Raises:
            SettingsError: when a value cannot be used.
        """
        given = os.environ if environment is None else environment
        database_url = given.get("DATABASE_URL") or "sqlite:///var/assistant.db"
        if "://" not in database_url:
            raise SettingsError(
                "DATABASE_URL must look like postgresql://user:password@host/name or sqlite:///path/to/file.db."
            )
        if database_url.startswith("sqlite:///"):
            Path(database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        return cls(
            database_url=database_url,
            host=given.get("HOST") or LOOPBACK,
            rasa_port=_number(given, "RASA_PORT", 5005, 1, 65535),
            web_port=_number(given, "WEB_PORT", 8080, 1, 65535),
            max_message_length=_number(given, "MAX_MESSAGE_LENGTH", 3000, 200, 10000),
            secret_key=_secret(given),
            actions_port=_number(given, "ACTIONS_PORT", 5055, 1, 65535),
            public_url=_url(given, "PUBLIC_URL"),
            allowed_origins=_origins(given, "ALLOWED_ORIGINS"),
        )


def environment_with(**variables: str) -> dict[str, str]:
    """This process's environment with more variables, for a child process."""
    return {**os.environ, **variables}


def _number(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = given.get(name)
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _url(given: Mapping[str, str], name: str) -> str:
    text = (given.get(name) or "").strip().rstrip("/")
    if text and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", text):
        raise SettingsError(f"{name} must look like https://example.org, not {text!r}.")
    return text


def _origins(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    origins = tuple(text.rstrip("/") for text in re.split(r"[,\s]+", given.get(name) or "") if text)
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
            raise SettingsError(f"{name} must list origins such as https://example.org, not {origin!r}.")
    return origins


def _secret(given: Mapping[str, str]) -> str:
    secret = given.get("SECRET_KEY") or ""
    if secret and len(secret) < 32:
        raise SettingsError("SECRET_KEY must have at least 32 characters: try `openssl rand -hex 32`.")
    return secret


def _kept_key(path: Path) -> str:
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
