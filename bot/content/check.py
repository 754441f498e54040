"""All content checks together."""

from bot.content import guide, safety, structure, wording
from bot.content.problem import Problem
from bot.content.reader import Content

CHECKS = (*structure.CHECKS, *wording.CHECKS, *safety.CHECKS, *guide.CHECKS)


def find_problems(content: Content) -> list[Problem]:
    """What the editors have to mend, file by file."""
    return sorted(problem for check in CHECKS for problem in check(content))
