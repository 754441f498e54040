import re
from pathlib import Path
from typing import Any

import pytest

from bot.launcher.programs import programs
from bot.settings import MailServer, Settings, SettingsError, environment_with

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| .+ \|$", re.MULTILINE)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def documented() -> dict[str, str]:
    """Default by name, from the table in docs/running.md."""
    return dict(ROW.findall((ROOT / "docs/running.md").read_text()))


class Asked(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def read_by_settings() -> set[str]:
    asked = Asked()
    Settings.read(asked)
    return asked.names


def test_the_documentation_lists_every_setting() -> None:
    assert set(documented()) == read_by_settings()


@pytest.mark.parametrize("name", sorted(documented()))
def test_a_documented_default_is_the_default(name: str) -> None:
    default = documented()[name]
    # A default in words, such as a random key, is not a value.
    value = default.strip("`") if default.startswith("`") else ""
    assert Settings.read({name: value}) == Settings.read({})


def test_only_the_settings_read_the_environment() -> None:
    files = [file for folder in ("bot", "actions") for file in (ROOT / folder).rglob("*.py")]
    readers = {file for file in files if re.search(r"os\.environ|getenv", file.read_text())}
    assert {file.parent for file in readers} == {ROOT / "bot/settings"}


NUMBERS = ["RASA_PORT", "WEB_PORT", "ACTIONS_PORT", "MAX_MESSAGE_LENGTH", "NOTIFY_AFTER_MINUTES"]


@pytest.mark.parametrize("name", [*NUMBERS, "RETENTION_DAYS"])
@pytest.mark.parametrize("value", ["-1", "70000", "many", "1.5", "²", "٣٠", "9" * 5000])
def test_a_wrong_number_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be a whole number from"):
        Settings.read({name: value})


@pytest.mark.parametrize("name", NUMBERS)
def test_nought_is_refused_where_it_means_nothing(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be a whole number from"):
        Settings.read({name: "0"})


def test_conversations_are_kept_for_ever_only_if_somebody_says_so() -> None:
    assert Settings.read({}).retention_days == 90
    assert Settings.read({"RETENTION_DAYS": "0"}).retention_days == 0


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 587)),
        ("smtp://localhost:25/", MailServer("localhost", 25)),
        ("smtps://me:pass@mail.example.org", MailServer("mail.example.org", 465, True, "me", "pass")),
        ("smtp://me%40example.org:p%3Aa%2Fss@h:2525", MailServer("h", 2525, False, "me@example.org", "p:a/ss")),
    ],
)
def test_a_mail_server_is_one_url(url: str, server: MailServer) -> None:
    assert Settings.read({"SMTP_URL": url}).mail_server == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://me:hunter2@mail.example.org",
        "smtp://",
        "smtp://me:hunter2@h:port",
        "smtp://me:hunter2@h/path",
        "smtp://hunter2@h",
    ],
)
def test_a_wrong_mail_server_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL must") as refused:
        Settings.read({"SMTP_URL": url})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("missing", ["SMTP_URL", "MAIL_FROM"])
def test_who_is_to_be_told_by_mail_needs_a_way_to_send_it(missing: str) -> None:
    given = {"NOTIFY_EMAILS": "a@example.org", "MAIL_FROM": "dependencies@example.org", "SMTP_URL": "smtp://h"}
    assert Settings.read(given).notify_emails == ("a@example.org",)
    with pytest.raises(SettingsError, match="NOTIFY_EMAILS needs SMTP_URL and MAIL_FROM"):
        Settings.read({**given, missing: ""})


@pytest.mark.parametrize("name", ["NOTIFY_EMAILS", "MAIL_FROM"])
@pytest.mark.parametrize("value", ["dependencies", "Dependencies <dependencies@example.org>", "@example.org"])
def test_what_is_no_address_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must hold e-mail addresses"):
        Settings.read({name: value})


def test_there_is_one_sender() -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM must be one"):
        Settings.read({"MAIL_FROM": "a@example.org, b@example.org"})


def test_a_wrong_webhook_is_refused_without_telling_it() -> None:
    with pytest.raises(SettingsError, match="NOTIFY_WEBHOOK must look like") as refused:
        Settings.read({"NOTIFY_WEBHOOK": "hooks.example.org/hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["PUBLIC_URL", "ALLOWED_ORIGINS"])
def test_an_address_without_a_scheme_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must"):
        Settings.read({name: "example.org"})


def test_no_secret_is_shown_with_the_settings() -> None:
    secret = "hunter2" * 6
    given = {
        "SECRET_KEY": secret,
        "SMTP_URL": f"smtp://me:{secret}@h",
        "NOTIFY_WEBHOOK": f"https://hooks.example.org/{secret}",
    }
    assert "hunter2" not in repr(Settings.read(given))


def test_a_database_without_a_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL must look like"):
        Settings.read({"DATABASE_URL": "var/assistant.db"})


def test_rasa_is_on_loopback_wherever_the_website_listens() -> None:
    settings = Settings.read({"HOST": "0.0.0.0", "RASA_PORT": "5100"})  # noqa: S104
    assert settings.rasa_url == "http://127.0.0.1:5100"


def test_each_rasa_worker_has_a_port_of_its_own() -> None:
    settings = Settings.read({"DATABASE_URL": "postgresql://h/name", "RASA_PORT": "5100", "RASA_WORKERS": "3"})
    assert settings.rasa_urls == tuple(f"http://127.0.0.1:{port}" for port in (5100, 5101, 5102))
    rasas = [program for program in programs(settings, Path("model.tar.gz")) if program.name.startswith("rasa")]
    assert [(program.name, program.port.number) for program in rasas] == [
        ("rasa", 5100),
        ("rasa-2", 5101),
        ("rasa-3", 5102),
    ]


def test_several_rasa_workers_need_a_database_that_they_can_share() -> None:
    with pytest.raises(SettingsError, match="RASA_WORKERS above 1 needs PostgreSQL: set DATABASE_URL"):
        Settings.read({"RASA_WORKERS": "2"})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY must have at least 32 characters"):
        Settings.read({"SECRET_KEY": "short"})


def test_a_childs_environment_holds_ours_and_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    environment = environment_with(MORE="2")
    assert (environment["OURS"], environment["MORE"]) == ("1", "2")
