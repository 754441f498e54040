"""Access to messaging apps: each is off until all that it needs is given."""

import re
from dataclasses import dataclass, field

from bot.settings.errors import SettingsError
from bot.settings.values import Given, text, url


@dataclass(frozen=True)
class Telegram:
    """A bot: its token, and the secret that Telegram shows with each webhook."""

    token: str = field(repr=False)
    secret: str = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class Twilio:
    """An account at Twilio and the number that writes, such as ``whatsapp:+14155238886``."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    api_url: str


@dataclass(frozen=True)
class Facebook:
    """A page, the app that writes for it, and the words that the webhook is subscribed with."""

    page_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class Slack:
    """An app in one workspace: its bot's token, and the secret that signs what Slack sends."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    api_url: str


def telegram(given: Given) -> Telegram | None:
    """Telegram's; None when it is off.

    Raises:
        SettingsError: only a part of it is given, or a value cannot be right.
    """
    api = _api(given, "TELEGRAM_API_URL", "https://api.telegram.org")
    found = _all_or_none(given, "TELEGRAM_TOKEN", "TELEGRAM_SECRET")
    if found and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", found[1]):
        raise SettingsError("TELEGRAM_SECRET must have 16 to 256 letters, digits, _ or -: try `openssl rand -hex 32`.")
    return Telegram(found[0], found[1], api) if found else None


def twilio(given: Given) -> Twilio | None:
    """Twilio's; None when it is off.

    Raises:
        SettingsError: as ``telegram``.
    """
    api = _api(given, "TWILIO_API_URL", "https://api.twilio.com")
    found = _all_or_none(given, "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    if found and not re.fullmatch(r"(whatsapp:)?\+[0-9]{6,15}", found[2]):
        raise SettingsError("TWILIO_FROM must look like whatsapp:+14155238886.")
    return Twilio(found[0], found[1], found[2], api) if found else None


def facebook(given: Given) -> Facebook | None:
    """Facebook's; None when it is off.

    Raises:
        SettingsError: as ``telegram``.
    """
    api = _api(given, "FACEBOOK_API_URL", "https://graph.facebook.com/v23.0")
    found = _all_or_none(given, "FACEBOOK_PAGE_TOKEN", "FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN")
    return Facebook(found[0], found[1], found[2], api) if found else None


def slack(given: Given) -> Slack | None:
    """Slack's; None when it is off.

    Raises:
        SettingsError: as ``telegram``.
    """
    api = _api(given, "SLACK_API_URL", "https://slack.com/api")
    found = _all_or_none(given, "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
    return Slack(found[0], found[1], api) if found else None


def _api(given: Given, name: str, default: str) -> str:
    return url(given, name) or default


def _all_or_none(given: Given, *names: str) -> list[str]:
    found = {name: text(given, name) for name in names}
    missing = [name for name, value in found.items() if not value]
    if missing and len(missing) < len(names):
        raise SettingsError(f"{' and '.join(missing)} must be set too: the app needs {', '.join(names)}.")
    return [] if missing else list(found.values())
