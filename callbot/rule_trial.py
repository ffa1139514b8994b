"""What another version of a rule would have done to the calls of the last days: over their stored analyses, on every core.

Every analysis is opened (decrypted, decompressed) and searched as bytes for the names that the changed phrases need; only those
that hold them are read and tried. There is no index outside the database: what a person said stays in one sealed row a call, and
goes with it (docs/adr/0038).
"""

import os
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context

from sqlalchemy import Connection

from callbot.assess.what_if import Trial, TurnChange, differs_in_manner, judged, would_be
from callbot.store.analysis_rows import assessments, counted, packed_analyses, parts
from callbot.store.database import Store, open_engine
from callbot.store.keys import Keyring
from callbot.store.turn_outlines import turn_outlines
from callbot.understand.analysis import plain
from callbot.understand.lexicon import Lexicon, SignalRule
from callbot.understand.meaning import Category, Level

FEW = 4000
"""Calls; fewer are looked through here, which is done before another process has started."""
NICE = 10
"""Calls that run come first."""
MOST_HITS = 200
"""Kept with their words' place, the gravest first; all are counted."""


@dataclass(frozen=True)
class Question:
    """Two versions of one rule. None: there is none."""

    lexicon: Lexicon
    category: Category
    old: SignalRule | None
    new: SignalRule | None

    def trial(self) -> Trial:
        return Trial(self.lexicon, self.category, self.old, self.new)

    @property
    def only_where_found(self) -> str | None:
        """Where level or manner of a rule changes and no phrase by sound does, only calls in which it was found."""
        if self.old is None or self.new is None or not differs_in_manner(self.old, self.new):
            return None
        grows = set(self.new.means) - set(self.old.means) or self.new.sounds != self.old.sounds
        return None if grows else self.old.id


@dataclass(frozen=True)
class Hit:
    """One utterance in which the versions differ, and what it does to its call."""

    call_id: int
    turn: int
    was: Level
    """Of the call."""
    would: Level
    added: bool
    """The rule finds something that it did not find, or finds it graver."""


@dataclass
class Answer:
    """Of one trial."""

    calls: int = 0
    """Looked at."""
    old_analyses: int = 0
    """Among them those that an older version of the analyser made."""
    read: int = 0
    """Of these, calls that had to be read."""
    fires: int = 0
    """Calls in which the rule would find more, or graver."""
    stills: int = 0
    """Calls in which it would find less, or lighter."""
    moves: Counter[tuple[Level, Level]] = field(default_factory=Counter)
    """Calls whose level changes: from, to."""
    hits: list[Hit] = field(default_factory=list)
    seconds: float = 0.0

    def take(self, other: "Answer") -> None:
        """One more part."""
        self.calls += other.calls
        self.read += other.read
        self.fires += other.fires
        self.stills += other.stills
        self.moves += other.moves
        self.hits = _gravest([*self.hits, *other.hits])


def _gravest(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.was is hit.would, -hit.would.rank, -hit.call_id, hit.turn))[:MOST_HITS]


def try_rule(
    store: Store, question: Question, since: datetime, analyser: str, *, processes: int | None = None
) -> Answer:
    """`since`: calls answered from then on. `processes`: default one a core; 0: in this one."""
    began = time.monotonic()
    with store.read() as connection:
        calls, old = counted(connection, since, analyser)
        cores = (os.cpu_count() or 1) if processes is None else processes
        here = cores == 0 or (processes is None and calls < FEW)
        ranges = parts(connection, since, 1 if here else cores * 4)
        answer = Answer(old_analyses=old)
        if here:
            trial, rule = question.trial(), question.only_where_found
            for first, last in ranges:
                answer.take(_part(connection, trial, rule, since, first, last))
    if not here:
        url = store.engine.url.render_as_string(hide_password=False)
        work = [(url, store.keys, question, since, first, last) for first, last in ranges]
        with ProcessPoolExecutor(cores, get_context("spawn"), initializer=os.nice, initargs=(NICE,)) as pool:
            for part in pool.map(_in_process, work):
                answer.take(part)
    answer.seconds = time.monotonic() - began
    return answer


def _in_process(work: tuple[str, Keyring, Question, datetime, int, int]) -> Answer:
    url, keys, question, since, first, last = work
    store = Store(open_engine(url, keys), keys)
    try:
        with store.read() as connection:
            return _part(connection, question.trial(), question.only_where_found, since, first, last)
    finally:
        store.close()


def _part(connection: Connection, trial: Trial, rule: str | None, since: datetime, first: int, last: int) -> Answer:
    """Calls of one range of ids."""
    answer, changed = Answer(), dict[int, list[TurnChange]]()
    for call_id, packed in packed_analyses(connection, since, first, last, rule=rule):
        answer.calls += 1
        read = plain(packed)
        if not trial.worth_reading(read):
            continue
        answer.read += 1
        if changes := trial.changes_in(read):
            changed[call_id] = changes
    outlines, records = turn_outlines(connection, list(changed)), assessments(connection, list(changed))
    hits = []
    for call_id, changes in changed.items():
        if call_id not in records:
            continue
        was = judged(records[call_id])
        would = would_be(was, changes, outlines.get(call_id, ()))
        more = any(_rank(change.would) > _rank(change.was) for change in changes)
        answer.fires += more
        answer.stills += not more
        if would is not was.level:
            answer.moves[was.level, would] += 1
        hits += [
            Hit(call_id, change.turn, was.level, would, _rank(change.would) > _rank(change.was)) for change in changes
        ]
    answer.hits = _gravest(hits)
    return answer


def _rank(signal: object) -> int:
    return getattr(signal, "level", Level.NONE).rank
