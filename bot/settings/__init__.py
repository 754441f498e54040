"""The only reader of the environment.

Every setting, its default and its meaning; docs/running.md lists them, and a test holds the two together.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.settings import apps, values
from bot.settings.apps import Facebook, Slack, Telegram, Twilio
from bot.settings.business_hours import Opening, business_hours
from bot.settings.errors import SettingsError
from bot.settings.keys import SECRET_KEY_FILE, kept_key
from bot.settings.mail import MailServer, mail_server

__all__ = ["LOOPBACK", "SECRET_KEY_FILE", "MailServer", "Opening", "Settings", "SettingsError", "environment_with"]

# The Rasa server's REST channel trusts its callers: it never listens anywhere else.
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """Settings of every process.

    Attributes:
        database_url: SQLAlchemy URL of the one database (DATABASE_URL).
        host: address that the website listens on (HOST).
        rasa_port: port of the Rasa server, the first one if there are several (RASA_PORT).
        rasa_workers: number of Rasa servers; each takes the next port (RASA_WORKERS).
        web_port: port of the website and the staff console (WEB_PORT).
        max_message_length: characters of a message that are read (MAX_MESSAGE_LENGTH).
        secret_key: signs the visitors' tokens; empty for one that is made and kept (SECRET_KEY).
        actions_port: port of the action server (ACTIONS_PORT).
        public_url: where people reach the website, for links; empty for this machine (PUBLIC_URL).
        allowed_origins: websites that may show the widget, such as https://example.org; "*" for any (ALLOWED_ORIGINS).
        business_hours: when staff are there, in ``time_zone``; empty for always (BUSINESS_HOURS).
        time_zone: of the business hours and of times shown to people (TIME_ZONE).
        mail_server: takes the notifications by e-mail (SMTP_URL).
        mail_from: their sender (MAIL_FROM).
        notify_emails: who gets them (NOTIFY_EMAILS).
        notify_webhook: is told of each notification as Slack's webhooks are (NOTIFY_WEBHOOK).
        notify_after_minutes: of business hours, until a waiting visitor is told of again (NOTIFY_AFTER_MINUTES).
        session_idle_minutes: without use, until staff have to sign in again (SESSION_IDLE_MINUTES).
        telegram, twilio, facebook, slack: the messaging apps that are on (bot/settings/apps.py).
        retention_days: without activity, until a conversation is erased; 0 for never (RETENTION_DAYS).
        log_level: what the processes write to their logs; Rasa and its libraries read it too (LOG_LEVEL).
    """

    database_url: str
    host: str
    rasa_port: int
    web_port: int
    max_message_length: int
    secret_key: str = field(default="", repr=False)
    rasa_workers: int = 1
    actions_port: int = 5055
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    business_hours: tuple[Opening, ...] = ()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    mail_server: MailServer | None = None
    mail_from: str = ""
    notify_emails: tuple[str, ...] = ()
    notify_webhook: str = field(default="", repr=False)
    notify_after_minutes: int = 15
    retention_days: int = 90
    log_level: str = "INFO"
    session_idle_minutes: int = 60
    telegram: Telegram | None = None
    twilio: Twilio | None = None
    facebook: Facebook | None = None
    slack: Slack | None = None

    @property
    def rasa_url(self) -> str:
        """Where the first Rasa server is, which listens on loopback only."""
        return self.rasa_urls[0]

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """Where the website finds the Rasa servers."""
        return tuple(f"http://{LOOPBACK}:{self.rasa_port + number}" for number in range(self.rasa_workers))

    @property
    def actions_url(self) -> str:
        """Where Rasa finds the action server, which listens on loopback only."""
        return f"http://{LOOPBACK}:{self.actions_port}"

    @property
    def website_url(self) -> str:
        """Where people reach the website, without a slash at the end."""
        return self.public_url or f"http://{reachable(self.host)}:{self.web_port}"

    @property
    def uses_https(self) -> bool:
        """Whether people reach the website by https."""
        return self.website_url.startswith("https://")

    def internal_key(self) -> str:
        """What the website shows to Rasa's web channel, so that nobody else on the machine writes as a visitor.

        Raises:
            SettingsError: as ``signing_key``.
        """
        return hmac.new(self.signing_key().encode(), b"web channel", hashlib.sha256).hexdigest()

    def actions_key(self) -> str:
        """What Rasa shows to the action server, so that nobody else on the machine writes requests.

        Raises:
            SettingsError: as ``signing_key``.
        """
        return hmac.new(self.signing_key().encode(), b"action server", hashlib.sha256).hexdigest()

    def signing_key(self) -> str:
        """The key that signs tokens: ``secret_key``, or else a random one kept in var/secret.key.

        Raises:
            SettingsError: when the file cannot be written or read.
        """
        return self.secret_key or kept_key(SECRET_KEY_FILE)

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Reads the environment.

        Raises:
            SettingsError: when a value cannot be used.
        """
        given = os.environ if environment is None else environment
        settings = cls(
            database_url=_database_url(given),
            host=given.get("HOST") or LOOPBACK,
            rasa_port=values.number(given, "RASA_PORT", 5005, 1, 65535),
            web_port=values.number(given, "WEB_PORT", 8080, 1, 65535),
            max_message_length=values.number(given, "MAX_MESSAGE_LENGTH", 3000, 200, 10000),
            secret_key=values.secret(given, "SECRET_KEY"),
            rasa_workers=values.number(given, "RASA_WORKERS", 1, 1, 16),
            actions_port=values.number(given, "ACTIONS_PORT", 5055, 1, 65535),
            public_url=values.url(given, "PUBLIC_URL"),
            allowed_origins=values.origins(given, "ALLOWED_ORIGINS"),
            business_hours=business_hours(given, "BUSINESS_HOURS"),
            time_zone=values.time_zone(given, "TIME_ZONE"),
            mail_server=mail_server(given, "SMTP_URL"),
            mail_from=values.address(given, "MAIL_FROM"),
            notify_emails=values.addresses(given, "NOTIFY_EMAILS"),
            notify_webhook=values.secret_url(given, "NOTIFY_WEBHOOK"),
            notify_after_minutes=values.number(given, "NOTIFY_AFTER_MINUTES", 15, 1, 10080),
            retention_days=values.number(given, "RETENTION_DAYS", 90, 0, 36500),
            log_level=values.log_level(given, "LOG_LEVEL"),
            session_idle_minutes=values.number(given, "SESSION_IDLE_MINUTES", 60, 5, 720),
            telegram=apps.telegram(given),
            twilio=apps.twilio(given),
            facebook=apps.facebook(given),
            slack=apps.slack(given),
        )
        if settings.notify_emails and not (settings.mail_server and settings.mail_from):
            raise SettingsError("NOTIFY_EMAILS needs SMTP_URL and MAIL_FROM too, or no mail can be sent.")
        if settings.rasa_workers > 1 and not settings.database_url.startswith("postgresql"):
            raise SettingsError("RASA_WORKERS above 1 needs PostgreSQL: set DATABASE_URL to postgresql://...")
        if settings.twilio and not settings.public_url:
            raise SettingsError("TWILIO_AUTH_TOKEN needs PUBLIC_URL too: Twilio signs with the address that it calls.")
        return settings


def reachable(host: str) -> str:
    """An address to open for one that is listened on: a wildcard is reached on loopback."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return LOOPBACK
    return f"[{host}]" if ":" in host else host


def environment_with(**variables: str) -> dict[str, str]:
    """This process's environment with more variables, for a child process."""
    return {**os.environ, **variables}


def _database_url(given: Mapping[str, str]) -> str:
    url = given.get("DATABASE_URL") or "sqlite:///var/assistant.db"
    if "://" not in url:
        raise SettingsError(
            "DATABASE_URL must look like postgresql://user:password@host/name or sqlite:///path/to/file.db."
        )
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return url
