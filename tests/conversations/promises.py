"""What holds for every reply of every conversation."""

from pathlib import Path

from bot.content.catalogue import read_yaml
from bot.nlg.speaker import LONGEST
from tests.answers import answers, names_by_title
from tests.assistant import Reply

DOMAIN = Path("domain.yml")
URGENT = {"crisis", "emergency"}
PERSON = "I want to talk to a person"
NONE_OF_THESE = "None of these"
NUMBERS = ("112", "911", "120")
SOURCE = "Source: "


class Promises:
    """Watches one conversation."""

    def __init__(self) -> None:
        domain = read_yaml(DOMAIN)
        self._notice = domain["responses"]["utter_notice"][0]["text"].strip()
        lines = ("utter_cannot_wait", "utter_cannot_wait_crisis", "utter_in_emergency")
        self._cannot_wait = [domain["responses"][line][0]["text"].strip() for line in lines]
        self._ordinary_replies = 0

    def check(self, reply: Reply) -> None:
        """Fails where a reply breaks one of them."""
        kind = reply["metadata"]["kind"]
        if reply["metadata"].get("language") not in {None, "en"}:
            # Its words are others; what is composed of them is in tests/unit/test_nlg_languages.py.
            self._ordinary_replies += kind not in URGENT
            return
        _check_sources(reply, kind)
        self._check_cannot_wait(reply, kind)
        self._check_notice(reply, kind)
        titles = [button["title"] for button in reply.get("buttons", [])]
        _check_buttons(titles, kind)
        if kind in URGENT:
            assert all(number in reply["text"] for number in NUMBERS), reply

    def _check_cannot_wait(self, reply: Reply, kind: str) -> None:
        """Never twice; with the first ordinary reply, and where the response or one of the answers says so."""
        wanted = reply["metadata"].get("cannot_wait", kind not in URGENT and self._ordinary_replies == 0)
        wanted = wanted or any(answers()[name].cannot_wait for name in reply["metadata"].get("answers", []))
        assert sum(map(reply["text"].count, self._cannot_wait)) == int(wanted), reply["text"]

    def _check_notice(self, reply: Reply, kind: str) -> None:
        """Once in a conversation, with the first reply that is not urgent."""
        first = kind not in URGENT and self._ordinary_replies == 0
        assert reply["text"].count(self._notice) == int(first), reply["text"]
        self._ordinary_replies += kind not in URGENT


def _check_sources(reply: Reply, kind: str) -> None:
    """The last line of an answer, or of two, names all their sources; no other reply has such a line."""
    lines = reply["text"].splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.startswith(SOURCE)]
    assert found == ([len(lines)] if kind == "answer" else []), reply["text"]
    given = {(each["document"], each["section"]) for each in reply["metadata"].get("sources", [])}
    names = reply["metadata"].get("answers", [])
    assert given == {(source.document, source.section) for name in names for source in answers()[name].sources}
    assert all(document in lines[-1] and f'"{section}"' in lines[-1] for document, section in given)
    assert kind != "answer" or len(reply["text"]) <= LONGEST, len(reply["text"])


def _check_buttons(titles: list[str], kind: str) -> None:
    assert all(titles)
    assert len(set(titles)) == len(titles)
    if kind == "did_you_mean":
        *questions, last = titles
        assert last == NONE_OF_THESE
        assert 2 <= len(questions) <= 3
        assert set(questions) <= set(names_by_title())
    elif kind in URGENT:
        assert titles == []
    elif kind == "lost":
        assert len(titles) == 4
        assert titles[-1] == PERSON
    elif kind == "lost_again":
        assert titles[0] == PERSON
    elif kind == "answer":
        assert len(titles) <= 3
    elif kind in {"personal_advice", "other_language"}:
        assert PERSON in titles
