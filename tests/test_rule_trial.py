"""A trial over many calls: processes beside this one give the same answer."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from callbot.bench_whatif import NOW, _distinct_calls, _fill
from callbot.rule_trial import Answer, Question, try_rule
from callbot.store.migrate import migrate
from callbot.understand.analysis import analyser_version
from callbot.understand.meaning import Category, Level
from callbot.understand.own_rules import OwnRule, RuleChange, changed_rule
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT

CHANGE = RuleChange(
    rule="sleep.own_a", category=Category.SLEEP, level=Level.HIGH, means=("잘 .. 자다",), reason="'{quote}'", fire=("잘 자",), quiet=("네",)
)  # fmt: skip


def untimed(answer: Answer) -> Answer:
    return replace(answer, seconds=0.0)


def test_every_core_or_none_finds_the_same(understander: Understander, tmp_path: Path) -> None:
    """Counts, moves and the gravest places; every call that holds the phrase is found; old analyses are counted as such."""
    store = migrate(f"sqlite:///{tmp_path}/callbot.db", tmp_path / "keys.json", datetime.now(UTC)).store
    try:
        said = _distinct_calls(understander, 12)
        assert _fill(store, understander, said, 12, 4, lambda _: None) == 48
        _, new = changed_rule(understander.files, OwnRule(1, 1, CHANGE))
        question = Question(understander.files, Category.SLEEP, None, new)
        version = analyser_version(understander.files, understander.analyser)
        here = try_rule(store, question, NOW - KEPT, version, processes=0)
        beside = try_rule(store, question, NOW - KEPT, version, processes=2)
        sleepers = [each for each in said if any("잘 자" in turn.text or "잘 잤" in turn.text for turn in each.turns)]
        levels = Counter((Level(each.assessment["level"]), Level.HIGH) for each in sleepers)
        assert untimed(here) == untimed(beside)
        assert (here.calls, here.old_analyses) == (48, 0)
        assert here.fires == 4 * len(sleepers) > 0
        assert here.moves == {move: 4 * n for move, n in levels.items() if move[0].rank < Level.HIGH.rank}
        assert try_rule(store, question, NOW - KEPT, "newer", processes=0).old_analyses == 48
    finally:
        store.close()
