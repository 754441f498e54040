"""All details of one text, or of several in the order in which they were written."""

from actions.extraction import Details
from actions.extraction.bounds import newest
from actions.extraction.contact_details import email_in, phone_in
from actions.extraction.entities import People, load_language, region_of
from actions.extraction.vocabulary import read_words
from bot.content.languages import ENGLISH


class Extractor:
    """Finds details.

    Args:
        people: for names, places and diseases.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self._abroad: dict[str, Extractor] = {}

    @classmethod
    def load(cls) -> "Extractor":
        """With spaCy's model and data/nlu/words.yml; takes a second."""
        return cls(People(load_language(), read_words()))

    def in_language(self, code: str | None) -> "Extractor":
        """One that also knows the words of another language."""
        if not code or code == ENGLISH:
            return self
        if code not in self._abroad:
            self._abroad[code] = Extractor(self.people.in_language(code))
        return self._abroad[code]

    def details(self, text: str, country: str | None = None) -> Details:
        """What one text says.

        Args:
            country: where a phone number without a country code is from, if the text does not say.
        """
        where = self.people.country(text)
        email, bad_email = email_in(text)
        phone, bad_phone = phone_in(text, region_of(where or country))
        return Details(
            patient=self.people.patient(text),
            name=self.people.name(text),
            email=email,
            phone=phone,
            country=where,
            condition=self.people.condition(text),
            bad_email=bad_email,
            bad_phone=bad_phone,
        )

    def all_details(self, texts: list[str]) -> Details:
        """What the newest of several texts say; the later word counts."""
        found = Details()
        for text in newest(texts):
            found = self.details(text, found.country).over(found)
        return found
