"""Whether the person's own name was said."""

from collections.abc import Iterable

from callbot.understand.sounds import likeness

_FULL = 84.0
_GIVEN = 90.0
_SURNAME = 1
_SHORTEST = 2
"""Syllables of a given name that can be told from other words."""


def says_name(text: str, name: str | None, self_words: Iterable[str]) -> bool:
    """True for the full name, the given name, or words that claim to be the person ("접니다")."""
    if any(word in text.replace(" ", "") for word in self_words):
        return True
    if not name:
        return False
    if likeness(name, text, _FULL) is not None:
        return True
    given = name[_SURNAME:]
    return len(given) >= _SHORTEST and likeness(given, text, _GIVEN) is not None
