import ast
import re
from pathlib import Path

import pytest

import bot.settings
from bot.settings import Settings, SettingsError, environment_with

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| .+ \|$", re.MULTILINE)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def documented() -> dict[str, str]:
    """Default by name, from the table in docs/running.md."""
    return dict(ROW.findall((ROOT / "docs/running.md").read_text()))


def read_by_settings() -> set[str]:
    tree = ast.parse(Path(bot.settings.__file__).read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", text)}


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
    assert readers == {ROOT / "bot/settings.py"}


@pytest.mark.parametrize("name", ["RASA_PORT", "WEB_PORT", "MAX_MESSAGE_LENGTH"])
@pytest.mark.parametrize("value", ["0", "-1", "70000", "many", "1.5", "²"])
def test_a_wrong_number_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be a whole number from"):
        Settings.read({name: value})


def test_a_database_without_a_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL must look like"):
        Settings.read({"DATABASE_URL": "var/assistant.db"})


def test_rasa_is_on_loopback_wherever_the_website_listens() -> None:
    settings = Settings.read({"HOST": "0.0.0.0", "RASA_PORT": "5100"})  # noqa: S104
    assert settings.rasa_url == "http://127.0.0.1:5100"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY must have at least 32 characters"):
        Settings.read({"SECRET_KEY": "short"})


def test_a_childs_environment_holds_ours_and_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    environment = environment_with(MORE="2")
    assert (environment["OURS"], environment["MORE"]) == ("1", "2")
