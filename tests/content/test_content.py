"""The content as it is passes every check, and ``python -m bot.content`` tells an editor what it found."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain

from bot.content.__main__ import main
from bot.content.catalogue import ContentError, read_answers, read_yaml
from bot.content.check import find_problems
from bot.content.coverage import answers_by_section, uncovered
from bot.content.languages import read_languages
from bot.content.reader import read_content
from bot.nlg import ReplyComposer
from bot.nlg.speaker import LONGEST
from bot.nlu.understanding import Understanding
from bot.nlu.understanding.follow_up import refers_back
from tests.content import project
from tests.content.project import metadata, replaced
from tests.events import asked, conversation

ROOT = Path(__file__).parents[2]


def test_the_content_has_no_problem() -> None:
    assert [str(problem) for problem in find_problems(read_content(ROOT))] == []


def test_every_other_language_names_the_emergency_numbers_and_a_helpline() -> None:
    files = [file for file in ROOT.glob("data/languages/*/replies.yml") if not _is_spoken(file.parent.name)]
    assert len(files) > 5
    for file in [ROOT / "domain.yml", *files]:
        text = read_yaml(file)["responses"]["utter_other_language"][0]["text"]
        assert not [number for number in ("112", "120", "findahelpline.com") if number not in text], text


def _is_spoken(code: str) -> bool:
    return read_languages(ROOT)[code].is_spoken


def test_the_emergency_card_says_at_once_what_it_is_and_whom_to_call() -> None:
    card = read_yaml(ROOT / "domain.yml")["responses"]["utter_emergency"][0]["text"]
    assert "may be an emergency" in card[:200]
    assert "emergency number now: 112 in Europe, 911 in the US, 120 in China" in card[:200]


def test_the_crisis_reply_names_a_line_for_everybody() -> None:
    reply = read_yaml(ROOT / "domain.yml")["responses"]["utter_crisis"][0]["text"]
    for line in ("US and Canada: call or text 988", "UK and Ireland: Samaritans, 116 123", "China: 12356"):
        assert line in reply
    assert "anywhere else: findahelpline.com" in reply


def test_every_answer_can_be_read_on_a_phone_even_as_the_first_reply_with_all_that_may_stand_beside_it() -> None:
    content = read_content(ROOT)
    answers = {draft.key: [{"text": draft.text, "metadata": dict(draft.metadata)}] for draft in content.answers}
    responses = {**read_yaml(ROOT / "domain.yml")["responses"], **answers}
    composer = ReplyComposer(None, Domain.from_dict({"responses": responses}))
    unsure = conversation(asked(understanding=Understanding(echo=True, hedge=True)))
    for key in answers:
        reply = asyncio.run(composer.generate(key, unsure, "rest"))
        assert reply
        assert len(reply["text"]) <= LONGEST, (key, len(reply["text"]))


def test_no_title_refers_back() -> None:
    """A click on it means the same after any answer."""
    assert [draft.title for draft in read_content(ROOT).answers if refers_back(draft.title)] == []


def test_every_section_of_the_documents_has_an_answer() -> None:
    content = read_content(ROOT)
    assert list(uncovered(content, answers_by_section(content))) == []


def test_the_server_can_use_every_answer_and_send_it_as_json() -> None:
    content = read_content(ROOT)
    responses = {draft.key: [{"text": draft.text, "metadata": dict(draft.metadata)}] for draft in content.answers}
    assert len(read_answers(responses, content.sources)) == len(content.answers)
    json.dumps(responses)


def test_the_entry_in_the_editors_guide_is_correct(tmp_path: Path) -> None:
    guide = (ROOT / "docs/editing-content.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(version:.*?)```", guide, re.DOTALL)
    assert example
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    (tmp_path / "data/nlu/faq/example.yml").write_text(example[1], encoding="utf-8")
    content = read_content(tmp_path)
    assert "real_world_evidence" in {draft.name for draft in content.answers}
    assert [str(problem) for problem in find_problems(content)] == []


def test_correct_content_ends_with_a_table_and_no_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(project.write(tmp_path)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Guide",
        "   1  Start (first)",
        "      collecting",
        "   1  End (second)",
        "      freezing",
        "",
        "2 answers, 30 questions, 2 sections: no problems.",
    ]


def test_a_section_without_an_answer_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(project.write(tmp_path, metadata(sources=["second"]))) == 1
    printed = capsys.readouterr().out
    assert 'data/nlu/sources.yml: first: no answer cites "Start".' in printed
    assert "   0  Start (first)\n      NO ANSWER" in printed


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            project.TOPIC,
            'version: "3.1"\nnlu:\n- intent: "faq/x\n',
            "steps.yml line 4, column 1: not valid YAML",
        ),
        (
            project.TOPIC,
            "nlu:\n- intent: faq/x\n\texamples: y\n",
            "steps.yml line 3, column 1: not valid YAML",
        ),
        (
            project.TOPIC,
            "responses:\n  a: 1\n  a: 2\n",
            "line 3, column 3: not valid YAML (`a` is written twice",
        ),
        (project.TOPIC, "", "steps.yml: expected keys such as `nlu:`"),
        (project.TOPIC, "nlu: faq\n", "steps.yml: nlu: expected a list"),
        (project.TOPIC, "nlu:\n- faq/x\n", "steps.yml: under `nlu:`, expected `- intent: ...`"),
        (project.TOPIC, "nlu:\n- intent: faq/x\n  examples:\n  - y\n", "faq/x: write `examples: |`"),
        (project.TOPIC, "responses:\n- x\n", "steps.yml: under `responses:`, expected lines"),
        (project.TOPIC, "responses:\n  utter_faq/x: []\n", "utter_faq/x: expected `- text: |-`"),
        (project.SOURCES, "sources: [x]\n", "sources.yml: expected `sources:` with `title` and `sections`"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, message: str
) -> None:
    assert main(project.write(tmp_path, replaced(file, text))) == 1
    printed = capsys.readouterr().out
    assert message in printed
    assert printed.count("\n") == 1


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project.write(tmp_path) / project.DOMAIN).unlink()
    assert main(tmp_path) == 1
    assert "domain.yml cannot be read: No such file or directory." in capsys.readouterr().out


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes("title: é".encode("latin-1"))
    with pytest.raises(ContentError, match="not UTF-8 text"):
        read_yaml(file)
