"""The content's safety rules, as far as a machine can hold them: what is never said, or not alone.

A rule finds words, not meaning. It catches a tired editor's slip; a person still compares with the documents.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.content.problem import Problem
from bot.content.reader import Content, Draft
from bot.content.structure import CANNOT_WAIT

UNITS = r"percent|hours?|days?|weeks?|months?|years?|times|patients|people|hospitals|trials"
COUNTS = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|dozens?|hundreds?|thousands?|half|one|a"
)


@dataclass(frozen=True)
class WordingRule:
    """A text that matches ``says`` must also match each of ``needs``; without ``needs`` it is never allowed.

    All are regular expressions, read without regard to case, on the text with single spaces.
    """

    says: str
    needs: tuple[str, ...]
    advice: str

    def forbids(self, text: str) -> str | None:
        """The words in ``text`` that break the rule; None when it is kept."""
        found = re.search(self.says, text, re.IGNORECASE)
        if not found or (self.needs and all(re.search(need, text, re.IGNORECASE) for need in self.needs)):
            return None
        return found.group().strip()


# The care team at once, or the emergency number before it.
AT_ONCE = (r"\bteam\b|\bthem\b|\bfirst call 112\b", r"\bat once\b|\bfirst call 112\b")
TOLD = r"\b(?:team|them)\b[^.]*\bat once\b"
# Where one of these is spoken of, the action comes before the explanation.
ACT_FIRST = r"\bfevers?\b|\bseizures?\b|\btrouble breathing\b|\bbrain swelling\b"
# Replies to somebody who may be waiting with a symptom: bot/nlg adds to them what cannot wait.
WAITING = {
    f"utter_{name}"
    for name in (
        "ask_handoff_form_handoff_consent",
        "already_waiting",
        "background",
        "did_you_mean",
        "feelings",
        "handoff_waiting",
        "handoff_waiting_closed",
        "lost",
        "lost_again",
        "not_now",
        "personal_advice",
        "staff_joined",
        "staff_released",
        "text_only",
        "too_long",
    )
}

RULES = (
    WordingRule(r"\b0 ?%|\b0 ?\+", (), "a broken counter of the page, no fact. Delete it."),
    WordingRule(
        r"[$€£¥]|\b(dollars?|euros?|yuan|rmb|usd)\b",
        (),
        "the documents hold no price. Delete it, and say that they give none.",
    ),
    WordingRule(
        r"\bguarantee|\bmiracle|\bwe recommend\b|\bwill be cured\b|\bsafe and effective\b",
        (),
        "a promise or a recommendation. Say what the source says, and that it is no promise.",
    ),
    WordingRule(r"\bclick here\b|https?://|\]\(|\*\*|[{}]", (), "plain text only: no links, no bold, no braces."),
    WordingRule(
        r"\b90 percent\b",
        (
            r"\bup to 90 percent\b",
            r"\bsome studies\b",
            r"(?-i:\bALL\b)|\bacute lymphoblastic leukemia\b",
            r"\bseveral times\b",
        ),
        'only as: "in some studies, up to 90 percent of children and adults with ALL" who had relapsed '
        '"several times" or had not responded to standard treatment.',
    ),
    WordingRule(
        r"\b2023\b|\b400\b|\bfour (approved )?CAR-T\b|\bapproved four\b",
        (r"\bby the end of 2023\b",),
        'say when: "by the end of 2023".',
    ),
    WordingRule(
        r"\breversible\b|\bsymptoms? (can |will |do )?(go|goes|pass) away\b",
        AT_ONCE,
        'never without "tell the care team at once".',
    ),
    WordingRule(
        r"\bpositive response\b|\b(good|positive) sign\b|\bsign (that|of).{0,20}\bwork"
        r"|\bmeans? that .{0,20}\bworking\b",
        AT_ONCE,
        'never without "tell the care team at once".',
    ),
    WordingRule(
        r"\blife-threatening\b|\bseizures?\b|\bbrain swelling\b|\btrouble breathing\b|\bbleeding\b"
        r"|\bsigns of infection\b",
        AT_ONCE,
        'a dangerous symptom: add "Tell the care team at once" about it.',
    ),
    WordingRule(
        r"\bif\b[^.]{0,30}\bsevere\b[^.]*\bcall\b|\bcall\b[^.]*\bif\b[^.]{0,30}\bsevere\b",
        (r"\bsuch as a seizure\b",),
        'who decides what is severe? Add "such as a seizure, trouble breathing, fainting or heavy bleeding".',
    ),
    WordingRule(
        r"\bnerve effects?\b", (), 'nobody reads this as confusion. Say "confusion and other effects on the brain".'
    ),
    WordingRule(
        r"\b(?:112|911|120)\b",
        (r"\b112 in Europe\b", r"\b911 in the US\b", r"\b120 in China\b"),
        'say which number is for whom: "112 in Europe, 911 in the US, 120 in China".',
    ),
    WordingRule(
        r"\b988\b",
        (r"\bUS and Canada\b", r"\b116 123\b", r"\b12356\b", r"\bfindahelpline\.com\b"),
        "a helpline of one country: name those of the US and Canada (988), the UK and Ireland (116 123) and China "
        "(12356), and findahelpline.com.",
    ),
    WordingRule(r"\b955-?4572\b", (r"(?-i:\bUS\b)",), "say that it is the line of a US charity."),
    WordingRule(
        r"\bpotential cure\b|\beffective and affordable\b",
        (r"\bsources?\b", r"\bno promise\b|\bnot promise\b|\bnot a promise\b"),
        "the page's marketing: name the source that says it, and say that it is no promise.",
    ),
    WordingRule(
        r"\b(revolutionary|revolutioni[sz]e[sd]?|cutting-edge|powerhouse|hotbed|super-charged|renewed hope)\b"
        r"|\bworld-class\b",
        (),
        "advertising. Use a plain word.",
    ),
    WordingRule(
        r"\b(cheaper|more affordable|less expensive|lower price)\b",
        (r"\bsources?\b|\bsource documents?\b", r"\bmay be\b", r"\bno (figures|prices?)\b"),
        'one source\'s claim: name the source, write "may be", and say that it gives no figures.',
    ),
    WordingRule(
        r"\bonly (available|given|offered)\b.{0,30}\btrials?\b|\bonly people who take part in a trial\b",
        (r"\b(disagree|do not agree)\b",),
        "the documents disagree on this. Say so, and name the approved products too.",
    ),
    WordingRule(
        r"\bsecond[- ](largest|by number)\b|\b(most|highest number of) (ongoing )?CAR-T (clinical )?trials\b",
        (r"\b(disagree|do not agree)\b",),
        "the documents disagree on China's rank. Say both, and that they disagree.",
    ),
    WordingRule(
        r"\bapproved\b.{0,40}\bAML\b|\bAML\b.{0,40}\bapproved\b",
        (r"\btrials?\b", r"\bname no\b|\blimited\b|\b(still|mostly|largely)\b.{0,30}\btrials\b"),
        "no approved product for AML is established. Say that it is mostly in trials.",
    ),
)


def safety_rules_are_kept(content: Content) -> Iterator[Problem]:
    """One problem for each rule that an answer or another reply breaks."""
    for draft in content.answers:
        for advice in broken_rules(_one_line(draft)):
            yield Problem(draft.file, draft.intent, advice)
    for reply in content.replies:
        for advice in broken_rules(" ".join(reply.text.split())):
            yield Problem(reply.file, reply.key, advice)


def broken_rules(text: str) -> Iterator[str]:
    """What is wrong with a text, which has single spaces, and what to do."""
    for rule in RULES:
        if words := rule.forbids(text):
            yield f'"{words}": {rule.advice}'


def figures_come_from_the_documents(content: Content) -> Iterator[Problem]:
    """No figure that data/nlu/glossary.yml does not list: digits, and counted units in words."""
    numbered = re.compile(r"(?m)^\d+\. ")
    for draft in content.answers:
        for advice in unknown_figures(f"{draft.title} {numbered.sub('', draft.text)}", content.figures):
            yield Problem(draft.file, draft.intent, advice)


def unknown_figures(text: str, figures: Sequence[str]) -> Iterator[str]:
    """What is wrong with the figures of a text, and what to do."""
    figure = re.compile(rf"\S*\d\S*|\b(?:{COUNTS})(?: of the| out of| and a half)? (?:{UNITS})\b", re.IGNORECASE)
    text = " ".join(text.split())
    for known in sorted(figures, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "", text)
    for unknown in figure.findall(text):
        yield (
            f'the figure "{unknown}" is not in `figures` of data/nlu/glossary.yml. '
            "Delete it, or list it there if a document holds it."
        )


def _one_line(draft: Draft) -> str:
    return " ".join(f"{draft.title} {draft.text}".split())


def the_action_comes_first(content: Content) -> Iterator[Problem]:
    """Somebody who looks up a fever may have one: what to do stands in the first paragraph."""
    for draft in content.answers:
        found = re.search(ACT_FIRST, draft.text, re.IGNORECASE)
        if found and not re.search(TOLD, draft.text.split("\n\n")[0], re.IGNORECASE):
            yield Problem(
                draft.file,
                draft.intent,
                f'"{found.group()}": put "tell the care team at once" into the first paragraph.',
            )


def what_cannot_wait_is_said(content: Content) -> Iterator[Problem]:
    """Who is told to call at once is told whom, and when the emergency number comes first."""
    for draft in content.answers:
        if re.search(TOLD, draft.text, re.IGNORECASE) and not draft.metadata.get(CANNOT_WAIT):
            yield Problem(draft.file, draft.intent, f'"at once": add `{CANNOT_WAIT}: true` under `metadata`.')
    for reply in content.replies:
        if reply.key in WAITING and not reply.cannot_wait:
            yield Problem(
                reply.file,
                reply.key,
                f"somebody may wait here with a symptom. Add `{CANNOT_WAIT}: true` under `metadata`.",
            )


CHECKS = (
    safety_rules_are_kept,
    figures_come_from_the_documents,
    the_action_comes_first,
    what_cannot_wait_is_said,
)
