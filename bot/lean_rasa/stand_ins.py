"""Keeps away what Rasa imports and this product never uses.

Rasa 3.6 imports every component, policy and channel that it has, whatever config.yml and credentials.yml name, and with
them TensorFlow, scikit-learn, matplotlib, the clients of two databases and the libraries of six messengers: more than
half of the time that a Rasa server takes to start (nobody is answered until then), and half of its memory. Rasa has no
setting for it. So each of these modules is replaced, before Rasa is imported, by one whose names are empty classes:
enough for ``issubclass`` and for lists of what there is, and an error that says so for whoever makes one.

tests/unit/test_lean_rasa.py notices when Rasa no longer needs it, and when config.yml or credentials.yml names one.
"""

import sys
from types import ModuleType
from typing import Any, NoReturn

COMPONENTS = (
    "rasa.core.policies.ted_policy",
    "rasa.core.policies.unexpected_intent_policy",
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.classifiers.logistic_regression_classifier",
    "rasa.nlu.classifiers.sklearn_intent_classifier",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer",
    "rasa.nlu.selectors.response_selector",
)
# What only those components use, and `rasa test`.
HELPERS = (
    "rasa.core.test",
    "rasa.nlu.test",
    "rasa.utils.plotting",
    "rasa.utils.tensorflow.model_data",
    "rasa.utils.tensorflow.model_data_utils",
    "rasa.utils.train_utils",
)
CHANNELS = (
    "rasa.core.channels.botframework",
    "rasa.core.channels.callback",
    "rasa.core.channels.console",
    "rasa.core.channels.facebook",
    "rasa.core.channels.hangouts",
    "rasa.core.channels.mattermost",
    "rasa.core.channels.rasa_chat",
    "rasa.core.channels.rocketchat",
    "rasa.core.channels.slack",
    "rasa.core.channels.socketio",
    "rasa.core.channels.telegram",
    "rasa.core.channels.twilio",
    "rasa.core.channels.twilio_voice",
    "rasa.core.channels.webexteams",
)
# Of tracker stores on other databases. Rasa names some of their classes after `except`.
STORES = (
    "boto3",
    "boto3.dynamodb",
    "boto3.dynamodb.conditions",
    "pymongo",
    "pymongo.collection",
    "pymongo.errors",
)
# spaCy's thinc, typer and structlog import these wherever they find them; an import of None is an ImportError. What
# rich adds to a log is each traceback's variables, and those hold what visitors say.
LIBRARIES = ("tensorflow", "h5py", "rich")


class _Absent(Exception):
    """What is not there; only its class is of use."""

    def __init__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"{type(self).__module__}.{type(self).__name__} is kept away by {__name__}.")

    @classmethod
    def name(cls) -> str:
        """A channel's name, as Rasa lists it."""
        return cls.__module__


class _StandIn(ModuleType):
    """A module of which each public name is a class of its own."""

    def __getattr__(self, name: str) -> type[_Absent]:
        if name.startswith("_"):
            raise AttributeError(name)
        made = type(name, (_Absent,), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


def install() -> None:
    """Puts the stand-ins where Python looks for modules; to be called before Rasa is imported."""
    for name in (*COMPONENTS, *HELPERS, *CHANNELS, *STORES):
        sys.modules[name] = _StandIn(name)
    for name in LIBRARIES:
        sys.modules[name] = None  # type: ignore[assignment]
