"""Connections that do not come to the point: a request that never ends holds its place for some seconds only.

uvicorn gives a request any time it wants. Here its head and its body have to come within a time each; and where too
many have not, the oldest go, so that they never take up all the descriptors of the process.
"""

import asyncio
import resource
from contextlib import suppress

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS_FOR_HEAD = 10.0
SECONDS_FOR_BODY = 20.0
# Of the descriptors that the process may have, so many are for requests that are not complete.
SHARE_OF_DESCRIPTORS = 4


def raise_descriptor_limit() -> int:
    """Lets this process open as many connections as the system allows it; returns how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems say "any number" and mean less.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def impatient_protocol(
    most_unfinished: int, seconds_for_head: float = SECONDS_FOR_HEAD, seconds_for_body: float = SECONDS_FOR_BODY
) -> type[HttpToolsProtocol]:
    """uvicorn's protocol for one server, which ends what takes too long.

    Args:
        most_unfinished: connections at the same time whose request is not complete.
    """
    unfinished: dict[HttpToolsProtocol, asyncio.TimerHandle] = {}

    class ImpatientProtocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._expect(seconds_for_head)

        def connection_lost(self, exc: Exception | None) -> None:
            self._is_complete()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self not in unfinished:
                # The next request on a connection that was kept.
                self._expect(seconds_for_head)
            super().data_received(data)

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self._expect(seconds_for_body)

        def on_message_complete(self) -> None:
            self._is_complete()
            super().on_message_complete()

        def _expect(self, seconds: float) -> None:
            self._is_complete()
            unfinished[self] = self.loop.call_later(seconds, self.transport.abort)
            if len(unfinished) > most_unfinished:
                oldest = next(iter(unfinished))
                unfinished.pop(oldest).cancel()
                oldest.transport.abort()

        def _is_complete(self) -> None:
            timer = unfinished.pop(self, None)
            if timer:
                timer.cancel()

    return ImpatientProtocol
