"""Passwords: Argon2id, a few at a time (64 MiB and about 0.1-0.4 s each), the same work for unknown log-ins."""

import functools
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

SHORTEST = 10
COMMON = frozenset({"password", "qwerty", "123456", "callbot", "admin", "dkssud", "비밀번호"})


class WeakPassword(ValueError):
    """The message says, in Korean, what to change."""


class Passwords:
    """Hashes and checks; at most two at once."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 64 * 1024) -> None:
        """The defaults are those of facts/nlp.md, section 7."""
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=4)
        self._at_once = threading.Semaphore(2)

    @functools.cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """For the database."""
        with self._at_once:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is right. None (no such account) costs the same time and is never right."""
        with self._at_once:
            try:
                return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False


def check_strength(password: str, login: str) -> None:
    """Raises WeakPassword."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"비밀번호가 {len(password)}자입니다. {SHORTEST}자 이상으로 정해 주세요.")
    if login.lower() in password.lower() or any(word in password.lower() for word in COMMON):
        raise WeakPassword("비밀번호에 아이디나 흔한 낱말이 들어 있습니다. 다른 것으로 정해 주세요.")


def generate() -> str:
    """Easy to type from a screen, about 79 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
