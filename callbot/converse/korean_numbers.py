"""Numbers as Korean says them: Sino-Korean (일, 이, 삼), native (하나, 둘, 셋) and digit by digit."""

# ruff: noqa: PLR2004 - the places of the number systems

DIGITS = "영일이삼사오육칠팔구"
PHONE_DIGITS = "공일이삼사오육칠팔구"
"""In a telephone or room-by-digit number zero is 공."""

_GROUPS = ("", "만", "억", "조")
_PLACES = ("", "십", "백", "천")
_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_ONES_BEFORE_COUNTER = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_NATIVE_PAIRS = ("", "한두", "두세", "서너", "네다섯", "대여섯", "예닐곱", "일고여덟", "여덟아홉")


def digits(text: str) -> str:
    """Digit by digit with 공 for zero; anything else in `text` is dropped."""
    return "".join(PHONE_DIGITS[int(char)] for char in text if char.isdecimal())


def sino(number: int) -> str:
    """0 to 9999조. 10000 is 만, not 일만; 1억 keeps its 일."""
    if number == 0:
        return DIGITS[0]
    spoken: list[str] = []
    for group, name in enumerate(_GROUPS):
        part = number // 10_000**group % 10_000
        if part:
            bare_ten_thousand = group == 1 and part == 1 and number < 20_000
            spoken.insert(0, ("" if bare_ten_thousand else _below_ten_thousand(part)) + name)
    return "".join(spoken)


def native(number: int, *, before_counter: bool = True) -> str:
    """1 to 99 in native words, as they stand before a counter (한, 두, 스무) or alone (하나, 둘, 스물).

    Hundreds, which have no native word, are Sino-Korean: 백한 개. Zero is 영.
    """
    hundreds, rest = number - number % 100, number % 100
    if number == 0:
        return DIGITS[0]
    head = sino(hundreds) if hundreds else ""
    if before_counter and rest == 20:
        return head + "스무"
    ones = _ONES_BEFORE_COUNTER if before_counter else _ONES
    return head + _TENS[rest // 10] + ones[rest % 10]


def native_pair(first: int) -> str:
    """`first` to `first` + 1 as one word: 두세, 서너. Only 1 to 8."""
    return _NATIVE_PAIRS[first]


def decimal(text: str) -> str:
    """'36.5' -> 삼십육 점 오."""
    whole, _, fraction = text.partition(".")
    return f"{sino(int(whole))} 점 {''.join(DIGITS[int(char)] for char in fraction)}"


def _below_ten_thousand(number: int) -> str:
    out = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            out += ("" if digit == 1 and place else DIGITS[digit]) + _PLACES[place]
    return out
