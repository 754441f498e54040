"""The answers as the editors wrote them, for tests that compare replies with them."""

from functools import cache

from bot.content.catalogue import TOPICS_FOLDER, Answer, read_answers, read_sources, read_yaml
from bot.content.languages import known_texts, plain


@cache
def answers() -> dict[str, Answer]:
    """All answers by name."""
    responses = {}
    for path in sorted(TOPICS_FOLDER.glob("*.yml")):
        responses.update(read_yaml(path)["responses"])
    return read_answers(responses, read_sources())


@cache
def names_by_any_title() -> dict[str, str]:
    """Answer names by their titles in all languages."""
    english = names_by_title()
    translated = {words: meant for words, found in known_texts().items() for _, meant in found if meant in english}
    return {plain(title): name for title, name in english.items()} | {
        words: english[meant] for words, meant in translated.items()
    }


@cache
def names_by_title() -> dict[str, str]:
    """Answer names by the title that their buttons show."""
    return {answer.title: answer.name for answer in answers().values()}
