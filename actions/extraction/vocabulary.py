"""The words of data/nlu/words.yml."""

from dataclasses import dataclass
from pathlib import Path

from bot.content.catalogue import ContentError, read_yaml

WORDS_FILE = Path("data/nlu/words.yml")


@dataclass(frozen=True)
class Words:
    """How diseases and patients are called.

    Attributes:
        conditions: by how they are written, lower case: the name that staff read.
        capitals_only: names that are ordinary words unless written in capitals.
        relatives: who may be ill, after "my".
        self: ways to say that the visitor is the patient, lower case.
        agree: short ways to agree, lower case.
        decline: short ways to decline, lower case.
        stop: words that stop a request wherever they stand in a message, lower case.
        person: words for a member of staff, lower case.
    """

    conditions: dict[str, str]
    capitals_only: frozenset[str]
    relatives: tuple[str, ...]
    self: frozenset[str]
    agree: frozenset[str]
    decline: frozenset[str]
    stop: frozenset[str]
    person: frozenset[str]


def read_words(path: Path = WORDS_FILE) -> Words:
    """Reads the file.

    Raises:
        ContentError: a key is missing.
    """
    content = read_yaml(path)
    try:
        conditions = {way.lower(): name for name, others in content["conditions"].items() for way in [name, *others]}
        return Words(
            conditions,
            frozenset(content["capitals_only"]),
            tuple(content["relatives"]),
            *(frozenset(way.lower() for way in content[key]) for key in ("self", "agree", "decline", "stop", "person")),
        )
    except KeyError as error:
        raise ContentError(f"{path}: {error} is missing.") from error
