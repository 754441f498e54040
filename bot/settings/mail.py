"""The mail server, from one URL: ``smtp://user:password@host:587`` or ``smtps://user:password@host``."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bot.settings.errors import SettingsError
from bot.settings.values import Given, text

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in.

    Attributes:
        tls: encrypted from the first byte (smtps); otherwise the connection is encrypted where the server offers it.
        user: empty for a server that asks for no name and password.
    """

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(given: Given, name: str) -> MailServer | None:
    """The mail server; None when there is none.

    Raises:
        SettingsError: the URL cannot be read; it is not repeated, for it may hold a password.
    """
    value = text(given, name)
    if not value:
        return None
    wrong = SettingsError(f"{name} must look like smtp://user:password@mail.example.org:587 or smtps://...")
    try:
        parts = urlsplit(value)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise wrong
    if bool(parts.username) != bool(parts.password):
        raise SettingsError(
            f"{name} must have both a user and a password, or neither; write @ and : in them as %40, %3A."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, password)
