import pytest

from actions.extraction.contact_details import email_in, phone_in, written_in


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("maria@example.org", "maria@example.org"),
        ("my e-mail is maria.quispe+cart@mail.example.org, thanks", "maria.quispe+cart@mail.example.org"),
        ("Write to (maria@example.org).", "maria@example.org"),
        ("MARIA@EXAMPLE.ORG", "MARIA@example.org"),
        ("not a@example.org, it is b@example.org", "b@example.org"),
    ],
)
def test_an_address_is_found_in_a_sentence(text: str, email: str) -> None:
    assert email_in(text) == (email, False)


@pytest.mark.parametrize("text", ["maria@example", "maria@@example.org", "maria@exa mple", "maria@example,org"])
def test_something_meant_as_an_address_is_told_from_none_at_all(text: str) -> None:
    assert email_in(text) == (None, True)
    assert email_in("I have no address") == (None, False)


@pytest.mark.parametrize(
    ("text", "region", "phone"),
    [
        ("call me on +44 20 7946 0000, please", None, "+442079460000"),
        ("+1 (202) 555-0175 in the evening", None, "+12025550175"),
        ("0044 20 7946 0000", None, "+442079460000"),
        ("whatsapp +254 20 555 0101", None, "+254205550101"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("not +44 20 7946 0000 but +44 20 7946 0001", None, "+442079460001"),
    ],
)
def test_a_number_is_found_in_international_form(text: str, region: str | None, phone: str) -> None:
    assert phone_in(text, region) == (phone, False)


@pytest.mark.parametrize("text", ["555-0142", "020 7946 0000", "+999 123 456 789"])
def test_a_number_that_cannot_be_called_is_told_from_none_at_all(text: str) -> None:
    assert phone_in(text) == (None, True)
    assert phone_in("I have no phone") == (None, False)


@pytest.mark.parametrize(
    "text", ["his temperature is 39.5", "she is 52", "platelets 12", "since 2019", "mary12345678@example.org"]
)
def test_other_numbers_are_no_phone_numbers(text: str) -> None:
    assert phone_in(text, "US") == (None, False)


def test_whatever_was_meant_to_reach_somebody_is_known_as_it_was_written() -> None:
    text = "maria@exmple,com, no: maria@example.org or 020 7946 0000"
    assert written_in(text) == ["maria@exmple", "maria@example.org", "020 7946 0000"]
