"""The website's HTTP server: uvicorn, which ends the live streams before it waits for its connections to end."""

import socket

import uvicorn


class Server(uvicorn.Server):
    """Stops at once although browsers listen: an open stream would be cut after the grace period, with an error."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, then everything else."""
        live = getattr(getattr(self.config.app, "state", None), "live", None)
        if live is not None:
            live.close()
        await super().shutdown(sockets)
