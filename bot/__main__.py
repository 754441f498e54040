"""``python -m bot``: see bot/launcher."""

import sys

from bot.launcher.commands import main

sys.exit(main(sys.argv[1:]))
