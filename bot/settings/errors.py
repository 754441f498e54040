"""What can go wrong with a setting."""


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what is expected."""
