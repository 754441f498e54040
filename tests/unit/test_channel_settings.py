"""A messaging app is on when all that it needs is given, and off without it."""

import logging

import pytest
from rasa.core.channels.channel import UserMessage

from bot.settings import Settings, SettingsError
from tests.messaging import CHANNELS
from tests.providers import PROVIDERS

ALL = [
    (name, setting)
    for name, provider in PROVIDERS.items()
    for setting in provider().environment()
    if "URL" not in setting
]


async def nobody(message: UserMessage) -> None:
    raise AssertionError


def given(name: str) -> dict[str, str]:
    return {**PROVIDERS[name]().environment(), f"{name.upper()}_API_URL": ""}


@pytest.mark.parametrize("name", PROVIDERS)
def test_without_credentials_a_channel_is_off_and_silent(
    name: str, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        channel = CHANNELS[name].from_credentials(None)
        blueprint = channel.blueprint(nobody)
    assert getattr(Settings.read({}), name) is None
    assert list(blueprint._future_routes) == []
    assert list(blueprint._future_listeners) == []
    assert caplog.messages == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_with_credentials_it_is_on_and_shows_none_of_them(name: str) -> None:
    settings = Settings.read(given(name))
    assert getattr(settings, name) is not None
    for setting, value in given(name).items():
        if "TOKEN" in setting or "SECRET" in setting:
            assert value not in repr(settings)


@pytest.mark.parametrize(("name", "missing"), ALL)
def test_half_of_the_credentials_is_a_mistake_that_is_named(name: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} must be set too"):
        Settings.read({**given(name), missing: ""})


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("telegram", "TELEGRAM_SECRET", "too short"),
        ("telegram", "TELEGRAM_SECRET", "spaces and signs are not allowed!"),
        ("twilio", "TWILIO_FROM", "14155238886"),
        ("twilio", "PUBLIC_URL", ""),
        ("slack", "SLACK_API_URL", "slack.com"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, setting: str, value: str) -> None:
    with pytest.raises(SettingsError, match=setting) as refused:
        Settings.read({**given(name), setting: value})
    assert "SECRET" not in setting or value not in str(refused.value)
