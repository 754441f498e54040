"""``python -m bot.website`` serves the website."""

import sys

from bot.content.catalogue import ContentError
from bot.settings import Settings, SettingsError
from bot.website.app import create_app
from bot.website.server import Server, configuration


def main() -> int:
    """Serves until it is told to stop; returns the exit status."""
    try:
        settings = Settings.read()
        app = create_app(settings)
    except (ContentError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    server = Server(configuration(app, settings))
    server.run()
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
