"""``python -m bot.content``: checks what editors and translators wrote, in seconds and without training.

``python -m bot.content stamp <language> [names]`` notes that translations are of today's originals.
"""

import sys
from pathlib import Path

from bot.content.catalogue import ContentError
from bot.content.check import find_problems
from bot.content.coverage import answers_by_section, coverage_table, uncovered
from bot.content.reader import Content, read_content
from bot.content.stamping import stamp
from bot.content.translations import find_translation_problems


def main(root: Path = Path()) -> int:
    """Prints the coverage of the documents, the problems and a summary; 1 when there is anything to mend."""
    try:
        content = read_content(root)
    except ContentError as error:
        print(error)
        return 1
    coverage = answers_by_section(content)
    problems = [*find_problems(content), *uncovered(content, coverage), *find_translation_problems(root)]
    for problem in problems:
        print(problem)
    if problems:
        print()
    print(coverage_table(content, coverage))
    print(f"\n{_summary(content, len(problems))}")
    return 1 if problems else 0


def _summary(content: Content, problems: int) -> str:
    questions = sum(len(given.lines) for given in content.faq_questions)
    found = "no problems" if not problems else "1 problem" if problems == 1 else f"{problems} problems"
    return (
        f"{len(content.answers)} answers, {questions} questions, {len(content.sources)} sections: {found}"
        f"{' (listed above the table)' if problems else ''}."
    )


if __name__ == "__main__":
    sys.exit(stamp(sys.argv[2:]) if sys.argv[1:2] == ["stamp"] else main())
