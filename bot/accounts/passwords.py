"""Passwords: what a good one is, and their argon2 hashes."""

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.domain.errors import Invalid

SHORTEST, LONGEST = 12, 200
# Each takes 64 MiB and a core for a while: a rush of attempts must not take the machine.
AT_ONCE = 2


def check(password: str, login: str) -> None:
    """Whether a new password may be used.

    Raises:
        Invalid: too short, too long or too easy to guess; the message says which.
    """
    if len(password) < SHORTEST:
        raise Invalid(f"The password needs at least {SHORTEST} characters: a few words in a row are fine.", "password")
    if len(password) > LONGEST:
        raise Invalid(f"The password may have at most {LONGEST} characters.", "password")
    if password.strip().casefold() == login.casefold():
        raise Invalid("The password must not be the login.", "password")
    if len(set(password)) < 4:
        raise Invalid("The password repeats a few characters: choose one that is harder to guess.", "password")


class Passwords:
    """Makes and checks hashes.

    Args:
        hasher: with the costs that it has to have; argon2-cffi's recommended ones unless told.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._turns:
            return self._hasher.hash(password)

    def fits(self, password: str, hash: str | None) -> bool:
        """Whether it is the password; takes equally long where there is none to compare it with."""
        with self._turns:
            try:
                self._hasher.verify(hash or self._nobodys, password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return hash is not None

    def outdated(self, hash: str) -> bool:
        """Whether it was made with other costs than today's."""
        return self._hasher.check_needs_rehash(hash)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody has this password")
