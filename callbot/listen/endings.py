"""Does the text so far end a sentence? By its morphemes where they are known, else by suffixes; decides how long a pause is waited.

A recogniser writes a full stop after everything, so that punctuation says nothing; -요, -다 and -고, -는데 do.
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class SentenceEnding(StrEnum):
    """What the last word of an utterance promises about the next second."""

    FINAL = "final"  # -요, -습니다: said what there was to say
    PLAIN = "plain"  # -다, -어, -지: an end in plain speech, or a clause ending misheard (고장 나서 as 고장 났어)
    CONNECTIVE = "connective"  # -고, -는데, -어서, "그리고": more is coming
    BARE = (
        "bare"  # "네", "글쎄요" alone: all of an answer to a yes/no question, the beginning of one to an open question
    )
    UNKNOWN = "unknown"  # a bare noun, a cut word, or nothing readable


WHOLE = frozenset({
    "그렇지", "맞아", "몰라", "없어", "있어", "좋아", "싫어", "됐어", "괜찮아", "아파", "안녕",
})  # fmt: skip
"""Words that are a whole sentence."""
BARE_WORDS = frozenset({
    "네", "예", "응", "어", "음", "아", "아니", "아니요", "아니오", "아뇨", "아녀", "글쎄", "글쎄요", "글세", "글세요", "그럼", "그럼요", "네네",
    "그라제", "아이고", "야",
})  # fmt: skip
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
POLITE = ("요", "죠", "니다", "니까", "어유", "아유", "쥬", "심더", "니더", "데이", "아이가")
"""With one of these, dialects among them, the sentence is over, whatever stands before ("좋은데요", "먹고요")."""
GOING_ON = ("EC", "ETM", "JK", "JX", "JC", "MAG", "MAJ", "MM", "XPN")
"""Tags (Sejong, by their beginning) of a last morpheme after which more must come: clause endings, adnominals, particles, adverbs."""
MOMENTS = ("때", "적", "동안", "다음", "뒤", "전")
"""Nouns that, with an adnominal before them, only say when."""
MARKS = re.compile(r"[\s.,!?~…\"'()]+")


def sentence_ending(text: str, morphemes: Sequence[tuple[str, str]] = ()) -> SentenceEnding:
    """How `text` ends. `morphemes`: (form, Sejong tag) of its last ones, in order, where somebody analysed it.

    >>> sentence_ending("밥은 먹었는데.").value
    'connective'
    >>> sentence_ending("네, 잘 지냈어요.").value
    'final'
    >>> sentence_ending("우리 아들이", (("아들", "NNG"), ("이", "JKS"))).value
    'connective'
    """
    words = MARKS.sub(" ", text).split()
    if not words:
        return SentenceEnding.UNKNOWN
    goes_on = text.rstrip().endswith((",", "…", "..."))
    if all(word in BARE_WORDS for word in words) and not goes_on:
        return SentenceEnding.BARE
    found = _by_suffix(words[-1], goes_on=goes_on)
    if found is SentenceEnding.FINAL and (
        words[-1].endswith(POLITE) or (words[0] in WHOLE | BARE_WORDS and len(words) == 1)
    ):
        return found
    if morphemes and not goes_on:
        found = _by_tag(morphemes, found)
    return SentenceEnding.PLAIN if found is SentenceEnding.FINAL else found


def agreed(best: SentenceEnding, others: Sequence[SentenceEnding]) -> SentenceEnding:
    """What the endings of several hypotheses come to: 고장 났어, but perhaps 고장 나서, is no end to rely on.

    >>> agreed(SentenceEnding.FINAL, [SentenceEnding.FINAL, SentenceEnding.CONNECTIVE]).value
    'unknown'
    """
    if best in {SentenceEnding.FINAL, SentenceEnding.PLAIN} and SentenceEnding.CONNECTIVE in others:
        return SentenceEnding.UNKNOWN
    return best


def _by_suffix(last: str, *, goes_on: bool) -> SentenceEnding:
    if (last in WHOLE or last in BARE_WORDS or last.endswith(FINAL_AFTER_ALL)) and not goes_on:
        return SentenceEnding.FINAL
    if goes_on or last in OPENERS or last.endswith(CONNECTIVES) or (len(last) > 1 and last.endswith(CASES)):
        return SentenceEnding.CONNECTIVE
    return SentenceEnding.FINAL if last.endswith(FINALS) else SentenceEnding.UNKNOWN


def _by_tag(morphemes: Sequence[tuple[str, str]], suffix: SentenceEnding) -> SentenceEnding:
    """The tag decides where the suffix saw nothing; where they contradict each other, the longer wait wins."""
    form, tag = morphemes[-1]
    before = morphemes[-2][1] if len(morphemes) > 1 else ""
    if tag.startswith(GOING_ON) or (form in MOMENTS and before == "ETM"):
        return SentenceEnding.UNKNOWN if suffix is SentenceEnding.FINAL else SentenceEnding.CONNECTIVE
    if tag == "EF" and suffix is SentenceEnding.UNKNOWN:
        return SentenceEnding.FINAL
    return suffix
