"""What stands between a model's sentence and the person's ear. Each guard is named, and what it blocks is counted.

They allow little: one polite sentence about what was just said, in words that were just said. A sentence that is blocked is replaced
by the script's own, so blocking too much costs nothing but variety.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callbot.converse import guards
from callbot.converse.masking import PLACEHOLDER
from callbot.understand.morphemes import Morpheme, MorphemeAnalyser

MOST_SYLLABLES = 28
"""Of one sentence; about 4.5 s."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RELIEF = re.compile(
    r"괜찮으시|괜찮아지|괜찮겠|걱정\s?없|문제\s?없|건강하|편안하|편하시|즐거|즐기|행복|재미|보기\s?좋|좋으|좋겠|좋았|좋은|든든|예쁘|예뻐|"
    r"부럽|부러|신나|잘\s?(?!못|안)[가-힣]*(?:시|셨|세)|흐뭇|맛있|고맙게도|뿌듯|기특|최고|완벽|굉장|역시|웃음|미소"
)
"""Beside guards.relief: in a model's mouth nothing is good, however the answer was read."""
_PROMISE = re.compile(
    r"드[리려렸릴립린]|도와|도울|돕|알아\s?보|알아\s?볼|확인해|연락[을이]?\s?[하해드갈가]|바꿔|챙겨\s?[드볼보]|구급차|신고"
)
_ADVICE = re.compile(
    r"도\s?되|도\s?괜찮|면\s?돼|면\s?되|해야|[하으]셔야|[가드시으]셔야|는\s?(?:게|것이)\s?(?:좋|낫)|보세요|보시는|보시겠|보실래|마세요|말고|"
    r"끊|줄이|늘리|드셔도|쉬시면|쉬셔|운동|꼭|반드시|힘내|참으|견디|이겨"
)
"""On medicine, money or anything: also cheering up, which tells a person not to feel what they feel."""
_MINIMISING = re.compile(
    r"누구나|다들|별\s?일|별것|그\s?정도|그럴\s?수\s?있|나이\s?들면|연세가|흔한|흔히|원래|당연|그냥|겨우|고작|시간이\s?지나|좋아지|겠지요|겠죠|곧\s|이제\s"
)
_CRISIS = re.compile(r"죽[고는을음겠어]|자살|목숨|세상을\s?떠|돌아가|119|109|일일구|일공구|유서|위험|응급|구조")
_MONEY = re.compile(r"돈|계좌|비밀번호|주민|통장|카드|송금|입금|현금|대출|연금|수급|보험|신분증|도장|비용|값|가격")
_RECALL = re.compile(r"지난번|저번|지난\s?주|지난\s?달|전에\s?말씀|기억|늘\s|항상|언제나|여전히|아직도|또\s")
"""What the model cannot know: it is told of this call alone."""
_FIRST_PERSON = frozenset({"저", "제", "나", "내", "저희", "우리", "저도", "본인"})
_IMPOLITE = frozenset({"너", "네", "니", "당신", "자네", "그대", "걔", "얘"})
_SAY_ENDINGS = frozenset(
    {
        "네요",
        "군요",
        "겠네요",
        "지요",
        "죠",
        "는군요",
        "어요",
        "습니다",
        "ㅂ니다",
        "ㄹ까요",
        "을까요",
        "는데요",
        "ㄴ데요",
    }
)
_ASK_ENDINGS = frozenset(
    {
        "어요",
        "나요",
        "세요",
        "으세요",
        "ㄴ가요",
        "는지요",
        "ㅂ니까",
        "습니까",
        "ㄹ까요",
        "을까요",
        "ㄴ지요",
        "예요",
        "에요",
        "이에요",
    }
)
_CONJOINING = str.maketrans({"\u11ab": "ㄴ", "\u11af": "ㄹ", "\u11b8": "ㅂ"})
_HONORIFIC = frozenset({"시", "으시"})
_HONORIFIC_VERB = re.compile(r"(?:시|세|으세)$")
_NUMERALS = frozenset(
    {"하나", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "스무", "석", "넉", "서너", "두세"}
)
_SAFE_NOUNS = _words(
    "마음 고생 말씀 말 몸 속 기운 잠 밥 식사 요즘 하루 시간 언제 때 생각 일 곳 데 정도 혼자 밤 낮 아침 점심 저녁 오늘 어제 그동안 동안 며칠 뒤 후 "
    "걱정 답답 불편 힘 입맛 기분 어디 무엇 뭐 누구 어느 이유 까닭 어떤 지금 최근 느낌 증상 통증 계속 자주 조금 많이 제일 가장 거 것 수 점 분 번 날 "
    "이야기 얘기 상심 외로움 쓸쓸 적적 서운 섭섭 허전 막막 무슨 얼마 근처 쪽 부분 이후 처음 다음 사이 내내 모두 다 참 아주 매우 집 방 고단 피곤 "
    "밤새 주무 마련 도움 필요 생활 매일 그때 식구 댁 평소 주로 보통 혹시"
)
"""Nouns that tell nothing new; any other must have been said."""
_HARDSHIP = _words(
    "힘들 아프 편찮 고단 고되 괴롭 답답 속상 서운 섭섭 외롭 쓸쓸 적적 허전 막막 불편 무겁 피곤 놀라 지치 무섭 두렵 어지럽 춥 덥 아쉽 서럽 슬프 그립 애쓰 기다리 걱정 "
    "고생 상심 울적 우울 막히 쑤시 저리 결리 많 크 하 그러 그렇 이러 되 들 고맙 말씀 말 쓰이 주무시 주무 계시 지내 보내 느끼 얼마 어떻 얼마나"
)
"""What sympathy is about. Anything else a sentence says happened must have been said, and the same way round."""
_DENIALS = frozenset({"안", "못", "않", "없", "아니", "말", "못하", "덜"})


@dataclass(frozen=True)
class Spoken:
    """A sentence with what it is measured against."""

    text: str
    morphemes: Sequence[Morpheme]
    said: frozenset[str]
    """Forms of what the person said, and of our question."""
    heard: str
    """The same as text."""
    name: str
    asks: bool


Check = Callable[[Spoken], bool]


class SentenceGuards:
    """Every check; `blocks` gives the name of the first that finds fault."""

    def __init__(self, analyser: MorphemeAnalyser) -> None:
        self._analyser = analyser

    def blocks_sympathy(self, text: str, said: str, *, question: str = "", name: str = "") -> str | None:
        """`said`: the person's words it answers; `question`: ours before; `name`: the person's. None: it may be spoken."""
        return self._blocks(text, said, question, name, asks=False)

    def blocks_question(self, text: str, said: str, *, question: str = "", name: str = "") -> str | None:
        """The same for a question."""
        return self._blocks(text, said, question, name, asks=True)

    def _blocks(self, text: str, said: str, question: str, name: str, *, asks: bool) -> str | None:
        heard = f"{said} {question}"
        known = frozenset(morpheme.form for morpheme in self._analyser.analyse(heard))
        sentence = Spoken(text, self._analyser.analyse(text), known, heard, name, asks)
        return next((guard for guard, fails in GUARDS.items() if fails(sentence)), None)


def _is_personal(sentence: Spoken) -> bool:
    """A placeholder, the person's name, or any other name, even one that was said."""
    given = sentence.name[1:]
    named = bool(sentence.name) and (sentence.name in sentence.text or (len(given) > 1 and given in sentence.text))
    return named or bool(PLACEHOLDER.search(sentence.text)) or any(m.tag == "NNP" for m in sentence.morphemes)


def _has_number(sentence: Spoken) -> bool:
    """A digit, or a number word that nobody has said."""
    if any(character.isdecimal() for character in sentence.text):
        return True
    numbers = {m.form for m in sentence.morphemes if m.tag in {"NR", "SN"} or (m.form in _NUMERALS and m.tag == "MM")}
    return bool(numbers - sentence.said)


def _has_wrong_shape(sentence: Spoken) -> bool:
    """Sympathy is one sentence without a question, a question is one sentence with one question mark."""
    marks = sentence.text.count("?")
    single = len(guards.sentences(sentence.text)) == 1
    return not single or marks != int(sentence.asks) or (sentence.asks and not sentence.text.rstrip().endswith("?"))


def _claims_a_body(sentence: Spoken) -> bool:
    """No "I" at all: the bot has neither a knee nor a heart, nor anything to do with its hands."""
    return any(m.tag in {"NP", "MM"} and m.form in _FIRST_PERSON for m in sentence.morphemes)


def _is_impolite(sentence: Spoken) -> bool:
    """Not 존댓말: the ending by Kiwi, the honorific 시 in sympathy, no pronoun that looks down."""
    if any(m.tag == "NP" and m.form in _IMPOLITE for m in sentence.morphemes):
        return True
    ending = next((m for m in reversed(sentence.morphemes) if m.tag == "EF"), None)
    if ending is None or guards.register(sentence.text) is not None:
        return True
    form = ending.form.translate(_CONJOINING).replace("아요", "어요").replace("었어요", "어요")
    if form not in (_ASK_ENDINGS if sentence.asks else _SAY_ENDINGS):
        return True
    return not sentence.asks and not _honours(sentence.morphemes)


def _honours(morphemes: Sequence[Morpheme]) -> bool:
    """-시-, a verb that has it inside (주무시다), or thanks."""
    forms = {m.form for m in morphemes}
    verbs = (m.form for m in morphemes if m.tag in {"VV", "VA", "VX"})
    return bool(forms & _HONORIFIC) or "고맙" in forms or any(_HONORIFIC_VERB.search(form) for form in verbs)


def _will_do(sentence: Spoken) -> bool:
    """A promise or an offer: 겠 or -ㄹ까요 of somebody who is not honoured is the speaker's own will."""
    if guards.promise(sentence.text) or _PROMISE.search(sentence.text):
        return True
    forms = [m.form.translate(_CONJOINING) for m in sentence.morphemes]
    wills = {"겠", "ㄹ까요", "을까요", "ㄹ게요", "을게요", "ㄹ래요"} & set(forms)
    return bool(wills) and not _honours(sentence.morphemes)


def _is_ungrounded(sentence: Spoken) -> bool:
    """A noun that nobody has said: made up, off the subject, or something that the person did not tell us in this call."""
    nouns = {m.form for m in sentence.morphemes if m.tag in {"NNG", "XR", "SL", "SH"}}
    return any(noun not in sentence.said and noun not in _SAFE_NOUNS and noun not in sentence.heard for noun in nouns)


def _contradicts(sentence: Spoken) -> bool:
    """Says that something is so, or is not, which the person did not say: "안 아프시군요" to "아파요", "드셨군요" to "못 먹어요"."""
    if sentence.asks:
        return False
    denied = any(m.form in _DENIALS and m.tag != "NNG" for m in sentence.morphemes)
    happened = {root for root in _predicates(sentence.morphemes) if root not in _HARDSHIP}
    if denied or sentence.said & (_DENIALS - {"말"}):
        return denied or bool(happened)
    return bool(happened - sentence.said)


def _predicates(morphemes: Sequence[Morpheme]) -> set[str]:
    """Stems of verbs and adjectives; of 하다-verbs the noun or root before it."""
    found = {m.form for m in morphemes if m.tag in {"VV", "VA", "VCN"}}
    return found | {
        before.form
        for before, m in pairwise(morphemes)
        if m.tag in {"XSV", "XSA"} and before.tag in {"NNG", "XR", "MAG"}
    }


def _matches(*patterns: re.Pattern[str]) -> Check:
    return lambda sentence: any(pattern.search(sentence.text) for pattern in patterns)


GUARDS: dict[str, Check] = {
    "name": _is_personal,
    "number": _has_number,
    "characters": lambda sentence: guards.characters(sentence.text) is not None,
    "relief": lambda sentence: guards.relief(sentence.text) is not None or bool(_RELIEF.search(sentence.text)),
    "crisis": _matches(_CRISIS),
    "promise": _will_do,
    "body": _claims_a_body,
    "advice": _matches(_ADVICE),
    "minimising": _matches(_MINIMISING),
    "money": _matches(_MONEY),
    "recall": _matches(_RECALL),
    "forbidden": lambda sentence: guards.forbidden(sentence.text) is not None,
    "length": lambda sentence: not 4 <= guards.syllables(sentence.text) <= MOST_SYLLABLES,  # noqa: PLR2004
    "question_count": _has_wrong_shape,
    "register": _is_impolite,
    "ungrounded": _is_ungrounded,
    "contradiction": _contradicts,
}
"""In the order in which they are asked; the first that blocks is the one that is counted."""
