"""Local servers that speak the messaging providers' documented APIs, and their webhooks, signed as they sign them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from tests.providers.base import PUBLIC_URL, Provider, Sent
from tests.providers.facebook import Facebook
from tests.providers.slack import Slack
from tests.providers.telegram import Telegram
from tests.providers.twilio import Twilio
from tests.servers import serving

__all__ = [
    "PROVIDERS",
    "PUBLIC_URL",
    "Facebook",
    "Provider",
    "Sent",
    "Slack",
    "Telegram",
    "Twilio",
    "running_providers",
]

PROVIDERS = {provider.name: provider for provider in (Telegram, Twilio, Facebook, Slack)}


@contextmanager
def running_providers(*names: str) -> Iterator[dict[str, Any]]:
    """The providers' APIs on one local server while the block runs; all of them, or those named."""
    found = {name: PROVIDERS[name]() for name in names or PROVIDERS}
    routes = [Route(f"/{name}{provider.path}", provider.api, methods=["POST"]) for name, provider in found.items()]
    with serving(Starlette(routes=routes)) as port:
        for name, provider in found.items():
            provider.api_url = f"http://127.0.0.1:{port}/{name}"
        yield found
