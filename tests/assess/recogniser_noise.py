"""Spelling as a small recogniser returns it from a telephone line (facts: spacing broken, sounds written as heard)."""

_CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_CONFUSED = {"ㅂ": "ㅁ", "ㅃ": "ㅂ", "ㅌ": "ㄷ", "ㄸ": "ㄷ", "ㅆ": "ㅅ", "ㄲ": "ㄱ"}


def _split(character: str) -> tuple[int, int, int] | None:
    code = ord(character) - ord("가")
    return (code // 588, code % 588 // 28, code % 28) if "가" <= character <= "힣" else None


def _join(lead: int, vowel: int, coda: int) -> str:
    return chr(ord("가") + lead * 588 + vowel * 28 + coda)


def as_pronounced(text: str) -> str:
    """A final consonant moves into the silent start of the next syllable of its word: 가슴이 -> 가스미."""
    letters = list(text)
    for place in range(len(letters) - 1):
        here, after = _split(letters[place]), _split(letters[place + 1])
        if here is None or after is None or after[0] != _LEADS.index("ㅇ"):
            continue
        coda = _CODAS[here[2]]
        if here[2] and coda != "ㅇ" and coda in _LEADS:
            letters[place] = _join(here[0], here[1], 0)
            letters[place + 1] = _join(_LEADS.index(coda), after[1], after[2])
    return "".join(letters)


def spaces_lost(text: str) -> str:
    """Every second space is dropped."""
    words = text.split()
    return "".join(word + (" " if number % 2 else "") for number, word in enumerate(words)).strip()


def first_sound_confused(text: str) -> str:
    """The first consonant of the second word is heard as its neighbour: ㅂ as ㅁ, ㅌ as ㄷ, tense as plain."""
    words = text.split()
    place = 1 if len(words) > 1 else 0
    parts = _split(words[place][0]) if words else None
    if parts is not None:
        lead = _CONFUSED.get(_LEADS[parts[0]], _LEADS[parts[0]])
        words[place] = _join(_LEADS.index(lead), parts[1], parts[2]) + words[place][1:]
    return " ".join(words)


KINDS = {"as_pronounced": as_pronounced, "spaces_lost": spaces_lost, "first_sound_confused": first_sound_confused}
