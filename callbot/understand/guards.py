"""What makes a finding weaker than its words: denial, another's story, television, the past, a supposition."""

from collections.abc import Sequence

from callbot.understand.circumstances import circumstances, gave_to_family, in_past, is_elsewhere, is_next_door, verb_of
from callbot.understand.lexicon import GuardFile, SignalRule
from callbot.understand.meaning import Category, Level
from callbot.understand.negation import is_negated
from callbot.understand.pattern import parse_all
from callbot.understand.span import Span
from callbot.understand.subjects import Storyteller
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Utterance

_TIMES = ("recent", "distant")
_DONE_TO_US = frozenset({Category.ABUSE, Category.FRAUD, Category.COGNITION, Category.SUICIDE, Category.MOOD})
"""Where whoever is spoken of may have done it to the person."""
_NOT_OF_DYING = frozenset({"mended", "advised", "conceded", "apart_from"})
"""Nobody is less in danger for having brought the rope home already."""
_MEASURED = 4
"""Units after "-게" among which the delight is sought."""
_WORRY = frozenset({"보다", "봐", "무섭다", "걱정", "걱정하다", "겁", "겁나다", "조심하다"})
_WISH = frozenset({"좋다", "하다", "싶다", "고맙다", "감사하다"})
_JOY = frozenset({
    "맵다", "맛있다", "재밌다", "재미있다", "웃기다", "우습다", "웃다", "좋다", "기쁘다", "반갑다", "귀엽다", "예쁘다", "이쁘다", "고맙다", "부럽다",
    "창피하다", "부끄럽다", "신나다", "재미나다",
})  # fmt: skip
_AS_MUCH = frozenset({"만큼", "정도", "같이", "것"})
_DOCTOR = frozenset(
    {
        "금",
        "골절",
        "갈비뼈",
        "뼈",
        "디스크",
        "염증",
        "수치",
        "의사",
        "병원",
        "검사",
        "원장",
        "진단",
        "보건소",
        "사진",
        "응급실",
    }
)


class Guards:
    """Every guard, compiled from prompts/lexicon/guards.yaml."""

    def __init__(self, data: GuardFile, sets: dict[str, tuple[str, ...]]) -> None:
        self._data = data
        self._said = {name: parse_all(guard.means, sets) for name, guard in sorted(data.guards.items()) if guard.means}
        self._still = parse_all(data.still, sets)
        self._idioms = frozenset(data.idioms)
        self._delights = frozenset(data.delights)
        self._acquaintances = frozenset(data.acquaintances)
        self._household = frozenset(data.subjects.household)
        self._family = frozenset(data.family)
        self._storyteller = Storyteller(data.subjects)
        self._last: tuple[Utterance, frozenset[str]] | None = None

    def on_rule(self, utterance: Utterance, span: Span, rule: SignalRule, category: Category) -> tuple[str, ...]:
        """Names of the guards that hold for a finding of `rule`, sorted."""
        found = self.on(utterance, span, event=rule.event, category=category)
        return tuple(name for name in found if name not in rule.ignores)

    def on(
        self, utterance: Utterance, span: Span, *, event: bool = True, category: Category | None = None
    ) -> tuple[str, ...]:
        """`event`: the past tense tells what is so now; `category`: what the finding is about."""
        units = utterance.units
        found = self.said(utterance) - set(_TIMES)
        found |= self._time(units, span, event=event) | circumstances(units, span)
        by_grammar = {
            "negation": span.negated,
            "hypothetical": _is_supposed(units, span),
            "idiom": self._is_idiom(units, span, itself=category is Category.SUICIDE),
            "almost": _is_almost(units, span),
            "elsewhere": is_elsewhere(units, span, self._acquaintances, self._household)
            and (category not in _DONE_TO_US or is_next_door(units, span)),
            "to_family": category is Category.FRAUD and gave_to_family(units, self._family),
            "hearsay": self._storyteller.is_hearsay(units, span) and not any(unit.names & _DOCTOR for unit in units),
        }
        found |= {name for name, holds in by_grammar.items() if holds}
        if category is Category.SUICIDE:
            found -= _NOT_OF_DYING
        found = self._of_others(found, self._storyteller.guard(units, span))
        return tuple(sorted(name for name in found if name in self._data.guards))

    @staticmethod
    def _of_others(found: set[str], story: str | None) -> set[str]:
        """What only holds together with its being another's story."""
        whole = found | ({story} if story else set())
        if story != "third_person" and "elsewhere" not in whole:
            whole.discard("cared_for")
        if story == "third_person" and "hearsay" in whole:
            whole.add("others_told")
        if "elsewhere" in whole and whole & {"hearsay", "others_told"}:
            whole.add("told_elsewhere")
        return whole

    def said(self, utterance: Utterance) -> set[str]:
        """Guards whose phrases stand anywhere in the utterance."""
        last = self._last  # one read: another thread may write it
        if last is None or last[0] is not utterance:
            last = (utterance, frozenset(self._read(utterance)))
            self._last = last
        return set(last[1])

    def _read(self, utterance: Utterance) -> set[str]:
        return {
            name
            for name, patterns in self._said.items()
            if any(
                not match.negated and not _is_wished(utterance.units, match.predicate)
                for _, match in patterns.matches(utterance.units)
            )
        }

    def names_household(self, utterance: Utterance) -> bool:
        """A husband, wife or the like is spoken of."""
        return self._storyteller.names_household(utterance.units)

    def lowered(self, level: Level, guards: Sequence[str], category: Category) -> Level:
        """The level after guards: the lowest that any one of them gives; suicide never below watch."""
        levels = [level, *(self._data.guards[name].becomes.get(level, level) for name in guards)]
        lowest = min(levels, key=lambda each: each.rank)
        if category is Category.SUICIDE and lowest.rank < Level.WATCH.rank:
            return Level.WATCH
        return lowest

    def says(self, name: str) -> str:
        """Korean words for a guard."""
        return self._data.guards[name].says

    def _time(self, units: Sequence[Unit], span: Span, *, event: bool) -> set[str]:
        """The word of time nearest before the predicate decides, else the first after it, else the tense."""
        places = [("still", max(match.units)) for _, match in self._still.matches(units)]
        for name in _TIMES:
            places += [(name, max(match.units)) for _, match in self._said[name].matches(units)]
        before = [each for each in places if each[1] <= span.predicate]
        if places:
            chosen = max(before, key=lambda each: each[1]) if before else min(places, key=lambda each: each[1])
            return set() if chosen[0] == "still" else {chosen[0]}
        return {"past"} if not event and in_past(units, span) else set()

    def _is_idiom(self, units: Sequence[Unit], span: Span, *, itself: bool) -> bool:
        """ "심심해 죽겠다": 죽다 right after -어(서) and one of the stems that are used so.

        `itself`: only where that 죽다 is the finding ("죽고 싶어 죽겠어" is none)."""
        for place in range(max(span.first, 2), min(span.predicate + (1 if itself else 3), len(units))):
            joined = "죽다" in units[place].names and units[place - 1].names & {"-어", "-어서"}
            if joined and _with_noun(units, place - 2) & self._idioms:
                return True
        return self._is_measure(units, span)

    def _is_measure(self, units: Sequence[Unit], span: Span) -> bool:
        """How much, not what: "눈물이 나게 맛있다", "다리가 부러져라 뛰었다"."""
        if self._out_of_joy(units, span):
            return True
        place = _ending_after(units, span.predicate)
        if place is None:
            return False
        reach = _MEASURED if units[place].names & {"-게", "-도록", "-어라"} else 0
        if "-ㄹ" in units[place].names and any(unit.names & _AS_MUCH for unit in units[place + 1 : place + 4]):
            reach = 2 * _MEASURED
        return any(unit.names & self._delights for unit in units[place + 1 : place + reach])

    def _out_of_joy(self, units: Sequence[Unit], span: Span) -> bool:
        """ "매워서 입에서 불이 나네", "좋아서 심장이 터지는 줄 알았어"."""
        for place in range(max(span.first - 2, 0), span.first):
            ending = units[place + 1].names if place + 1 < len(units) else frozenset[str]()
            if units[place].names & _JOY and "-어서" in ending:
                return not is_negated(units, place)
        return False

    def names_acquaintance(self, utterance: Utterance) -> bool:
        """Somebody is spoken of, not speaking ("며느리인데요"), whose fate is not the person's own."""
        units = utterance.units
        return any(
            unit.names & self._acquaintances and not (place + 1 < len(units) and "이다" in units[place + 1].names)
            for place, unit in enumerate(units)
        )


def _is_wished(units: Sequence[Unit], predicate: int) -> bool:
    """ "이제 그만 살았으면 좋겠어", "지금 죽어도 괜찮아": what would be fine, not what is."""
    return predicate > 0 and bool(units[predicate - 1].names & {"-면", "-어도"})


def _with_noun(units: Sequence[Unit], place: int) -> frozenset[str]:
    """The predicate, and joined to the noun before it: "짜증" "나다" is 짜증나다."""
    before = units[place - 1] if place > 0 else None
    if before is None or before.kind is not Kind.WORD or units[place].kind is not Kind.PREDICATE:
        return units[place].names
    return units[place].names | {f"{noun}{verb}" for noun in before.names for verb in units[place].names}


def _is_supposed(units: Sequence[Unit], span: Span) -> bool:
    """-면 after the finding, unless it is a wish; -ㄹ까 봐."""
    place = _ending_after(units, verb_of(units, span.predicate))
    if place is None or place <= span.last:
        return False
    names = units[place].names
    if names & {"-기", "-게"} and any("-면" in unit.names for unit in units[place + 1 : place + 5]):
        return True
    following = units[place + 1].names if place + 1 < len(units) else frozenset[str]()
    if names & {"-면", "-거든"}:
        return not following & _WISH
    return bool(names & {"-ㄹ까", "-ㄹ까봐"}) and bool(following & _WORRY)


def _is_almost(units: Sequence[Unit], span: Span) -> bool:
    """-ㄹ 뻔하다 after the finding."""
    after = units[span.predicate + 1 : span.predicate + 3]
    return span.predicate + len(after) > span.last and any(unit.names & {"뻔", "뻔하다"} for unit in after)


def _ending_after(units: Sequence[Unit], predicate: int) -> int | None:
    for place in range(predicate + 1, len(units)):
        if units[place].kind in (Kind.ENDING, Kind.SENTENCE_END):
            return place
        if units[place].kind is not Kind.PREFINAL:
            return None
    return None
