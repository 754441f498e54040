"""What can go wrong while starting; each message is one line that says what to do."""


class LauncherError(Exception):
    """The product cannot start.

    * ``TrainingFailed``: the model could not be trained
    * ``PortUnavailable``: an address cannot be listened on
    * ``ProgramFailed``: a process ended, or never became healthy
    * ``DatabaseUnavailable``: the database cannot be opened
    * ``NotRunning``: there is no running assistant to talk to
    """


class TrainingFailed(LauncherError):
    """Rasa could not train a model from the content and configuration."""


class PortUnavailable(LauncherError):
    """A port is taken or an address is not of this machine."""


class ProgramFailed(LauncherError):
    """One of the product's processes ended or never answered."""


class DatabaseUnavailable(LauncherError):
    """The database cannot be reached, or its URL is wrong."""


class NotRunning(LauncherError):
    """Nothing answers where the assistant should be."""


class Interrupted(Exception):
    """Ctrl-C or a termination signal arrived before the work was done."""
