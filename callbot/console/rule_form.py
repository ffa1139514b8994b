"""The form of a district's own rule: plain sentences in, a checked change out; each mistake is one Korean sentence."""

from dataclasses import dataclass

from callbot.console.read_form import BadForm, Form, chosen, text
from callbot.console.words import CATEGORIES, LEVELS
from callbot.understand.lexicon import Lexicon
from callbot.understand.meaning import Category, Level
from callbot.understand.own_rules import OwnRule, RuleChange, found, new_rule_id
from callbot.understand.phrase_pattern import WRITTEN, pattern_of
from callbot.understand.rule_check import FEWEST, Broken, Checked, check
from callbot.understand.sounds import sound_key
from callbot.understand.understander import Understander

MOST_LINES = 20
LONGEST_LINE = 100
SHORTEST_SOUND = 4
"""Syllables; a shorter phrase is found in anything (understand/signals.py)."""
CHOOSABLE = (Level.WATCH, Level.HIGH, Level.EMERGENCY)
REASON = "'{{quote}}'라고 하셔서 {category} 쪽으로 살펴볼 필요가 있다고 판단했습니다."


@dataclass(frozen=True)
class Filled:
    """The form, read."""

    change: RuleChange
    why: str
    added: tuple[tuple[str, str], ...] = ()
    """What was written, and the phrase that it became."""


def read_rule_form(
    given: Form, rule_id: str | None, under: Understander, taken: frozenset[str], before: RuleChange | None
) -> Filled:
    """`rule_id` None: a new rule. `before`: what the district has added to it already, which stays. Raises BadForm or
    BadChange."""
    lines, sounds, exceptions = (_lines(given, *field) for field in _FIELDS[:3])
    fire, quiet = (_lines(given, *field) for field in _FIELDS[3:])
    why = text(given, "why", most=500)
    sets, reader = under.files.sets.sets, under.reader
    if rule_id is None:
        category = Category(chosen(given, "category", "분류", tuple(Category)))
        level: Level | None = Level(chosen(given, "level", "단계", CHOOSABLE))
        name = new_rule_id(under.files, category, taken)
        reason = REASON.format(category=CATEGORIES[category])
        if not lines:
            raise BadForm("‘이렇게 말씀하시면’이 비어 있습니다. 어르신이 하실 말을 한 줄에 하나씩 적어 주세요.")
    else:
        category, level, name, reason = _of_known(given, rule_id, under.files, before)
    added = tuple((line, pattern_of(line, reader, sets)) for line in lines)
    unless = tuple((line, pattern_of(line, reader, sets)) for line in exceptions)
    _sounds_are_long(sounds)
    spoken = tuple(line for line in (*lines, *sounds) if not line.startswith(WRITTEN))
    all_fire = tuple(dict.fromkeys((*spoken, *fire)))
    if (added or sounds or unless) and (len(all_fire) < FEWEST or len(quiet) < FEWEST):
        raise BadForm(
            f"예문이 모자랍니다: 울려야 하는 말 {len(all_fire)}개, 울리면 안 되는 말 {len(quiet)}개. 각각 {FEWEST}개 이상 적어 주세요."
        )
    if not (added or sounds or unless) and level == (before.level if before else None):
        raise BadForm("바뀐 것이 없습니다. 더할 말을 적거나 단계를 골라 주세요.")
    old = before or RuleChange(rule=name, category=category)
    change = RuleChange(
        rule=name,
        category=category,
        level=level,
        means=_joined(old.means, (pattern for _, pattern in added)),
        sounds=_joined(old.sounds, sounds),
        unless=_joined(old.unless, (pattern for _, pattern in unless)),
        reason=old.reason or reason,
        fire=_joined(old.fire, all_fire),
        quiet=_joined(old.quiet, quiet),
    )
    return Filled(change, why, (*added, *unless))


_FIELDS = (
    ("means", "이렇게 말씀하시면"),
    ("sounds", "소리가 비슷하면"),
    ("unless", "이런 말이면 아님"),
    ("fire", "울려야 하는 말"),
    ("quiet", "울리면 안 되는 말"),
)


def _of_known(
    given: Form, rule_id: str, files: Lexicon, before: RuleChange | None
) -> tuple[Category, Level | None, str, str]:
    known = found(files, rule_id)
    wanted = text(given, "level")
    if wanted and wanted not in CHOOSABLE:
        raise BadForm("‘단계’를 하나 골라 주세요.")
    level = Level(wanted) if wanted else (before.level if before else None)
    if known is None:
        if before is None:
            raise BadForm(f"규칙 ‘{rule_id}’이(가) 없습니다.")
        return before.category, level, rule_id, before.reason
    category, rule = known
    return category, None if level is rule.level else level, rule_id, ""


def _lines(given: Form, name: str, label: str) -> tuple[str, ...]:
    raw = text(given, name, most=MOST_LINES * (LONGEST_LINE + 2))
    lines = tuple(dict.fromkeys(line.strip() for line in raw.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise BadForm(f"‘{label}’에 {len(lines)}줄이 있습니다. 한 번에 {MOST_LINES}줄까지 적어 주세요.")
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise BadForm(f"‘{label}’의 ‘{line[:20]}…’이(가) {len(line)}자입니다. 한 줄은 {LONGEST_LINE}자까지입니다.")
    return lines


def _sounds_are_long(sounds: tuple[str, ...]) -> None:
    for line in sounds:
        syllables = sum("가" <= letter <= "힣" for letter in line)
        if syllables < SHORTEST_SOUND or not sound_key(line)[0]:
            raise BadForm(
                f"소리가 비슷하면 ‘{line}’: 글자가 {syllables}개입니다. 짧은 말은 아무 말과나 비슷하므로 {SHORTEST_SOUND}글자 이상 적어 주세요."
            )


def _joined(old: tuple[str, ...], new: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))  # type: ignore[misc]


def checked(change: RuleChange, under: Understander, version: int) -> Checked:
    """Raises BadForm where an example of this rule does not hold, BadChange where the change may not be."""
    result = check(under.files, OwnRule(0, version, change), under.reader)
    if result.broken:
        raise BadForm(" ".join(_in_words(each) for each in result.broken[:5]))
    return result


def _in_words(broken: Broken) -> str:
    got = LEVELS[broken.got]
    if broken.must_fire:
        return (
            f"울려야 하는 말 ‘{broken.sentence}’: {LEVELS[broken.wanted]}이어야 하는데 {got}입니다. "
            "‘이렇게 말씀하시면’에 그 말을 더하거나 예문을 빼 주세요."
        )
    return f"울리면 안 되는 말 ‘{broken.sentence}’: {got}(으)로 울립니다. 찾을 말을 더 길게 적거나 ‘이런 말이면 아님’에 적어 주세요."
