"""What caseworkers found, held against what fired: precision by rule and category, and what to look at."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from callbot.assess.interval import share, wilson
from callbot.understand.meaning import Category, Level

ENOUGH_LABELS = 20
"""Decided cases of a rule before anything is proposed."""
SURELY_WRONG = 0.3
"""A rule whose precision lies below this with 97.5 % confidence is proposed for one level less."""
_ONE_LESS = {Level.EMERGENCY: Level.HIGH, Level.HIGH: Level.WATCH, Level.WATCH: Level.NONE}
_NEVER = frozenset({Category.SUICIDE})
"""Nothing is proposed to lower these: missing one costs a life, and the floor stands above any figure."""


class Verdict(StrEnum):
    """What a closed case says of the findings in it."""

    TRUE = "true"
    FALSE = "false"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Labelled:
    """One finding of a closed case."""

    rule: str
    rule_version: str
    category: Category
    level: Level
    verdict: Verdict


@dataclass(frozen=True)
class Proposal:
    """One rule that caseworkers found wrong again and again; a human decides."""

    rule: str
    now: Level
    proposed: Level
    false: int
    """Findings at `now` in false cases: they would have been at `proposed`."""
    true: int
    """Findings at `now` in true cases, which would have been at `proposed` too: the price."""


def by_rule(labels: Iterable[Labelled]) -> dict[str, Counter[Verdict]]:
    """Of every version of a rule together."""
    found: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    for label in labels:
        found[label.rule][label.verdict] += 1
    return dict(found)


def precision(labels: Iterable[Labelled]) -> dict[str, Any]:
    """By rule and by category: true, false, unclear, and the share of true among the decided with its interval."""
    rules: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    categories: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    for label in labels:
        rules[f"{label.rule} {label.rule_version}"][label.verdict] += 1
        categories[f"{label.category.value} {label.level.value}"][label.verdict] += 1
    return {
        "rules": {name: _row(counts) for name, counts in sorted(rules.items())},
        "categories": {name: _row(counts) for name, counts in sorted(categories.items())},
    }


def _row(counts: Counter[Verdict]) -> dict[str, Any]:
    decided = counts[Verdict.TRUE] + counts[Verdict.FALSE]
    return {
        **{verdict.value: counts[verdict] for verdict in Verdict},
        "precision": share(counts[Verdict.TRUE], decided),
    }


def proposals(labels: Iterable[Labelled]) -> list[Proposal]:
    """Rules to lower by one level, the most often wrong first, each with what the change would have done to these cases."""
    counts: defaultdict[tuple[str, Category, Level], Counter[Verdict]] = defaultdict(Counter)
    for label in labels:
        counts[label.rule, label.category, label.level][label.verdict] += 1
    found = []
    for (rule, category, level), verdicts in counts.items():
        true, false = verdicts[Verdict.TRUE], verdicts[Verdict.FALSE]
        lowers = category not in _NEVER and level in _ONE_LESS
        if lowers and true + false >= ENOUGH_LABELS and wilson(true, true + false)[1] < SURELY_WRONG:
            found.append(Proposal(rule, level, _ONE_LESS[level], false, true))
    return sorted(found, key=lambda proposal: (-proposal.false, proposal.rule))
