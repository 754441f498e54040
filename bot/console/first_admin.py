"""``python -m bot.console.first_admin`` prints a one-time link to set a password.

Without an argument: for the first admin, as long as none has set one. With a login: for this person, who has lost the
password and has no admin to ask; their old password ends. Whoever can run it has the machine.
"""

import sys
from datetime import datetime, timezone

from bot.accounts import administration
from bot.database.unit_of_work import Store
from bot.domain.errors import HandoffError
from bot.settings import Settings, SettingsError


def main(arguments: list[str]) -> int:
    """Prints the link; returns the exit status."""
    now = datetime.now(timezone.utc)
    try:
        settings = Settings.read()
        store = Store.open(settings.database_url)
        if arguments:
            link: str | None = administration.recovery_link(store, settings, arguments[0], now)
        else:
            link = administration.first_admin_link(store, settings, now)
    except (SettingsError, HandoffError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{link or 'An admin has a password already. To reset one, add the login.'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
