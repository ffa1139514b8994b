"""How alike two pieces of Korean sound: jamo as pronounced, spelling and spacing ignored."""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

_LEADS = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅ-ㅈㅈㅊㅋㅌㅍㅎ"
"""Tense consonants as plain ones: the telephone band and small recognisers confuse them. `-`: silent ieung."""
_VOWELS = (
    "ㅏ",
    "ㅔ",
    "ㅑ",
    "ㅖ",
    "ㅓ",
    "ㅔ",
    "ㅕ",
    "ㅖ",
    "ㅗ",
    "ㅘ",
    "ㅞ",
    "ㅞ",
    "ㅛ",
    "ㅜ",
    "ㅝ",
    "ㅞ",
    "ㅟ",
    "ㅠ",
    "ㅡ",
    "ㅣ",
    "ㅣ",
)
_CODAS = (
    "", "ㄱ", "ㄱ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹ", "ㅁ", "ㅂ", "ㅂㅅ",
    "ㅅ", "ㅅ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "",
)  # fmt: skip
_SHORTEST = 0.8
"""An utterance shorter than this share of the phrase scores well by accident (facts/nlp.md, section 3)."""

_TELLING = 4
"""Sounds; a shorter word ("못", "안") is found in anything, or lost in the noise."""


@lru_cache(maxsize=8192)
def sound_key(text: str) -> tuple[str, tuple[int, ...]]:
    """The sounds, and for each the index of the character it came from.

    >>> sound_key("가슴이")[0] == sound_key("가스미")[0]
    True
    """
    sounds: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for sound in _sounds_of(character):
            sounds.append(sound)
            places.append(place)
    return "".join(sounds), tuple(places)


def _sounds_of(character: str) -> str:
    code = ord(character) - ord("가")
    if not "가" <= character <= "힣":
        return character if character.isalnum() else ""
    lead = _LEADS[code // 588].replace("-", "")
    return lead + _VOWELS[code % 588 // 28] + _CODAS[code % 28]


@dataclass(frozen=True)
class Likeness:
    """How well a phrase was found in an utterance, and where."""

    score: float
    """0..100."""
    start: int
    end: int
    """Half-open range of characters of the utterance."""


def likeness(phrase: str, utterance: str, at_least: float) -> Likeness | None:
    """The best place of `phrase` in `utterance`, None below `at_least` (0..100)."""
    phrase_key, _ = sound_key(phrase)
    key, places = sound_key(utterance)
    if not phrase_key or len(key) < _SHORTEST * len(phrase_key):
        return None
    if len(key) < len(phrase_key):
        score = min(fuzz.ratio(phrase_key, key), fuzz.partial_ratio(phrase_key, key))
        return Likeness(score, places[0], places[-1] + 1) if score >= at_least else None
    found = fuzz.partial_ratio_alignment(phrase_key, key, score_cutoff=at_least)
    if found is None or found.score < at_least or found.dest_end <= found.dest_start:
        return None
    return Likeness(found.score, places[found.dest_start], places[found.dest_end - 1] + 1)


def weakest_word(phrase: str, heard: str) -> float:
    """0..100: how well the worst word of `phrase` is found in the words `heard`. A short phrase is alike as a whole
    though its one telling word is missing ("아들이 때려요", "큰아들인데요")."""
    key, _ = sound_key(heard)
    words = [sound_key(word)[0] for word in phrase.split()]
    return min((_word_in(word, key) for word in words if len(word) >= _TELLING), default=100.0)


def _word_in(word: str, key: str) -> float:
    return fuzz.ratio(word, key) if len(key) < len(word) else fuzz.partial_ratio(word, key)


def alike(one: str, other: str) -> float:
    """0..100, the whole of both compared."""
    return fuzz.ratio(sound_key(one)[0], sound_key(other)[0])
