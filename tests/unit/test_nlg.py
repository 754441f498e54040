"""What a visitor reads, composed from a small domain and two source sections."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event

from bot.content.catalogue import ContentError
from bot.nlg import ReplyComposer
from bot.nlu.understanding import Understanding
from bot.nlu.understanding.urgency import Urgency
from tests.events import answered, asked, conversation, replied

SOURCES = {"sources": [{"title": "The Guide", "sections": {"effects": "Side Effects", "costs": "Costs"}}]}
EXPLANATIONS = {"explanations": [{"term": "icans", "text": "about nerves.", "sources": ["effects"]}]}
PAGE = {
    "title": "All steps",
    "lead": "One by one.",
    "reviewed": "2026-11-21",
    "sections": [{"kind": "notes", "title": "Know", "items": [{"text": "It is so.", "sources": ["effects"]}]}],
}
NOTICE = "General information only."
CANNOT_WAIT = "Call now for fever."
NUMBERS = "First call 112."
EFFECTS, COSTS = 'The Guide, "Side Effects"', 'The Guide, "Costs"'


def answer(title: str, *sources: str, related: tuple[str, ...] = (), **rest: Any) -> list[dict[str, Any]]:
    metadata = {
        "title": title,
        "subject": title.upper(),
        "sources": list(sources),
        "reviewed": "2026-11-21",
        "related": list(related),
        **rest,
    }
    return [{"text": f"About {title}.\n\nMore on {title}.\n", "metadata": metadata}]


RESPONSES: dict[str, list[dict[str, Any]]] = {
    "utter_notice": [{"text": f"{NOTICE}\n"}],
    "utter_cannot_wait": [{"text": f"{CANNOT_WAIT}\n"}],
    "utter_in_emergency": [{"text": f"{NUMBERS}\n"}],
    "utter_cannot_wait_crisis": [{"text": "Call a helpline."}],
    "utter_detail_may_be_missing": [{"text": "More is not known."}],
    "utter_greet": [{"text": "Hello!"}],
    "utter_emergency": [{"text": "Call now!"}],
    "utter_crisis": [{"text": "You are not alone."}],
    "utter_unavailable": [{"text": "Not stored."}],
    "utter_feelings": [{"text": "I am sorry.", "metadata": {"cannot_wait": True}}],
    "utter_other_language": [{"text": "Im Notfall 112.", "metadata": {"cannot_wait": False}}],
    "utter_asked_again": [{"text": "As I said:", "buttons": [{"title": "Human", "payload": "human"}]}],
    "utter_in_short": [{"text": "In short:"}],
    "utter_words_explained": [{"text": "Words:"}],
    "utter_about_reply_shorter": [{"text": "No long answer yet."}],
    "utter_about_reply_explain": [{"text": "Which word?"}],
    "utter_about_reply_repeat": [{"text": "Nothing yet."}],
    "utter_about_reply_more": [{"text": "No more."}],
    "utter_lost": [{"text": "I do not know.", "buttons": [{"title": "Human", "payload": "human"}]}],
    "utter_did_you_mean": [{"text": "Did you mean:", "buttons": [{"title": "None", "payload": "None"}]}],
    "utter_faq/crs": answer("crs", "effects", related=("costs", "icans", "tls", "both")),
    "utter_faq/icans": answer("icans", "effects", related=("crs", "costs")),
    "utter_faq/tls": answer("tls", "effects"),
    "utter_faq/costs": answer("costs", "costs"),
    "utter_faq/both": answer("both", "costs", "effects"),
    "utter_faq/danger": answer("danger", "effects", cannot_wait=True),
    "utter_faq/steps": answer("steps", "effects", page="steps"),
    "utter_faq/infusion": answer("infusion", "effects", page="steps"),
    "utter_faq/lost_page": answer("lost_page", "effects", page="no_page"),
}


@pytest.fixture
def composer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReplyComposer:
    return composer_of(RESPONSES, tmp_path, monkeypatch)


def composer_of(responses: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> ReplyComposer:
    sources = folder / "data/nlu/sources.yml"
    sources.parent.mkdir(parents=True)
    sources.write_text(yaml.safe_dump(SOURCES))
    sources.with_name("explanations.yml").write_text(yaml.safe_dump(EXPLANATIONS))
    page = folder / "data/pages/steps.yml"
    page.parent.mkdir()
    page.write_text(yaml.safe_dump(PAGE))
    monkeypatch.chdir(folder)
    return ReplyComposer(None, Domain.from_dict({"responses": responses}))


def say(composer: ReplyComposer, response: str, *past: Event, **understood: Any) -> dict[str, Any]:
    """The reply after ``past`` to a message that was understood so."""
    tracker = conversation(*past, asked(understanding=Understanding(**understood)))
    reply = asyncio.run(composer.generate(response, tracker, "rest"))
    assert reply is not None
    return dict(reply)


LATER = (asked(), replied("utter_greet"))


def test_an_answer_ends_with_its_one_source_line(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_faq/crs", *LATER)
    assert reply["text"] == f"About crs.\n\nMore on crs.\n\nSource: {EFFECTS}"


def test_several_sources_share_the_line(composer: ReplyComposer) -> None:
    assert (
        say(composer, "utter_faq/both", *LATER)["text"].splitlines()[-1] == 'Source: The Guide, "Costs", "Side Effects"'
    )


def test_an_answer_carries_its_metadata(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/danger", *LATER)["metadata"] == {
        "kind": "answer",
        "answers": ["danger"],
        "title": "danger",
        "asked": "danger",
        "subject": "DANGER",
        "offered": [],
        "reviewed": "2026-11-21",
        "sources": [{"document": "The Guide", "section": "Side Effects"}],
        "cannot_wait": True,
    }


def test_an_answer_names_its_page_of_the_guide_once(composer: ReplyComposer) -> None:
    pages = [{"path": "/guide/steps", "title": "All steps"}]
    assert say(composer, "utter_faq/steps", *LATER)["metadata"]["pages"] == pages
    assert say(composer, "utter_faq/steps", *LATER, also=("infusion", "crs"))["metadata"]["pages"] == pages


@pytest.mark.parametrize("name", ["crs", "lost_page"])
def test_an_answer_without_a_page_names_none(composer: ReplyComposer, name: str) -> None:
    assert "pages" not in say(composer, f"utter_faq/{name}", *LATER)["metadata"]


def test_a_reply_tells_the_page_whether_it_says_whom_to_call(composer: ReplyComposer) -> None:
    assert say(composer, "utter_greet")["metadata"]["cannot_wait"]
    assert "cannot_wait" not in say(composer, "utter_greet", *LATER)["metadata"]
    assert "cannot_wait" not in say(composer, "utter_faq/crs", *LATER)["metadata"]


def test_up_to_three_related_questions_are_buttons_in_words(composer: ReplyComposer) -> None:
    buttons = [{"title": name, "payload": name} for name in ("costs", "icans", "tls")]
    assert say(composer, "utter_faq/crs")["buttons"] == buttons


def test_an_answer_that_was_not_quite_sure_opens_with_the_question(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/crs", *LATER, echo=True)["text"].startswith("crs\n\nAbout crs.")


def test_a_second_question_is_answered_as_well(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_faq/crs", *LATER, level="sure", also=("costs",))
    assert reply["text"].startswith("crs\n\nAbout crs.\n\nMore on crs.\n\ncosts\n\nAbout costs.")
    assert reply["text"].splitlines()[-1] == 'Source: The Guide, "Side Effects", "Costs"'
    assert reply["text"].count("Source:") == 1


def test_two_answers_refer_to_the_second_and_offer_neither_again(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_faq/crs", also=("icans",))
    assert [button["title"] for button in reply["buttons"]] == ["costs", "tls", "both"]
    assert (reply["metadata"]["answers"], reply["metadata"]["asked"]) == (["crs", "icans"], "icans")


def test_two_answers_with_one_source_name_it_once(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/crs", also=("icans",))["text"].count(EFFECTS) == 1


@pytest.mark.parametrize("response", sorted(name for name in RESPONSES if "faq" not in name))
def test_nothing_but_an_answer_has_a_source_line(composer: ReplyComposer, response: str) -> None:
    reply = say(composer, response)
    assert "Source:" not in reply["text"]
    assert reply["metadata"]["kind"] == response.removeprefix("utter_")


@pytest.mark.parametrize("response", ["utter_greet", "utter_lost", "utter_did_you_mean"])
def test_the_first_reply_carries_the_notice(composer: ReplyComposer, response: str) -> None:
    assert say(composer, response)["text"] == f"{RESPONSES[response][0]['text']}\n\n{NUMBERS}\n\n{NOTICE}"


def test_the_first_answer_carries_the_notice_above_its_source(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/crs")["text"].endswith(
        f"More on crs.\n\n{NUMBERS}\n\n{NOTICE}\n\nSource: {EFFECTS}"
    )


@pytest.mark.parametrize("response", ["utter_greet", "utter_faq/crs"])
def test_the_notice_is_given_once(composer: ReplyComposer, response: str) -> None:
    assert NOTICE not in say(composer, response, *LATER)["text"]


@pytest.mark.parametrize(("response", "line"), [("utter_feelings", CANNOT_WAIT), ("utter_faq/danger", NUMBERS)])
def test_what_cannot_wait_is_said_where_the_metadata_says_so(composer: ReplyComposer, response: str, line: str) -> None:
    for past in (), LATER, (*LATER, asked(), replied(response)):
        text = say(composer, response, *past)["text"]
        assert [text.count(each) for each in (CANNOT_WAIT, NUMBERS)] == [line == CANNOT_WAIT, line == NUMBERS]


def test_the_numbers_stand_above_the_source(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/danger", *LATER)["text"].endswith(f"\n\n{NUMBERS}\n\nSource: {EFFECTS}")


@pytest.mark.parametrize(
    ("lengths", "whole"), [((500, 500), (True, True)), ((500, 900), (True, False)), ((1300, 900), (False, False))]
)
def test_two_answers_that_are_long_together_are_given_in_short_the_last_first(
    lengths: tuple[int, int], whole: tuple[bool, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {f"utter_faq/{name}": answer(name, "effects") for name in ("one", "two")}
    for response, length in zip(long.values(), lengths, strict=True):
        response[0]["text"] += f"\n{'x' * length}"
    text = say(composer_of({**RESPONSES, **long}, tmp_path, monkeypatch), "utter_faq/one", *LATER, also=("two",))[
        "text"
    ]
    assert ("About one." in text, "About two." in text) == (True, True)
    assert tuple("x" * length in text for length in lengths) == whole


@pytest.mark.parametrize(("first", "second"), [("danger", "crs"), ("crs", "danger"), ("danger", "danger")])
def test_two_answers_say_once_what_cannot_wait(composer: ReplyComposer, first: str, second: str) -> None:
    assert say(composer, f"utter_faq/{first}", *LATER, also=(second,))["text"].count(NUMBERS) == 1


def test_a_reply_that_says_it_itself_is_not_added_to(composer: ReplyComposer) -> None:
    assert say(composer, "utter_other_language")["text"] == f"Im Notfall 112.\n\n{NOTICE}"


@pytest.mark.parametrize("response", ["utter_greet", "utter_faq/crs"])
def test_what_can_wait_is_left_alone(composer: ReplyComposer, response: str) -> None:
    assert CANNOT_WAIT not in say(composer, response, *LATER)["text"]


@pytest.mark.parametrize("response", ["utter_emergency", "utter_crisis", "utter_unavailable"])
def test_an_urgent_reply_stands_alone(composer: ReplyComposer, response: str) -> None:
    reply = say(composer, response)
    assert reply["text"] == RESPONSES[response][0]["text"]
    assert not reply.get("buttons")


def test_after_an_urgent_reply_the_notice_is_still_due(composer: ReplyComposer) -> None:
    assert NOTICE in say(composer, "utter_greet", asked(), replied("utter_emergency"))["text"]


def test_did_you_mean_offers_the_candidates_before_its_own_button(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_did_you_mean", level="between", candidates=("icans", "costs"))
    assert [button["payload"] for button in reply["buttons"]] == ["icans", "costs", "None"]


def test_a_reply_keeps_its_own_buttons(composer: ReplyComposer) -> None:
    assert say(composer, "utter_lost")["buttons"] == RESPONSES["utter_lost"][0]["buttons"]


def test_composing_leaves_the_responses_as_they_are(composer: ReplyComposer) -> None:
    first = say(composer, "utter_did_you_mean", candidates=("icans",))
    assert say(composer, "utter_did_you_mean", candidates=("icans",)) == first


def test_an_unknown_response_is_no_reply(composer: ReplyComposer) -> None:
    assert asyncio.run(composer.generate("utter_unknown", conversation(asked()), "rest")) is None


def test_responses_set_later_replace_the_answers(composer: ReplyComposer) -> None:
    composer.responses = {**RESPONSES, "utter_faq/tls": answer("new tls", "costs")}
    assert "About new tls." in say(composer, "utter_faq/tls")["text"]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (answer("crs", "unknown"), "unknown source unknown"),
        (answer("crs", "costs", related=("nothing",)), "unknown related answer nothing"),
        ([{"text": "no metadata"}], "missing related, reviewed, sources, subject, title"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: list[dict[str, Any]], problem: str
) -> None:
    with pytest.raises(ContentError, match=f"utter_faq/crs: {problem}"):
        composer_of({"utter_faq/crs": broken}, tmp_path, monkeypatch)


def test_what_may_have_been_meant_instead_comes_first_among_the_buttons(composer: ReplyComposer) -> None:
    buttons = say(composer, "utter_faq/crs", *LATER, level="sure", candidates=("tls",))["buttons"]
    assert [button["title"] for button in buttons] == ["tls", "costs", "icans"]


@pytest.mark.parametrize("response", ["utter_greet", "utter_faq/crs"])
def test_what_cannot_wait_is_said_to_whoever_might_be_in_danger(composer: ReplyComposer, response: str) -> None:
    assert say(composer, response, *LATER, urgency=Urgency.POSSIBLE)["text"].count(CANNOT_WAIT) == 1


def test_an_answer_that_may_lack_a_detail_says_so_above_its_source(composer: ReplyComposer) -> None:
    assert say(composer, "utter_faq/crs", *LATER, hedge=True)["text"].endswith(
        f"More on crs.\n\nMore is not known.\n\nSource: {EFFECTS}"
    )


@pytest.mark.parametrize(("concern", "line"), [("emergency", CANNOT_WAIT), ("crisis", "Call a helpline.")])
def test_without_an_answer_what_cannot_wait_comes_first(composer: ReplyComposer, concern: str, line: str) -> None:
    reply = say(composer, "utter_lost", *LATER, urgency=Urgency.POSSIBLE, concern=concern)
    assert reply["text"] == f"{line}\n\nI do not know."


ASKED_CRS = (asked(), answered("crs", asked="crs"))


def test_the_same_question_again_gets_it_in_short_with_a_way_to_a_person(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_faq/crs", *ASKED_CRS, again=True, candidates=("tls",))
    assert reply["text"] == f"As I said:\n\nAbout crs.\n\nSource: {EFFECTS}"
    assert [button["title"] for button in reply["buttons"]] == ["tls", "costs", "Human"]


def test_shorter_is_the_first_paragraph(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_about_reply_shorter", *ASKED_CRS)
    assert reply["text"] == f"In short:\n\nAbout crs.\n\nSource: {EFFECTS}"
    assert reply["metadata"]["answers"] == ["crs"]


def test_more_is_the_next_related_answer_that_was_not_given(composer: ReplyComposer) -> None:
    given = (asked(), answered("costs"), *ASKED_CRS)
    assert say(composer, "utter_about_reply_more", *given)["text"].startswith("icans\n\nAbout icans.")


def test_when_there_is_no_more_it_says_so(composer: ReplyComposer) -> None:
    assert say(composer, "utter_about_reply_more", asked(), answered("tls"))["text"] == "No more."


def test_the_hard_words_of_the_answer_are_explained(composer: ReplyComposer) -> None:
    assert "- icans: about nerves." in say(composer, "utter_about_reply_explain", asked(), answered("icans"))["text"]
    assert say(composer, "utter_about_reply_explain", asked(), answered("tls"))["text"] == "Which word?"


def test_repeating_says_the_same(composer: ReplyComposer) -> None:
    assert say(composer, "utter_about_reply_repeat", *ASKED_CRS)["text"] == "a reply"
    assert say(composer, "utter_about_reply_repeat")["text"].startswith("Nothing yet.")
