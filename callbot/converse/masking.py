"""Personal data out of a text before it leaves the machine, and back into what comes back. One instance a call.

Names (of anybody), places, addresses, telephone, account and resident numbers, written or spoken, become `[이름1]`, `[장소1]`,
`[번호1]`. Too much is masked rather than too little: a model needs none of it to be kind.
"""

import re
from collections.abc import Iterator

from callbot.understand.morphemes import MorphemeAnalyser
from callbot.understand.sounds import likeness

_SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염석선설마길연위표명기반왕금옥육인맹제모탁국여"
_SPOKEN = "공영일이삼사오육륙칠팔구"
_NUMBERS = (
    r"[\w.+-]+@[\w-]+\.\w+",
    r"\d(?:[\d\s.,\-]*\d){3,}",  # four digits and more: telephone, account, resident number, year of birth
    rf"(?<![가-힣])[{_SPOKEN}]{{2,}}(?:(?:\s|,|-|다시|국에|국의|에|의)+[{_SPOKEN}]{{2,}})+",
    rf"(?<![가-힣])[{_SPOKEN}]{{5,}}",
)
_PLACES = (
    r"[가-힣\d]+(?:아파트|빌라|맨션|연립|주택)(?:\s?[\d일이삼사오육칠팔구십백천]+\s?(?:동|호|층))*",
    r"[가-힣]+(?:로|길)\s?\d+(?:번?길\s?\d+)?(?:-\d+)?",
    rf"(?<![가-힣])[\d{_SPOKEN}십백천]+\s?(?:번지|동\s?[\d{_SPOKEN}십백천]+\s?호|호(?=\s|에|예|이|입|$))",
    r"[가-힣]{2,}(?:읍|면)\s?[가-힣]{2,}리",
)
_NAMES = (
    rf"(?<![가-힣])[{_SURNAMES}][가-힣]{{1,2}}(?=\s?(?:씨|님|여사|선생|할머니|할아버지|아저씨|아줌마|인데|이고|이라고|라고|이에요|예요|입니다))",
)
_SOUNDS_LIKE = 84.0
"""As in understand/names.py: a recogniser writes 김순자 in many ways."""
_TAKEN = re.compile(r"\[[^\]]*\]")
PLACEHOLDER = re.compile(r"\[(?:이름|장소|번호)\d+\]")


class Masking:
    """Keeps what stands for what, so that the same name has the same placeholder all through a call."""

    def __init__(self, analyser: MorphemeAnalyser, name: str = "") -> None:
        """`name`: the person's, as the district knows it."""
        self._analyser = analyser
        self._name = name
        self._masked: dict[str, str] = {}

    def mask(self, text: str) -> str:
        """The text without personal data.

        Text that looks like a placeholder already loses its brackets: nobody can speak our placeholders to us.
        """
        text = text.replace("[", " ").replace("]", " ")
        for kind, patterns in (("번호", _NUMBERS), ("장소", _PLACES), ("이름", _NAMES)):
            for pattern in patterns:
                text = self._outside(text, re.compile(pattern), kind)
        text = self._own_name(text)
        return self._proper_nouns(text)

    def restore(self, text: str) -> str:
        """The person's own words again; only for what is kept, never for what is spoken."""
        for words, placeholder in self._masked.items():
            text = text.replace(placeholder, words)
        return text

    def _placeholder(self, words: str, kind: str) -> str:
        if words not in self._masked:
            number = sum(held.startswith(f"[{kind}") for held in self._masked.values()) + 1
            self._masked[words] = f"[{kind}{number}]"
        return self._masked[words]

    def _outside(self, text: str, pattern: re.Pattern[str], kind: str) -> str:
        """Every match that lies outside placeholders."""
        return _join(
            pattern.sub(lambda found: self._placeholder(found[0].strip(), kind), part) if is_text else part
            for is_text, part in _parts(text)
        )

    def _own_name(self, text: str) -> str:
        """However it was written down, and the given name alone."""
        for name in (self._name, self._name[1:]):
            if len(name) < 2:  # noqa: PLR2004 - one syllable is found in anything
                continue
            text = self._outside(text, re.compile(re.escape(name)), "이름")
            found = likeness(name, text, _SOUNDS_LIKE) if len(name) > 2 else None  # noqa: PLR2004
            if found is not None and not _TAKEN.search(text[max(0, found.start - 1) : found.end + 1]):
                said = text[found.start : found.end]
                text = text[: found.start] + self._placeholder(said, "이름") + text[found.end :]
        return text

    def _proper_nouns(self, text: str) -> str:
        """What Kiwi takes for a name: of a person, a place, a shop, a medicine."""
        return _join(self._without_names(part) if is_text else part for is_text, part in _parts(text))

    def _without_names(self, part: str) -> str:
        found = [morpheme for morpheme in self._analyser.analyse(part) if morpheme.tag == "NNP"]
        for morpheme in reversed(found):
            said = part[morpheme.start : morpheme.end]
            if said.strip():
                part = part[: morpheme.start] + self._placeholder(said, "이름") + part[morpheme.end :]
        return part


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """(is it text, the piece): placeholders apart from what is between them."""
    at = 0
    for taken in _TAKEN.finditer(text):
        yield True, text[at : taken.start()]
        yield False, taken[0]
        at = taken.end()
    yield True, text[at:]


def _join(parts: Iterator[str]) -> str:
    return "".join(parts)
