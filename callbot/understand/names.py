"""Whether the person's own name was said."""

import re
from collections.abc import Iterable
from functools import lru_cache

from callbot.understand.sounds import likeness

_FULL = 84.0
_GIVEN = 90.0
_SURNAME = 1
_SHORT_CLAIM = 2
_SHORTEST = 2
"""Syllables of a given name that can be told from other words."""


def says_name(text: str, name: str | None, self_words: Iterable[str]) -> bool:
    """True for the full name, the given name, or words that claim to be the person ("접니다")."""
    if any(_claims(word).search(text) for word in self_words):
        return True
    if not name:
        return False
    if likeness(name, text, _FULL) is not None:
        return True
    given = name[_SURNAME:]
    return len(given) >= _SHORTEST and likeness(given, text, _GIVEN) is not None


_YES = "(?:네|예|응|어|내|아|그래|여보세요)"


@lru_cache(maxsize=256)
def _claims(word: str) -> re.Pattern[str]:
    """A word of its own ("나요", not "하셨나요"), spaces inside ignored, after a yes that ran into it at most. A short
    one only where the utterance begins ("열이 나요" is none)."""
    start = rf"^\W*(?:{_YES}\W*)*" if len(word) <= _SHORT_CLAIM else rf"(?<![가-힣]){_YES}?"
    return re.compile(start + r"\s?".join(map(re.escape, word)) + r"(?:만|만은|요)?(?![가-힣])")
