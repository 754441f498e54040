"""Finds the details of a request in what a visitor wrote: who, how to reach them, where from, which disease.

Nothing here decides what to ask or what to keep; ``Details`` is what was found, and every field may be missing.
"""

from dataclasses import dataclass, fields, replace

NAMES = ("patient", "name", "email", "phone", "country", "condition")


@dataclass(frozen=True)
class Details:
    """What was found in a text; None for what was not.

    Attributes:
        patient: who is ill, "my mother" or "myself".
        name: the visitor's.
        email: an address that is written correctly.
        phone: in international form, +442079460000.
        country: English short name, or the place as written.
        condition: the disease.
        bad_email: something meant as an address that is none.
        bad_phone: something meant as a phone number that is none.
    """

    patient: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    condition: str | None = None
    bad_email: bool = False
    bad_phone: bool = False

    def found(self) -> dict[str, str]:
        """The fields that were found, without the bad ones."""
        return {name: value for name in NAMES if (value := getattr(self, name))}

    def over(self, earlier: "Details") -> "Details":
        """These details, and the earlier ones where these have none."""
        return replace(earlier, **{f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)})
