"""E-mail and webhook, against a real mail server and a real web server."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.notifications.transports import MailTransport, Notification, NotSent, WebhookTransport, transports
from bot.settings import MailServer, Settings
from tests.handoffs import NOON
from tests.mail import PASSWORD, USER, Mailbox, certificate, mail_server, server_side
from tests.servers import free_port, serving

MESSAGE = Notification("A visitor is waiting.", "https://chat.example.org/console/handoffs/7", "notification-12", NOON)
STAFF = ("anna@example.org", "ben@example.org")


def mail(
    port: int, tls: bool = False, user: str = "", password: str = "", to: tuple[str, ...] = STAFF
) -> MailTransport:
    return MailTransport(MailServer("127.0.0.1", port, tls, user, password), "desk@example.org", to)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def trusted(certified: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    return certified


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_one_mail_reaches_everybody(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as port:
        assert mail(port).send(MESSAGE) is None
    (sent,) = mailbox.mails
    assert mailbox.recipients == [list(STAFF)]
    assert (sent["Subject"], sent["From"], sent["To"]) == (MESSAGE.text, "desk@example.org", ", ".join(STAFF))
    assert sent["Message-ID"] == "<notification-12@example.org>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Date"].datetime == NOON
    assert sent.get_content().split() == f"{MESSAGE.text} {MESSAGE.link}".split()


def test_encryption_is_used_where_it_is_offered(mailbox: Mailbox, certified: Path) -> None:
    with mail_server(mailbox, starttls=server_side(certified)) as port:
        mail(port).send(MESSAGE)
    assert mailbox.encrypted == [True]


@pytest.mark.parametrize("tls", [True, False], ids=["smtps", "smtp"])
def test_a_password_goes_over_an_encrypted_connection(mailbox: Mailbox, trusted: Path, tls: bool) -> None:
    context = server_side(trusted)
    contexts = {"tls": context} if tls else {"starttls": context}
    with mail_server(mailbox, signs_in=True, **contexts) as port:
        mail(port, tls, USER, PASSWORD).send(MESSAGE)
    assert (mailbox.encrypted, mailbox.users) == ([True], [USER])


def test_a_password_is_not_sent_in_the_clear(mailbox: Mailbox) -> None:
    with mail_server(mailbox, signs_in=True) as port, pytest.raises(NotSent, match="the password was not sent"):
        mail(port, user=USER, password=PASSWORD).send(MESSAGE)
    assert mailbox.mails == []


@pytest.mark.parametrize("tls", [True, False], ids=["smtps", "smtp"])
def test_a_password_is_not_sent_to_whoever_pretends(mailbox: Mailbox, certified: Path, tls: bool) -> None:
    context = server_side(certified)
    contexts = {"tls": context} if tls else {"starttls": context}
    with mail_server(mailbox, signs_in=True, **contexts) as port, pytest.raises(NotSent, match="certificate"):
        mail(port, tls, USER, PASSWORD).send(MESSAGE)
    assert mailbox.mails == []


def test_a_wrong_password_is_told_without_the_password(mailbox: Mailbox, trusted: Path) -> None:
    tls = server_side(trusted)
    with mail_server(mailbox, tls=tls, signs_in=True) as port, pytest.raises(NotSent, match=r"^SMTP 535$"):
        mail(port, True, USER, "wrong").send(MESSAGE)


def test_a_refused_address_does_not_keep_the_mail_from_the_others(mailbox: Mailbox) -> None:
    mailbox.refuses = {"ben@example.org"}
    with mail_server(mailbox) as port:
        assert mail(port).send(MESSAGE) == "1 of 2 addresses refused"
    assert mailbox.recipients == [["anna@example.org"]]


def test_a_mail_that_nobody_gets_is_not_told(mailbox: Mailbox) -> None:
    mailbox.refuses = set(STAFF)
    with mail_server(mailbox) as port, pytest.raises(NotSent, match="all addresses refused"):
        mail(port).send(MESSAGE)


def test_a_server_that_refuses_the_mail_is_told_by_its_number_only(mailbox: Mailbox) -> None:
    mailbox.answer = "451 anna@example.org has no room"
    with mail_server(mailbox) as port, pytest.raises(NotSent, match=r"^SMTP 451$"):
        mail(port).send(MESSAGE)


def test_no_mail_server_is_not_told() -> None:
    with pytest.raises(NotSent, match="Connection refused"):
        mail(free_port()).send(MESSAGE)


class Hook:
    """A webhook that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.status = 200
        self.app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.told.append(await request.json())
        return PlainTextResponse("ok", self.status, headers={"Location": "/hook"})


def test_a_webhook_gets_what_slack_understands() -> None:
    hook = Hook()
    with serving(hook.app) as port:
        assert WebhookTransport(f"http://127.0.0.1:{port}/hook").send(MESSAGE) is None
    assert hook.told == [{"text": f"{MESSAGE.text} {MESSAGE.link}"}]


@pytest.mark.parametrize("status", [301, 404, 429, 500])
def test_a_webhook_that_answers_otherwise_was_not_told(status: int) -> None:
    hook = Hook()
    hook.status = status
    with serving(hook.app) as port, pytest.raises(NotSent, match=rf"^HTTP {status}$"):
        WebhookTransport(f"http://127.0.0.1:{port}/hook").send(MESSAGE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hunter2", "http://127.0.0.1:99999/hunter2"])
def test_a_webhook_that_is_away_was_not_told_and_stays_secret(url: str) -> None:
    with pytest.raises(NotSent) as refused:
        WebhookTransport(url).send(MESSAGE)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_settings_choose_the_ways() -> None:
    by_mail = {"SMTP_URL": "smtp://h", "MAIL_FROM": "a@example.org", "NOTIFY_EMAILS": "b@example.org"}
    by_hook = {"NOTIFY_WEBHOOK": "https://hooks.example.org/x"}
    chosen = [
        [way.name for way in transports(Settings.read({**given}))]
        for given in ({}, by_mail, by_hook, by_mail | by_hook)
    ]
    assert chosen == [[], ["mail"], ["webhook"], ["mail", "webhook"]]
