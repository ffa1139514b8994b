"""A changed rule against every example: its own must hold, and no sentence that another rule calls harmless may newly fire."""

from collections.abc import Iterator
from dataclasses import dataclass

from callbot.understand.guards import Guards
from callbot.understand.lexicon import Lexicon, SignalRule
from callbot.understand.meaning import Category, Level
from callbot.understand.own_rules import OwnRule, changed_rule, found, only_rule
from callbot.understand.signals import SignalDetectors
from callbot.understand.utterance import Reader

FEWEST = 2
"""Examples of each kind that a change brings."""


@dataclass(frozen=True)
class Broken:
    """One sentence that comes out otherwise than it should."""

    sentence: str
    of: str
    """The rule whose example it is."""
    must_fire: bool
    wanted: Level
    got: Level


@dataclass(frozen=True)
class Checked:
    """What was found."""

    broken: tuple[Broken, ...] = ()
    """Examples of the rule itself, old and new, that do not hold: the change cannot be saved."""
    newly: tuple[Broken, ...] = ()
    """Sentences that other rules call harmless and this one newly finds: a human looks at them. Rules are independent of one
    another, so that their own examples hold as before."""
    looked_at: int = 0


def check(lexicon: Lexicon, own: OwnRule, reader: Reader) -> Checked:
    """`lexicon`: as in the files. Raises BadChange."""
    category, new = changed_rule(lexicon, own)
    known = found(lexicon, own.change.rule)
    guards = Guards(lexicon.guards, lexicon.sets.sets)
    before = _Alone(lexicon, guards, reader, category, known[1] if known else None)
    after = _Alone(lexicon, guards, reader, category, new)
    broken = [
        Broken(text, new.id, must_fire=True, wanted=new.level, got=got)
        for text in new.examples.fire
        if (got := after(text)) is not new.level
    ]
    broken += [
        Broken(text, new.id, must_fire=False, wanted=Level.NONE, got=got)
        for text in new.examples.quiet
        if (got := after(text)).rank >= new.level.rank
    ]
    others = list(_quiet_of_others(lexicon, new.id))
    newly = [
        Broken(text, rule, must_fire=False, wanted=Level.NONE, got=got)
        for rule, text in others
        if (got := after(text)).rank > before(text).rank
    ]
    looked_at = len(new.examples.fire) + len(new.examples.quiet) + len(others)
    return Checked(tuple(broken), tuple(newly), looked_at)


class _Alone:
    """One rule, and the level it finds in a sentence."""

    def __init__(
        self, lexicon: Lexicon, guards: Guards, reader: Reader, category: Category, rule: SignalRule | None
    ) -> None:
        self._rule = SignalDetectors(only_rule(lexicon, category, rule), guards, reader)
        self._reader = reader

    def __call__(self, text: str) -> Level:
        signals = self._rule.find(self._reader(text))
        return signals[0].level if signals else Level.NONE


def _quiet_of_others(lexicon: Lexicon, rule_id: str) -> Iterator[tuple[str, str]]:
    for file in lexicon.signals:
        for rule in file.rules:
            if rule.id != rule_id:
                yield from ((rule.id, text) for text in rule.examples.quiet)
