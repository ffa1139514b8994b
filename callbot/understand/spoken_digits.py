"""A telephone number said aloud: "공일공 일이삼사 오육칠팔", or as a recogniser writes it, "010-1234-5678"."""

import re

_DIGIT = {
    "공": "0", "영": "0", "일": "1", "이": "2", "삼": "3", "사": "4", "오": "5", "육": "6", "륙": "6", "칠": "7", "팔": "8", "구": "9",
    "하나": "1", "둘": "2",
}  # fmt: skip
_SAID = "|".join(sorted(_DIGIT, key=len, reverse=True))
_NUMBER = re.compile(rf"(?<![가-힣\d])(?:0|공|영)(?:[\s,.\-]|에|다시|국에|국의|의|\d|{_SAID})*")
_FEWEST, _MOST = 9, 11
_ONE = re.compile(rf"\d|{_SAID}")


def spoken_number(text: str) -> str | None:
    """Digits of a Korean number that begins with 0 and has 9 to 11 of them; None: none was said, or not all of it.

    >>> spoken_number("번호가 바뀌었어요 공일공 일이삼사에 오육칠팔이에요")
    '01012345678'
    >>> spoken_number("공일공 일이삼사") is None
    True
    """
    for found in _NUMBER.finditer(text):
        digits = "".join(_DIGIT.get(one, one) for one in _ONE.findall(found[0].replace("다시", " ")))
        digits = _without_verb(digits)
        if _FEWEST <= len(digits) <= _MOST:
            return digits
    return None


def _without_verb(digits: str) -> str:
    """ "... 오육칠팔이에요": 이 of the verb is no digit. Eleven digits are all that a mobile number has."""
    return digits[:_MOST] if len(digits) == _MOST + 1 else digits
