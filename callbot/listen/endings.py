"""Does the text so far end a sentence? Suffix rules only: cheap enough for every speculative decode."""

import re
from enum import StrEnum


class SentenceEnding(StrEnum):
    """What the last word of an utterance promises about the next second."""

    FINAL = "final"  # -요, -다, -지, "네": said what there was to say
    CONNECTIVE = "connective"  # -고, -는데, -어서, "그리고": more is coming
    UNKNOWN = "unknown"  # a bare noun, a cut word, or nothing readable


# Words that are a whole answer; short polite and plain ones, and the nouns elders answer with.
WHOLE = frozenset(
    [
        "네",
        "예",
        "응",
        "어",
        "음",
        "아니",
        "아뇨",
        "글쎄",
        "그럼",
        "그렇지",
        "맞아",
        "몰라",
        "없어",
        "있어",
        "좋아",
        "싫어",
        "됐어",
        "괜찮아",
        "아파",
        "먹었어",
        "안녕",
        "여보세요",
    ]
)
# Words after which a sentence must go on.
OPENERS = frozenset(
    [
        "그리고",
        "그래서",
        "그런데",
        "근데",
        "그러니까",
        "그니까",
        "그래가지고",
        "그러면",
        "그래도",
        "왜냐하면",
        "왜냐면",
        "그게",
        "저기",
        "저",
        "그",
        "이제",
        "인제",
        "막",
        "뭐",
        "또",
        "하도",
        "안",
        "못",
        "좀",
        "아주",
        "너무",
        "많이",
        "제가",
        "내가",
        "저는",
        "나는",
        "우리",
    ]
)
# Longest first does not matter: a connective suffix is looked for before a final one, except where listed here.
FINAL_DESPITE = re.compile(
    r"(?:거든요?|는데요|은데요|던데요|인데요|니까요|라니까|다니까|고요|구요|어서요|아서요|여서요|해서요|면서요|라고요|다고요|"
    r"그렇고요|려고요|러요|지만요|하고요|냐고요?|먹고살지|[가-힣]고\s?있어|[가-힣]고\s?싶어)$"
)
CONNECTIVE = re.compile(
    r"(?:[가-힣](?:고|는데|은데|인데|던데|ㄴ데|니까|으니까|으면|다면|라면|으면서|면서|지만|거나|든지|느라|느라고|려고|도록|자마자|"
    r"더니|길래|다가|어서|아서|여서|해서|워서|와서|져서|려서|가지고|갖고|가꼬|때문에|는지|을지|랑|이랑|한테|에게|부터|까지|"
    r"에서|으로|밖에|처럼|보다|마다|인지)|"
    r"(?:한|간|본|큰|운|른|픈|쁜|던|런|둔|린|친|신|난|든)데|(?:가|하|나|오|보|되|아프|아니|그러|이러|저러|치|지|리|기)(?:면|니까)|"
    r"(?:서|써)서|[가-힣]+(?:을|를|은|는|이랑|의|와|과)|(?:을|를|은|는))$"
)
FINAL = re.compile(
    r"(?:요|죠|지|니다|니까|습니다|더라|더라고|어|아|야|다|라|까|나|네|래|게|걸|구나|군|자|데이|심더|니더|유|여|께|응|제|노|예|당|랑께)$"
)
FORMAL_QUESTION = re.compile(r"(?:습니까|입니까|ㅂ니까|합니까|됩니까|십니까|갑니까|옵니까|봅니까)$")
PUNCTUATION = re.compile(r"[\s.,!?~…\"'()]+$")


def sentence_ending(text: str) -> SentenceEnding:
    """How `text` ends. The recogniser's punctuation is not trusted: it writes a full stop after everything.

    >>> sentence_ending("밥은 먹었는데.").value
    'connective'
    >>> sentence_ending("네, 잘 지냈어요.").value
    'final'
    """
    trailing_comma = text.rstrip().endswith((",", "…", "..."))
    bare = PUNCTUATION.sub("", text.strip())
    if not bare:
        return SentenceEnding.UNKNOWN
    last = re.split(r"[\s.,!?~…]+", bare)[-1]
    if last in OPENERS:
        return SentenceEnding.CONNECTIVE
    if last in WHOLE and not trailing_comma:
        return SentenceEnding.FINAL
    if FINAL_DESPITE.search(bare) or FORMAL_QUESTION.search(last):
        return SentenceEnding.FINAL
    if CONNECTIVE.search(last):
        return SentenceEnding.CONNECTIVE
    if trailing_comma:
        return SentenceEnding.CONNECTIVE
    return SentenceEnding.FINAL if FINAL.search(last) else SentenceEnding.UNKNOWN
