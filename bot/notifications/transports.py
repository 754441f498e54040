"""Ways to tell staff something outside the console: by e-mail and by webhook."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

import httpx

from bot.settings import MailServer, Settings

SECONDS_TO_ANSWER = 10


class NotSent(Exception):
    """It did not get through. The message is short, and holds no address and no password."""


@dataclass(frozen=True)
class Notification:
    """What staff are sent.

    Attributes:
        text: one line.
        link: to the page in the console.
        id: the same when it is sent again, because nobody knows whether the first time worked.
    """

    text: str
    link: str
    id: str
    at: datetime


class Transport(Protocol):
    """A way to tell staff."""

    name: str

    def send(self, notification: Notification) -> str | None:
        """Sends it; returns whom it did not reach, in a few words, if it did not reach all.

        Raises:
            NotSent: it reached nobody.
        """


class MailTransport:
    """By e-mail to everybody in one message.

    Args:
        sender, recipients: e-mail addresses.
    """

    name = "mail"

    def __init__(self, server: MailServer, sender: str, recipients: tuple[str, ...]) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients

    def send(self, notification: Notification) -> str | None:
        """See ``Transport``."""
        mail = self._written(notification)
        try:
            smtp = self._connected()
            try:
                refused = smtp.send_message(mail)
            finally:
                # The message is through by now, or it is not: how the server says goodbye changes nothing.
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(_reason(error)) from error
        return f"{len(refused)} of {len(self._recipients)} addresses refused" if refused else None

    def _written(self, notification: Notification) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = notification.text
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = format_datetime(notification.at)
        mail["Message-ID"] = f"<{notification.id}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{notification.text}\n\n{notification.link}\n")
        return mail

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS_TO_ANSWER, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS_TO_ANSWER)
        try:
            if not server.tls:
                self._encrypt(smtp)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            context = ssl.create_default_context()
            if not self._server.user:
                # As mail servers do among themselves: there is no password to protect, whoever wanted to read along
                # could hide the offer to encrypt, and the relay on this machine signs its own certificate.
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            smtp.starttls(context=context)
        elif self._server.user:
            raise NotSent("the mail server offers no encryption: the password was not sent")


class WebhookTransport:
    """By a request that Slack and what is like it understands.

    Args:
        url: a secret: whoever knows it can write there.
    """

    name = "webhook"

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, notification: Notification) -> str | None:
        """See ``Transport``."""
        try:
            answer = httpx.post(
                self._url, json={"text": f"{notification.text} {notification.link}"}, timeout=SECONDS_TO_ANSWER
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotSent(type(error).__name__) from None
        if not answer.is_success:
            raise NotSent(f"HTTP {answer.status_code}")
        return None


def transports(settings: Settings) -> list[Transport]:
    """Those that the settings name."""
    found: list[Transport] = []
    if settings.mail_server and settings.notify_emails:
        found.append(MailTransport(settings.mail_server, settings.mail_from, settings.notify_emails))
    if settings.notify_webhook:
        found.append(WebhookTransport(settings.notify_webhook))
    return found


def _reason(error: Exception) -> str:
    # The server's own words may name people.
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "all addresses refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the mail server's certificate is not valid"
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
