"""When a provider's API does not answer."""

import asyncio
import logging
import socket

import httpx
import pytest

from bot.channels.errors import DeliveryFailed
from bot.channels.http import api_client, ask
from tests.servers import free_port


async def asked(url: str, client: httpx.AsyncClient) -> httpx.Response:
    async with client:
        return await ask(client, httpx.Request("POST", url))


def test_nobody_there_is_not_final() -> None:
    with pytest.raises(DeliveryFailed, match="could_not_be_reached") as failed:
        asyncio.run(asked(f"http://127.0.0.1:{free_port()}/", api_client()))
    assert not failed.value.final


def test_no_answer_in_time_is_not_final() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(DeliveryFailed, match="did_not_answer_in_time") as failed:
            asyncio.run(asked(url, httpx.AsyncClient(timeout=0.1)))
    assert not failed.value.final


def test_an_address_with_a_token_is_never_logged() -> None:
    asyncio.run(api_client().aclose())
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
