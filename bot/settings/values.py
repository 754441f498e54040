"""One value of the environment each: read, checked, typed. Every error names the setting."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.settings.errors import SettingsError

Given = Mapping[str, str]
LOG_LEVELS = ("INFO", "WARNING", "ERROR", "CRITICAL")
SEPARATORS = re.compile(r"[,\s]+")


def text(given: Given, name: str) -> str:
    """The value without spaces around it; empty when there is none."""
    return (given.get(name) or "").strip()


def number(given: Given, name: str, default: int, low: int, high: int) -> int:
    """A whole number."""
    value = given.get(name)
    if not value:
        return default
    if not re.fullmatch("[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def url(given: Given, name: str) -> str:
    """An address of the web, without a slash at its end; empty when there is none."""
    value = text(given, name).rstrip("/")
    if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise SettingsError(f"{name} must look like https://example.org, not {value!r}.")
    return value


def secret_url(given: Given, name: str) -> str:
    """As ``url``, but it is never repeated: whoever knows it can use it."""
    value = text(given, name)
    if value and not re.fullmatch(r"https?://[^/\s]+/\S*", value):
        raise SettingsError(f"{name} must look like https://example.org/path.")
    return value


def origins(given: Given, name: str) -> tuple[str, ...]:
    """Websites, or ``*``."""
    found = tuple(value.rstrip("/") for value in SEPARATORS.split(given.get(name) or "") if value)
    for origin in found:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
            raise SettingsError(f"{name} must list origins such as https://example.org, not {origin!r}.")
    return found


def addresses(given: Given, name: str) -> tuple[str, ...]:
    """E-mail addresses."""
    found = tuple(value for value in SEPARATORS.split(given.get(name) or "") if value)
    for address in found:
        if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", address):
            raise SettingsError(f"{name} must hold e-mail addresses such as desk@example.org, not {address!r}.")
    return found


def address(given: Given, name: str) -> str:
    """One e-mail address; empty when there is none."""
    found = addresses(given, name)
    if len(found) > 1:
        raise SettingsError(f"{name} must be one e-mail address, such as desk@example.org.")
    return found[0] if found else ""


def secret(given: Given, name: str) -> str:
    """Something that nobody can guess; empty when there is none."""
    value = given.get(name) or ""
    if value and len(value) < 32:
        raise SettingsError(f"{name} must have at least 32 characters: try `openssl rand -hex 32`.")
    return value


def time_zone(given: Given, name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    value = text(given, name) or "UTC"
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"{name} must be a time zone such as Europe/London, not {value!r}.") from error


def log_level(given: Given, name: str) -> str:
    """A level of Python's logging; none that would write down what visitors say."""
    value = text(given, name).upper() or "INFO"
    if value not in LOG_LEVELS:
        raise SettingsError(
            f"{name} must be {', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}, not {value!r}: below INFO, Rasa writes "
            "what visitors say into its log."
        )
    return value
