"""The website's HTTP server: uvicorn, which ends the live streams before it waits for its connections to end."""

import socket

import uvicorn
from starlette.types import ASGIApp

from bot.settings import Settings
from bot.website.connections import SHARE_OF_DESCRIPTORS, impatient_protocol, raise_descriptor_limit

SECONDS_TO_FINISH = 5


def configuration(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How the website is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.web_port,
        log_level=settings.log_level.lower(),
        http=impatient_protocol(raise_descriptor_limit() // SHARE_OF_DESCRIPTORS),
        ws="none",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


class Server(uvicorn.Server):
    """Stops at once although browsers listen: an open stream would be cut after the grace period, with an error."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, then everything else."""
        live = getattr(getattr(self.config.app, "state", None), "live", None)
        if live is not None:
            live.close()
        await super().shutdown(sockets)
