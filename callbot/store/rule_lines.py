"""What the page of rules shows: every rule with how it fared."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.assess.feedback import Verdict, by_rule
from callbot.assess.interval import share
from callbot.store.feedback_rows import labelled
from callbot.store.own_rule_rows import OwnRuleRow, rules_changed
from callbot.store.rule_figures import firings
from callbot.understand.lexicon import Examples, Lexicon
from callbot.understand.meaning import Category, Level
from callbot.understand.own_rules import with_own


@dataclass(frozen=True)
class RuleLine:
    """One rule as it is in force."""

    id: str
    category: Category
    level: Level
    version: str
    means: tuple[str, ...]
    sounds: tuple[str, ...]
    unless: tuple[str, ...]
    examples: Examples
    firings: int
    """Calls of the period in which it found something."""
    verdicts: Counter[Verdict]
    precision: object
    """`interval.share` of the decided ones."""
    own: OwnRuleRow | None
    """The district's latest change to it."""

    def holds(self, word: str) -> bool:
        """A word of a search stands in it."""
        every = (self.id, *self.means, *self.sounds, *self.unless, *self.examples.fire, *self.examples.quiet)
        return any(word in text for text in every)


def rule_lines(
    connection: Connection, files: Lexicon, live: Lexicon, since: datetime, until: datetime
) -> list[RuleLine]:
    """In the order of the lexicon; `live`: the lexicon in force. A new rule that is only in the shadow is listed too."""
    changed = rules_changed(connection)
    shown = with_own(live, [row.own for rule, row in changed.items() if _new_in_shadow(rule, row, files, live)])
    fired, verdicts = firings(connection, since), by_rule(labelled(connection, since, until))
    return [
        RuleLine(
            id=rule.id,
            category=file.category,
            level=rule.level,
            version=rule.stated_version,
            means=rule.means,
            sounds=rule.sounds,
            unless=rule.unless,
            examples=rule.examples,
            firings=fired.get(rule.id, 0),
            verdicts=verdicts.get(rule.id, Counter()),
            precision=_precision(verdicts.get(rule.id, Counter())),
            own=changed.get(rule.id),
        )
        for file in shown.signals
        for rule in file.rules
    ]


def _new_in_shadow(rule: str, row: OwnRuleRow, files: Lexicon, live: Lexicon) -> bool:
    known = {each.id for lexicon in (files, live) for file in lexicon.signals for each in file.rules}
    return rule not in known and row.state == "shadow"


def _precision(verdicts: Counter[Verdict]) -> object:
    return share(verdicts[Verdict.TRUE], verdicts[Verdict.TRUE] + verdicts[Verdict.FALSE])
