"""Does the text so far end a sentence? Suffix rules only: cheap enough for every speculative decode."""

import re
from enum import StrEnum


class SentenceEnding(StrEnum):
    """What the last word of an utterance promises about the next second."""

    FINAL = "final"  # -요, -다, -지, "네": said what there was to say
    CONNECTIVE = "connective"  # -고, -는데, -어서, "그리고": more is coming
    UNKNOWN = "unknown"  # a bare noun, a cut word, or nothing readable


WHOLE = frozenset({
    "네", "예", "응", "어", "음", "아니", "아뇨", "글쎄", "그럼", "그렇지", "맞아", "몰라", "없어", "있어", "좋아", "싫어", "됐어",
    "괜찮아", "아파", "안녕", "아이고",
})  # fmt: skip
"""Words that are a whole answer."""
OPENERS = frozenset({
    "그리고", "그래서", "그런데", "근데", "그러니까", "그니까", "그래가지고", "그러면", "그래도", "그렇지만", "하지만", "왜냐하면",
    "왜냐면", "그게", "저기", "저", "그", "이제", "인제", "막", "뭐", "또", "안", "못", "좀", "아주", "너무", "제가", "내가", "우리",
})  # fmt: skip
"""Words after which a sentence must go on."""
CASES = ("을", "를", "은", "는", "에서", "으로", "한테", "에게", "이랑", "부터", "까지", "때문에", "보다", "처럼")
"""Particles: the verb is still to come."""
CONNECTIVES = (
    "고", "는데", "은데", "인데", "던데", "니까", "면", "지만", "거나", "든지", "느라", "려고", "도록", "자마자", "더니", "길래",
    "다가", "서", "가지고", "갖고", "가꼬", "한데", "간데", "큰데", "픈데", "쁜데", "운데", "른데",
)  # fmt: skip
"""Endings of a clause that another follows, with the dialects' 가꼬."""
FINAL_AFTER_ALL = (
    "거든",
    "니까요",
    "는걸",
    "다니까",
    "라니까",
    "습니까",
    "입니까",
    "합니까",
    "됩니까",
    "십니까",
    "아니면",
)
"""End a sentence although they look like one of CONNECTIVES."""
FINALS = (
    "요", "죠", "지", "다", "까", "더라", "어", "아", "야", "라", "나", "네", "래", "게", "걸", "구나", "군", "자", "데이", "심더",
    "니더", "유", "여", "께", "제", "노", "예", "당", "해", "돼", "워", "와", "려", "져", "써", "거든", "마", "아이가", "뿐", "셔", "겨",
)  # fmt: skip
"""Endings that close a sentence, plain, polite and dialect."""
MARKS = re.compile(r"[\s.,!?~…\"'()]+")


def sentence_ending(text: str) -> SentenceEnding:
    """How `text` ends. The recogniser's full stop is not trusted: it writes one after everything.

    >>> sentence_ending("밥은 먹었는데.").value
    'connective'
    >>> sentence_ending("네, 잘 지냈어요.").value
    'final'
    """
    words = MARKS.sub(" ", text).split()
    if not words:
        return SentenceEnding.UNKNOWN
    goes_on = text.rstrip().endswith((",", "…", "..."))
    last = words[-1]
    if last in WHOLE and not goes_on:
        return SentenceEnding.FINAL
    if last.endswith(FINAL_AFTER_ALL):
        return SentenceEnding.FINAL
    if goes_on or last in OPENERS or last.endswith(CONNECTIVES) or (len(last) > 1 and last.endswith(CASES)):
        return SentenceEnding.CONNECTIVE
    return SentenceEnding.FINAL if last.endswith(FINALS) else SentenceEnding.UNKNOWN
