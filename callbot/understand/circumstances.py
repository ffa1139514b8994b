"""Circumstances in the grammar that make words weaker: likened, not yet, already well again, happening to somebody elsewhere."""

from collections.abc import Sequence

from callbot.understand.negation import is_negated
from callbot.understand.span import Span
from callbot.understand.units import Kind, Unit

_NOTHING = frozenset[str]()
_LIKENED = frozenset({"-듯이", "-듯"})
_SUFFERED = frozenset({
    "아프다", "쑤시다", "결리다", "저리다", "조이다", "답답하다", "어지럽다", "아리다", "쓰리다", "통증", "괴롭다", "힘들다", "토하다", "막히다",
})  # fmt: skip
"""What follows a likeness that is meant: "깨질 듯이 아파"."""
_AUXILIARIES = frozenset({"버리다", "주다", "놓다", "두다", "가다", "오다", "보다", "먹다"})
_SEEN = frozenset({"-더라", "-더라고", "-더구만", "-더만", "-던데"})
_TURNS = frozenset({"-는데", "-지만", "-더니", "-니까", "-어도", "-다", "-고", "-어서", "-어"})
_WELL = frozenset({
    "괜찮다", "멀쩡하다", "정상", "건강하다", "좋다", "낫다", "멎다", "거뜬하다", "개운하다", "말짱하다", "가뿐하다", "풀리다", "따뜻하다", "따시다",
    "뜨끈뜨끈하다", "뜨끈하다", "시원하다", "아물다", "붙다", "편하다", "편안하다",
})  # fmt: skip
_TURN_REACH = 12
"""Units after the finding among which the turn for the better is sought."""
_SPOILT = frozenset({"-면", "-ㄹ까", "-어야", "-겠"})
_STILL_DONE = frozenset({"잘", "다", "금방", "바로", "푹", "꼬박꼬박"})
_LITTLE = frozenset({"조금", "약간", "살짝", "잠깐", "번", "한"})
_NOW = frozenset({
    "지금", "방금", "시방", "막", "빨리", "얼른", "여기", "옆", "앞", "우리", "집", "방", "화장실", "어떡하다", "어쩌다", "살리다", "큰일", "아까",
    "갑자기", "깨우다", "부르다", "흔들다", "당장",
})  # fmt: skip
_MARKS = frozenset({"이", "가", "은", "는", "도", "께서", "네", "에", "에서"})
_NEXT_DOOR = frozenset({
    "옆집", "앞집", "뒷집", "윗집", "아랫집", "이웃", "이웃집", "동네", "위층", "아래층", "건너편", "마을", "뒷동네", "아랫동네",
})  # fmt: skip
_GIVEN = frozenset({"한테", "에게", "께", "더러", "보고", "한테는", "에게는"})
_PRETENDING = frozenset({"-라고", "-다고", "-라면서", "-다면서", "-라길래", "-라", "-래"})
_PRETENCE = frozenset({"줄", "사칭", "목소리", "척"})


def circumstances(units: Sequence[Unit], span: Span) -> set[str]:
    """Names of the guards that hold by grammar alone."""
    found = set()
    if _is_likened(units, span):
        found.add("simile")
    if _is_before(units, span):
        found.add("not_yet")
    if _turned_well(units, span):
        found.add("resolved")
    if _is_apart_from(units, span):
        found.add("apart_from")
    if _was_seen(units, span):
        found.add("witnessed")
    if _is_conceded(units, span):
        found.add("conceded")
    return found


def verb_of(units: Sequence[Unit], place: int) -> int:
    """The predicate that a noun is the subject or object of, where it follows at once ("코피가 조금 났는데"), else the unit itself."""
    if units[place].kind is not Kind.WORD:
        return place
    for after in range(place + 1, min(place + 4, len(units))):
        if units[after].kind is Kind.PREDICATE:
            return after
        if units[after].kind not in (Kind.FREE, Kind.ADVERB) and units[after].names.isdisjoint(_LITTLE):
            break
    return place


def in_past(units: Sequence[Unit], span: Span) -> bool:
    """-었 on the predicate or on the auxiliary that carries it ("불러 줬어"), unless supposed ("-었으면")."""
    place = verb_of(units, span.predicate) + 1
    if place + 1 < len(units) and units[place].names & {"-어", "-어다"} and units[place + 1].names & _AUXILIARIES:
        place += 2
    past = place < len(units) and "-었" in units[place].names
    return past and not (place + 1 < len(units) and units[place + 1].names & {"-면", "-ㄹ"})


def is_elsewhere(units: Sequence[Unit], span: Span, acquaintances: frozenset[str], household: frozenset[str]) -> bool:
    """A friend or neighbour is spoken of, and nothing says that it happens here and now."""
    heard = range(max(span.first - 4, 0), span.predicate + 1)
    if not any(_is_subject(units, place, acquaintances) for place in heard):
        return False
    if any(units[place].names & household and not _belongs_to(units, place, acquaintances) for place in heard):
        return False
    if "우리" in _all_names(units[max(span.first - 2, 0) : span.predicate]):
        return False
    lasting = units[span.predicate + 1 : span.predicate + 3]
    lies_there = len(lasting) > 1 and lasting[0].names & {"-어", "-고"} and lasting[1].names & {"있다", "계시다"}
    return not lies_there and not any(
        unit.names & (_NOW - {"집", "방", "우리", "앞", "옆", "부르다"}) for unit in units
    )


def is_next_door(units: Sequence[Unit], span: Span) -> bool:
    """It happened at the neighbours': "이웃집에 도둑이 들어서"."""
    for place in range(max(span.first - 4, 0), span.predicate):
        if units[place].names & _NEXT_DOOR and units[place + 1].names & {"에", "에서", "네"}:
            return True
    return False


def gave_to_family(units: Sequence[Unit], family: frozenset[str]) -> bool:
    """ "딸한테 비밀번호를 알려 줬어", but not "딸이라고 해서"."""
    for place, unit in enumerate(units[:-1]):
        after = place + 1
        while after < len(units) and units[after].names & {"들", "네", "님"}:
            after += 1
        if unit.names & family and after < len(units) and units[after].names & _GIVEN:
            return not _pretends(units)
    return False


def _is_likened(units: Sequence[Unit], span: Span) -> bool:
    """ "기절하듯이 잤다", "죽는 줄 알았다", "숨넘어가는 소리처럼"; never where what follows is suffered: "깨질 듯이 아파"."""
    names = [unit.names for unit in units[span.predicate + 1 : span.predicate + 6]]
    ending, noun, after = (*names, _NOTHING, _NOTHING, _NOTHING)[:3]
    if any(each & _SUFFERED for each in names):
        return False
    if "-attributive" in ending and "줄" in noun:
        return any("알다" in each for each in names[2:4]) and any("-었" in each for each in names[2:])
    likened = ending & _LIKENED or ("-ㄹ" in ending and noun & {"듯이", "듯"})
    return bool(likened) or ("-attributive" in ending and bool(after & {"처럼", "같이"}))


def _was_seen(units: Sequence[Unit], span: Span) -> bool:
    """-더라: what the speaker saw happen, then and there."""
    after = units[span.predicate + 1 : span.predicate + 4]
    for unit in after:
        if unit.names & _SEEN:
            return True
        if unit.kind is not Kind.PREFINAL:
            return False
    return False


def _is_before(units: Sequence[Unit], span: Span) -> bool:
    """-기 전(에): it has not come to that."""
    after = units[span.predicate + 1 : span.predicate + 4]
    return len(after) > 1 and "-기" in after[0].names and "전" in after[1].names


def _is_apart_from(units: Sequence[Unit], span: Span) -> bool:
    """ "쥐가 나는 것 말고는 건강해", "감기 빼고는"."""
    after = units[span.predicate + 1 : span.predicate + 6]
    for place, unit in enumerate(after[:-1]):
        if unit.names & {"말다", "빼다", "제외하다"} and "-고" in after[place + 1].names:
            return any(later.names & (_WELL | {"없다", "잘"}) for later in units[span.predicate + 1 + place :])
    return False


def _is_conceded(units: Sequence[Unit], span: Span) -> bool:
    """ "이가 시원찮아도 다 씹어", "값이 올랐어도 괜찮아"."""
    place = verb_of(units, span.predicate) + 1
    while place < len(units) and units[place].kind is Kind.PREFINAL:
        place += 1
    if place >= len(units) or "-어도" not in units[place].names:
        return False
    return any(unit.names & (_WELL | _STILL_DONE) for unit in units[place + 1 : place + 7])


def _turned_well(units: Sequence[Unit], span: Span) -> bool:
    """Past, and then a turn to something good in the same breath: "좀 아팠는데 자고 나니까 괜찮아", "조금 났는데 금방 멎었어"."""
    if not in_past(units, span):
        return False
    start = verb_of(units, span.predicate) + 2
    rest = units[start : start + _TURN_REACH]
    turned = False
    for place, unit in enumerate(rest):
        if unit.kind is Kind.ENDING and unit.names & _TURNS:
            turned = True
        if turned and unit.names & _WELL and not is_negated(rest, place):
            return not any(later.names & _SPOILT for later in rest[place + 1 : place + 3])
    return False


def _pretends(units: Sequence[Unit]) -> bool:
    """ "딸이라고 해서", "아들인 줄 알고"."""
    if _all_names(units) & _PRETENCE:
        return True
    return any("이다" in unit.names and units[place + 1].names & _PRETENDING for place, unit in enumerate(units[:-1]))


def _belongs_to(units: Sequence[Unit], place: int, owners: frozenset[str]) -> bool:
    """ "친구 남편"."""
    return place > 0 and bool(units[place - 1].names & owners)


def _is_subject(units: Sequence[Unit], place: int, nouns: frozenset[str]) -> bool:
    after = place + 1
    while after < len(units) and units[after].kind is Kind.WORD:
        after += 1
    particle = units[after].names if after < len(units) and units[after].kind is Kind.FREE else frozenset[str]()
    return bool(units[place].names & nouns) and (not particle or bool(particle & _MARKS))


def _all_names(units: Sequence[Unit]) -> set[str]:
    return {name for unit in units for name in unit.names}
