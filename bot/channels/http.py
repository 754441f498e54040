"""Asking an app's API, without blocking anybody else."""

import logging

import httpx

from bot.channels.errors import DeliveryFailed

SECONDS_TO_ANSWER = 8
MOST_CONNECTIONS = 100


def api_client() -> httpx.AsyncClient:
    """A client for one app's API; it never writes an address down, for it may hold a token."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=20)
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, limits=limits)


async def ask(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Sends a request.

    Raises:
        DeliveryFailed: there was no answer; nobody knows whether it has arrived.
    """
    try:
        return await client.send(request)
    except httpx.TimeoutException as error:
        raise DeliveryFailed("the_app_did_not_answer_in_time") from error
    except httpx.HTTPError as error:
        raise DeliveryFailed("the_app_could_not_be_reached") from error
