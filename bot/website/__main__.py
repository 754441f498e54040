"""``python -m bot.website`` serves the website."""

import sys

import uvicorn

from bot.settings import Settings, SettingsError
from bot.website.app import create_app
from bot.website.server import Server

SECONDS_TO_FINISH = 5


def main() -> int:
    """Serves until it is told to stop; returns the exit status."""
    try:
        settings = Settings.read()
        app = create_app(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.web_port,
        ws="none",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    server = Server(config)
    server.run()
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
