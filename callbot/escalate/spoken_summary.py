"""What a worker hears who is rung in the middle of a crisis call, before they come in: who, what, and which key."""

from callbot.escalate.page import CATEGORY_KO, district_tag
from callbot.understand.meaning import Category

GREETING = "복지 안부전화입니다. 지금 통화하는 분께 위험 신호가 있어서, 담당자를 연결하려고 합니다."
ASKED_FOR = "지금 연결하시려면 일 번, 받으실 수 없으면 이 번을 눌러 주세요."
GONE = "그분이 전화를 끊으셨습니다. 바로 전화해 주세요. 사건은 맡으신 것으로 적었습니다."
DECLINED = "다른 담당자에게 전화하겠습니다."
FAILED = "연결하지 못했습니다. 바로 그분께 전화해 주세요."
LINES = (GREETING, ASKED_FOR, GONE, DECLINED, FAILED)
"""Rendered once for all calls; who it is, only while the telephone rings."""


def who(name: str, age: int | None, district: str) -> str:
    """Masked like every page: the family name alone.

    >>> who("김순자", 82, "광주광역시 동구청")
    '동구, 김 모 님, 82세입니다.'
    """
    family = name.strip()[:1]
    known = [district_tag(district), f"{family} 모 님" if family else "", f"{age}세" if age is not None else ""]
    return ", ".join(part for part in known if part) + "입니다."


def what(categories: tuple[Category, ...], *, clinical: bool) -> str:
    """At most two words; none where the programme wants no clinical words outside the office.

    >>> what((Category.SUICIDE,), clinical=True)
    '자살위험 신호입니다.'
    """
    words = [CATEGORY_KO[category] for category in dict.fromkeys(categories)][:2]
    return f"{', '.join(words)} 신호입니다." if clinical and words else "자세한 내용은 화면에서 확인해 주세요."
