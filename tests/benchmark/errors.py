"""What can go wrong while measuring; each message is one line that says what to do."""


class BenchmarkError(Exception):
    """The comparison cannot go on.

    * ``TrainingFailed``: a side could not be trained
    * ``WrongAnswer``: a server answered with an error, or left messages without a reply
    * ``WidgetMissing``: the stock widget cannot be had
    """


class TrainingFailed(BenchmarkError):
    """Rasa could not train one of the two models."""


class WrongAnswer(BenchmarkError):
    """A server did not do its work, so that its speed means nothing."""


class WidgetMissing(BenchmarkError):
    """The stock widget cannot be fetched, or is not the one that is to be measured."""
