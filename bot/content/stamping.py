"""``python -m bot.content stamp es``: a translator has compared; what is translated is of today's originals."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from bot.content.catalogue import ContentError
from bot.content.languages import STAMPS_FILE, read_languages, read_originals, read_translation, stamps_of

_HEAD = "# Which words of the originals were translated; written by `python -m bot.content stamp`, never by hand.\n"


def stamp(arguments: Sequence[str], root: Path = Path()) -> int:
    """Stamps the translations of a language.

    Args:
        arguments: the language's code, then names of responses; without names all of them.

    Returns:
        0, or 2 when there is no such language or name.
    """
    code, *names = arguments or [""]
    try:
        language = read_languages(root).get(code)
        if language is None:
            raise ContentError(f"There is no folder data/languages/{code}.")
        translation, originals = read_translation(language, root), read_originals(root)
    except ContentError as error:
        print(error)
        return 2
    unknown = sorted(set(names) - set(translation.responses))
    if unknown:
        print(f"Not translated: {', '.join(unknown)}.")
        return 2
    today = stamps_of(originals, names or translation.responses)
    stamps = {name: stamp for name, stamp in {**translation.stamps, **today}.items() if name in originals}
    text = _HEAD + yaml.safe_dump(stamps, sort_keys=True, width=1000)
    (translation.folder / STAMPS_FILE).write_text(text, encoding="utf-8")
    print(f"{language.name}: {len(today)} stamped.")
    return 0
