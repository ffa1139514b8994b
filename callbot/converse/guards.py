"""What the bot may say: pure checks of one line's text. For script lines (the linter) and, later, for a model's sentences."""

import re
from collections.abc import Callable
from dataclasses import dataclass

SYLLABLES_A_BREATH = 32
"""One sentence; about 5 s at the default speed. Longer ones are not followed over a telephone."""
SYLLABLES_A_LINE = 48
"""One line; about 8 s, and the time it takes to render on 2 cores."""


@dataclass(frozen=True)
class Blocked:
    """Why a text must not be spoken."""

    guard: str
    """`relief`, `promise`, `length`, `register`, `forbidden`, `characters`."""
    words: str
    """The words at fault, as written."""
    mend: str
    """Korean: what to do instead."""


_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_RELIEF = re.compile(
    r"다행|(?<!안\s)(?<!안)좋(?:네요|군요|습니다|아요(?!\s*\?)|으시네요|으시군요|으셨네요)|잘\s?(?:됐|되셨|하고\s?계|하셨|하시네)"
    r"|기쁘|기쁩|기뻐|반갑|반가[운워]|안심(?:이|되|됩)|마음이\s?놓|축하|훌륭|멋지|멋져|대단하"
)
_PROMISE = re.compile(
    r"보내\s?(?:드[릴리립]|겠)|가져다\s?드|갖다\s?드|해결|처리해|고쳐\s?드|찾아\s?뵙|찾아\s?뵐|찾아\s?가(?:겠|ㄹ)|찾아갈게|"
    r"방문(?:하겠|할\s?(?:거|겁|예정|게)|해\s?드|드리)|출동|도착|갈게요|가겠습니다|오실\s?(?:거|겁)|올\s?(?:거|겁)|연결해\s?드(?!릴까요)|"
    r"(?<!전)해\s?드(?:릴게|리겠|립니다)|구해\s?드|약속|반드시|꼭\s.*(?:겠습니다|게요)|걱정\s?(?:하지\s?)?마|"
    r"괜찮(?:아지|으실\s?거|을\s?거)|나으실\s?거|낫게\s?(?:해|될)|곧\s?(?:사람|구급|담당)"
)
_POLITE_END = re.compile(r"(?:요|니다|니까|까|죠|시오|세|네|예|아이고|저런)[\s.?!,~]*$")
_MONEY = re.compile(r"계좌|비밀번호|주민\s?(?:등록\s?)?번호|통장|카드\s?번호|송금|입금|현금|\b돈")
_DENIED = re.compile(r"않|아니|마세요|마십시오")
_FORBIDDEN = re.compile(
    r"약을\s?(?:끊|줄이|늘리|더\s?드)|복용량|진통제|한\s?알\s?더|두\s?알|대통령|선거|정당|투표|교회|절에\s?(?:가|다)|주식|투자|대출|"
    r"저도\s?(?:아[파프]|먹|잤|늙|혼자|사람)|제\s?(?:나이|가족|몸|손으로)|저는\s?사람"
)
_CHARACTERS = re.compile(r"[^가-힣0-9\s.,?!~'\"()\-:]")


def sentences(text: str) -> list[str]:
    """Split at full stops, question and exclamation marks."""
    return [match.group().strip() for match in _SENTENCE.finditer(text) if match.group().strip()]


def syllables(text: str) -> int:
    """Hangul syllables, and a digit as one."""
    return len(re.findall(r"[가-힣0-9]", text))


def relief(text: str) -> Blocked | None:
    """The bot is glad. Allowed only after an answer positively understood as fine (design.md, invariant 6).

    >>> relief("네, 다행이에요.").words
    '다행'
    """
    found = _RELIEF.search(text)
    if found is None:
        return None
    return Blocked(
        "relief", found[0], "기뻐하는 말은 괜찮다는 대답(ok) 뒤에만 쓸 수 있습니다. '네, 그러시군요'처럼 바꾸세요"
    )


def promise(text: str) -> Blocked | None:
    """A promise of what will happen; the bot can only pass words on."""
    found = _PROMISE.search(text)
    if found is None:
        return None
    return Blocked("promise", found[0], "약속으로 들립니다. '담당자에게 전하겠습니다'처럼 지금 하는 일만 말하세요")


def length(text: str) -> Blocked | None:
    """Too long to follow by ear."""
    longest = max(sentences(text), key=syllables, default="")
    if syllables(longest) > SYLLABLES_A_BREATH:
        mend = f"한 문장이 {syllables(longest)}자입니다. {SYLLABLES_A_BREATH}자 안으로 줄이거나 나누세요"
        return Blocked("length", longest, mend)
    if syllables(text) > SYLLABLES_A_LINE:
        return Blocked("length", text, f"한 줄이 {syllables(text)}자입니다. {SYLLABLES_A_LINE}자 안으로 줄이세요")
    return None


def register(text: str) -> Blocked | None:
    """Every sentence is in 존댓말."""
    for sentence in sentences(text):
        if not _POLITE_END.search(sentence):
            return Blocked("register", sentence, "높임말로 끝나지 않습니다. '-요'나 '-니다'로 끝내세요")
    return None


def forbidden(text: str) -> Blocked | None:
    """Money and identity numbers (but to say that we never ask), medical advice, politics, religion, claims of a body."""
    for sentence in sentences(text):
        money = _MONEY.search(sentence)
        if money and not _DENIED.search(sentence):
            return Blocked("forbidden", money[0], "돈이나 개인정보를 묻는 말은 쓸 수 없습니다. 지우세요")
        found = _FORBIDDEN.search(sentence)
        if found:
            return Blocked(
                "forbidden", found[0], "안부전화가 말할 수 없는 내용입니다(약·돈 조언, 정치·종교, 사람인 척). 지우세요"
            )
    return None


def characters(text: str) -> Blocked | None:
    """Letters that the voice cannot read."""
    found = _CHARACTERS.search(text)
    if found is None:
        return None
    return Blocked("characters", found[0], "목소리가 읽지 못하는 글자입니다. 소리 나는 대로 한글로 적으세요")


Guard = Callable[[str], Blocked | None]
ALWAYS: tuple[Guard, ...] = (promise, length, register, forbidden, characters)


def check(text: str, *, may_be_glad: bool) -> tuple[Blocked, ...]:
    """Everything against saying this text; empty: it may be spoken."""
    guards = ALWAYS if may_be_glad else (relief, *ALWAYS)
    return tuple(blocked for guard in guards if (blocked := guard(text)) is not None)
