"""The service's duties about rules: the district's own come into force without a restart, and ended calls are analysed."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import structlog

from callbot.assess.what_if import Trial
from callbot.store.database import Store
from callbot.store.health_rows import clear_fact, raise_fact
from callbot.store.own_rule_rows import OwnRuleRow, in_state
from callbot.store.tables_rules import OwnRuleState
from callbot.ticks import Worker
from callbot.understand.analysis import analyser_version
from callbot.understand.lexicon import Lexicon
from callbot.understand.own_rules import BadChange, OwnRule, changed_rule, found, with_own
from callbot.understand.pattern import PatternError
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT, MOST, Shadow, analyse_calls, forget_old_analyses

REFUSED = "own_rule_refused"
LOOK_S = 10.0

log = structlog.get_logger()


class RuleDuties:
    """`look` before the first call; the workers do the rest."""

    def __init__(self, store: Store, understander: Understander, now: Callable[[], datetime]) -> None:
        self._store = store
        self._understander = understander
        self._now = now
        self._seen: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._shadows: tuple[Shadow, ...] = ()
        self._pruned: date | None = None
        self._left: list[bool] = [False, True]
        """What may be left from before this process started: `again`; looked for until nothing is found."""

    def workers(self) -> list[Worker]:
        return [Worker("rules", LOOK_S, self.look), Worker("analyses", LOOK_S, self._analyse)]

    async def look(self) -> None:
        """Take in what has changed since the last look."""
        await asyncio.to_thread(self._look)

    def _look(self) -> None:
        with self._store.read() as connection:
            live, shadow = in_state(connection, OwnRuleState.LIVE), in_state(connection, OwnRuleState.SHADOW)
        seen = tuple(row.id for row in live), tuple(row.id for row in shadow)
        if seen == self._seen:
            return
        files = self._understander.files
        usable = [row.own for row in live if self._usable(files, row)]
        self._understander.take(with_own(files, usable))
        in_force = {own.change.rule: own for own in usable}
        self._shadows = tuple(
            _shadow(files, row, in_force.get(row.change.rule)) for row in shadow if self._usable(files, row)
        )
        self._seen = seen
        log.info(
            "own_rules_taken", live=len(usable), shadow=len(self._shadows), rules=self._understander.lexicon.digest
        )

    def _usable(self, files: Lexicon, row: OwnRuleRow) -> bool:
        """A newer lexicon may have given a set or a level another name: the rule of the files goes on, and a human is told."""
        name = f"{REFUSED}:{row.id}"
        try:
            _trial(files, None, row.own)
        except (BadChange, PatternError):
            log.error("own_rule_refused", own_rule=row.id)
            with self._store.write() as connection:
                raise_fact(connection, name, self._now(), row.change.rule)
            return False
        with self._store.write() as connection:
            clear_fact(connection, name)
        return True

    async def _analyse(self) -> None:
        await asyncio.to_thread(self._analyse_all)

    def _analyse_all(self) -> None:
        now, reader = self._now(), self._understander.reader
        version = analyser_version(self._understander.files, self._understander.analyser)
        while analyse_calls(self._store, reader, version, self._shadows, now) == MOST:
            pass
        if self._left:
            again = self._left[0]
            if analyse_calls(self._store, reader, version, (), now, back=KEPT, again=again) < MOST:
                self._left.pop(0)
        if self._pruned != now.date():
            forget_old_analyses(self._store, now)
            self._pruned = now.date()


def _shadow(files: Lexicon, row: OwnRuleRow, live: OwnRule | None) -> Shadow:
    return Shadow(row.id, _trial(files, live, row.own), row.created_at)


def _trial(files: Lexicon, live: OwnRule | None, own: OwnRule) -> Trial:
    """The version in the shadow beside what is in force of that rule."""
    known = found(files, own.change.rule)
    category, new = changed_rule(files, own)
    old = changed_rule(files, live)[1] if live else (known[1] if known else None)
    return Trial(files, category, old, new)
