import pytest

from bot.accounts import passwords
from bot.accounts.passwords import Passwords
from bot.domain.errors import Invalid
from tests.console import PASSWORDS


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 12"),
        ("eleven char", "at least 12"),
        ("x" * 201, "at most 200"),
        ("anna@example.org", "must not be the login"),
        ("ANNA@example.ORG", "must not be the login"),
        ("aaaaaaaaaaaa", "harder to guess"),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(password: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        passwords.check(password, "anna@example.org")
    assert refusal.value.field == "password"


@pytest.mark.parametrize("password", ["a quiet river", "twelve chars", "数字与词语混在一起的密码好用吗", "x1y2" * 50])
def test_a_good_password_is_taken(password: str) -> None:
    passwords.check(password, "anna")


def test_a_hash_is_argon2id_fits_its_password_only_and_differs_each_time() -> None:
    first, second = PASSWORDS.hash("a quiet river"), PASSWORDS.hash("a quiet river")
    assert first.startswith("$argon2id$")
    assert first != second
    assert PASSWORDS.fits("a quiet river", first)
    assert not PASSWORDS.fits("a quiet rive", first)


def test_nobody_fits_and_the_work_is_done_all_the_same() -> None:
    class Counting:
        def __init__(self) -> None:
            self.verified: list[str] = []

        def hash(self, password: str) -> str:
            return PASSWORDS.hash(password)

        def verify(self, hash: str, password: str) -> bool:
            self.verified.append(hash)
            return True

    hasher = Counting()
    checker = Passwords(hasher)  # type: ignore[arg-type]
    assert not checker.fits("nobody has this password", None)
    assert hasher.verified[0].startswith("$argon2id$")


def test_the_costs_are_the_recommended_ones_and_older_hashes_are_outdated() -> None:
    real = Passwords()
    assert real.outdated(PASSWORDS.hash("a quiet river"))
    assert not real.outdated(real.hash("a quiet river"))
