"""What was said in calls that have ended is kept as its analysis, and rules in the shadow are tried on it.

A worker's task and not the call's: nobody waits for it, and a call whose process died is found like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbot.assess.what_if import Trial, judged, would_be
from callbot.converse.transcript import Turn
from callbot.store.analysis_rows import (
    analysed_otherwise,
    assessments,
    prune_analyses,
    save_analysis,
    unanalysed,
)
from callbot.store.call_rows import call_row, transcript
from callbot.store.database import Store
from callbot.store.own_rule_rows import add_finding, note_seen
from callbot.understand.analysis import Analysed, analysed, pack
from callbot.understand.meaning import Topic
from callbot.understand.utterance import Reader

KEPT = timedelta(days=90)
"""An analysis is as personal as its transcript, and is of use only for trying rules on the last 90 days."""
MOST = 20
"""Calls a round: at 4 ms an utterance less than a second beside the calls that run."""


@dataclass(frozen=True)
class Shadow:
    """A version in the shadow, ready to be tried beside the live one."""

    own_rule_id: int
    trial: Trial
    since: datetime
    """Calls that ended before it was made are none of its."""


LATELY = timedelta(days=2)
"""Where a call that has just ended, or whose process died, is looked for."""


def analyse_calls(
    store: Store,
    reader: Reader,
    analyser: str,
    shadows: Sequence[Shadow],
    now: datetime,
    *,
    back: timedelta = LATELY,
    again: bool = False,
) -> int:
    """Calls answered in the time `back` that have no analysis yet, the latest first; `again`: those of any time that another
    `analyser` (its version) analysed. How many were done: fewer than MOST means that none is left."""
    with store.read() as connection:
        found = analysed_otherwise(connection, analyser, MOST) if again else unanalysed(connection, now - back, MOST)
    for call_id in found:
        _one(store, reader, analyser, call_id, () if again else shadows, now)
    return len(found)


def _one(store: Store, reader: Reader, analyser: str, call_id: int, shadows: Sequence[Shadow], now: datetime) -> None:
    with store.read() as connection:
        call, turns = call_row(connection, call_id), transcript(connection, call_id)
        record = assessments(connection, [call_id]).get(call_id)
    said = read_turns(turns, reader)
    due = [shadow for shadow in shadows if call.ended_at >= shadow.since]
    findings = []
    for shadow in due if record is not None else ():
        changes = shadow.trial.changes(said)
        if changes:
            was = judged(record or {})
            findings.append((shadow.own_rule_id, was.level, would_be(was, changes, turns)))
    with store.write() as connection:
        save_analysis(connection, call_id, call.answered_at, analyser, pack(said))
        note_seen(connection, [shadow.own_rule_id for shadow in due])
        for own_rule_id, before, after in findings:
            add_finding(connection, own_rule_id, call_id, (before, after), now)


def read_turns(turns: Sequence[Turn], reader: Reader) -> list[Analysed]:
    """Every utterance of the person that has words."""
    said, topic = [], Topic.NOTICE
    for turn in turns:
        topic = Topic(turn.topic) if turn.topic else topic
        if turn.who == "person" and not turn.rejected and turn.text.strip():
            said.append(analysed(turn.index, topic, turn.confidence, reader(turn.text, topic)))
    return said


def forget_old_analyses(store: Store, now: datetime) -> int:
    """Once a day: what is older than KEPT, or has outlived its transcript. How many."""
    with store.write() as connection:
        return prune_analyses(connection, now - KEPT)
