"""What the pipeline's own components have in common: how Rasa builds them, and that a wrong setting is named."""

from typing import Any, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException

Built = TypeVar("Built", bound="Component")


class Component(GraphComponent):
    """A component that is built from its part of config.yml.

    Args:
        config: with every key that it knows; config.yml holds the values and what they mean.
        model_storage: where a trained component keeps what it has learned.
        resource: its name there.
    """

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls: type[Built],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Built:
        """A new component, untrained.

        Raises:
            InvalidConfigException: naming the key that is wrong.
        """
        try:
            return cls(config, model_storage, resource)
        except ValueError as error:
            raise InvalidConfigException(f"config.yml, {cls.__name__}: {error}") from error


def number(config: dict[str, Any], key: str, least: float, most: float = float("inf")) -> float:
    """A setting that is a number.

    Raises:
        ValueError: it is missing, no number, or out of bounds.
    """
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        bounds = f"from {least:g} to {most:g}" if most < float("inf") else f"of at least {least:g}"
        raise ValueError(f"{key} must be a number {bounds}, not {value!r}.")
    return value
