"""The words of one language: all responses, answers and explanations, and how sources are named in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.content.catalogue import Answer, Explanation, Source, read_answers, read_explanations, source_line
from bot.content.languages import DRAFT, Translation, in_language
from bot.content.pages import read_pages


@dataclass(frozen=True)
class Words:
    """What can be said.

    Attributes:
        responses: of domain.yml and data/nlu/faq, by name.
        language: code; None for English.
        is_draft: not read by a second person yet.
        source: the word for "Source".
        glosses: what the English names of documents and sections mean.
        pages: links to the guide's pages, by name; they are English so far, and nobody else is sent there.
    """

    responses: dict[str, list[dict[str, Any]]]
    answers: Mapping[str, Answer]
    explanations: Sequence[Explanation]
    language: str | None = None
    is_draft: bool = False
    source: str = "Source"
    glosses: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def english(cls, responses: dict[str, list[dict[str, Any]]], sources: Mapping[str, Source]) -> "Words":
        """The originals."""
        pages = {page.name: page.link for page in read_pages()}
        return cls(responses, read_answers(responses, sources), read_explanations(), pages=pages)

    @classmethod
    def translated(cls, english: "Words", translation: Translation, sources: Mapping[str, Source]) -> "Words":
        """The originals in another language; English words where there are no others."""
        responses = in_language(english.responses, translation)
        sections = {sources[id].section: gloss for id, gloss in translation.sections.items() if id in sources}
        return cls(
            responses,
            read_answers(responses, sources),
            translation.explanations or english.explanations,
            translation.language.code,
            translation.language.state == DRAFT,
            translation.source,
            {**translation.documents, **sections},
        )

    def source_line(self, sources: Sequence[Source]) -> str:
        """What ends an answer; the documents are English, and so are the names of their sections."""
        return source_line(sources, self.source, self.glosses)

    def glossed(self, source: Source) -> dict[str, str]:
        """A source for the visitor's page."""
        named = {"document_gloss": self.glosses.get(source.document), "section_gloss": self.glosses.get(source.section)}
        return {**vars(source), **{key: gloss for key, gloss in named.items() if gloss}}
