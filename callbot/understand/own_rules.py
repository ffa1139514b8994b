"""Rules of a district's own: phrases added to a rule of the lexicon, another level for one, or a whole new rule."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from callbot.understand.lexicon import Examples, Lexicon, Phrases, SignalFile, SignalRule, _Data
from callbot.understand.meaning import Category, Level

NEVER_LOWERED = frozenset({Category.SUICIDE})
"""Neither level nor reach of these is ever reduced: missing one costs a life."""


class RuleChange(_Data):
    """What one version of a district's own rule says; complete in itself, so that a later version replaces it whole."""

    rule: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    """Of the lexicon, or a new one (`fraud.own_a`)."""
    category: Category
    level: Level | None = None
    """None: the level of the lexicon's rule; a new rule must have one."""
    means: Phrases = ()
    """In the language of callbot/understand/pattern.py."""
    sounds: Phrases = ()
    unless: Phrases = ()
    reason: str = ""
    """Of a new rule: the Korean sentence, with `{quote}`."""
    fire: Phrases = ()
    quiet: Phrases = ()


class BadChange(ValueError):
    """A change cannot be used; the message is Korean and names field, value and mend."""


@dataclass(frozen=True)
class OwnRule:
    """One version that is in force, or runs in the shadow."""

    id: int
    version: int
    change: RuleChange


def found(lexicon: Lexicon, rule_id: str) -> tuple[Category, SignalRule] | None:
    """A rule by its id."""
    for file in lexicon.signals:
        for rule in file.rules:
            if rule.id == rule_id:
                return file.category, rule
    return None


def changed_rule(lexicon: Lexicon, own: OwnRule) -> tuple[Category, SignalRule]:
    """The rule as the district has it. `lexicon`: without that rule's own changes. Raises BadChange."""
    change, known = own.change, found(lexicon, own.change.rule)
    if known is None:
        return change.category, _new_rule(change, own.version)
    category, rule = known
    level = change.level or rule.level
    if category in NEVER_LOWERED and (level.rank < rule.level.rank or change.unless):
        raise BadChange(
            f"규칙 ‘{rule.id}’: 자살 위험 규칙은 단계를 낮추거나 예외를 더할 수 없습니다. 찾을 말만 더해 주세요."
        )
    examples = rule.examples
    if change.fire or change.quiet:
        examples = Examples(fire=(*examples.fire, *change.fire), quiet=(*examples.quiet, *change.quiet))
    return category, rule.model_copy(
        update={
            "level": level,
            "means": (*rule.means, *change.means),
            "sounds": (*rule.sounds, *change.sounds),
            "unless": (*rule.unless, *change.unless),
            "examples": examples,
            "own": own.version,
        }
    )


def _new_rule(change: RuleChange, version: int) -> SignalRule:
    if change.level is None or not change.reason or not change.means:
        raise BadChange(f"새 규칙 ‘{change.rule}’: 단계와 찾을 말, 까닭을 모두 적어 주세요.")
    return SignalRule(
        id=change.rule,
        level=change.level,
        reason=change.reason,
        means=change.means,
        sounds=change.sounds,
        unless=change.unless,
        event=True,
        version=0,
        own=version,
        examples=Examples(fire=change.fire, quiet=change.quiet),
    )


def with_own(lexicon: Lexicon, own_rules: Iterable[OwnRule]) -> Lexicon:
    """The lexicon of a district: `lexicon` is the one of the files. The digest names the files and the own versions, so
    that an assessment can be told apart and made again. Raises BadChange."""
    own = sorted(own_rules, key=lambda each: each.change.rule)
    if not own:
        return lexicon
    changed = {each.change.rule: changed_rule(lexicon, each) for each in own}
    files = [
        file.model_copy(update={"rules": tuple(changed.get(rule.id, ("", rule))[1] for rule in file.rules)})
        for file in lexicon.signals
    ]
    files += [
        SignalFile(category=category, rules=(rule,))
        for rule_id, (category, rule) in changed.items()
        if found(lexicon, rule_id) is None
    ]
    mark = hashlib.sha256("\n".join(each.change.model_dump_json() for each in own).encode()).hexdigest()[:6]
    return lexicon.model_copy(update={"signals": tuple(files), "digest": f"{lexicon.digest}+{mark}"})


def only_rule(lexicon: Lexicon, category: Category, rule: SignalRule | None) -> Lexicon:
    """The same guards and sets, and no other rule: for trying one."""
    files = (SignalFile(category=category, rules=(rule,)),) if rule is not None else ()
    return lexicon.model_copy(update={"signals": files})


def new_rule_id(lexicon: Lexicon, category: Category, taken: Iterable[str] = ()) -> str:
    """`fraud.own_a`, `fraud.own_b`, ..., `fraud.own_aa`.

    `taken`: ids of own rules that are not in the lexicon (any more): an id is never given twice."""
    known = {rule.id for file in lexicon.signals for rule in file.rules} | set(taken)
    number = 1
    while f"{category.value}.own_{_letters(number)}" in known:
        number += 1
    return f"{category.value}.own_{_letters(number)}"


def _letters(number: int) -> str:
    """1: a, 26: z, 27: aa."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters
