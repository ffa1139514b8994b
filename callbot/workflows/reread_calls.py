"""Calls that broke off before anybody judged them are read again: what was said to a process that died is not lost with it.

A turn may be saved and its page not: the process was killed between the two. Nobody would ever know, so every call that ended
without an outcome is scored once from its transcript, and what is grave opens its case like any other.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from callbot.assess.assessment import Assessment
from callbot.converse.transcript import Turn
from callbot.store.call_rows import call_row, note_assessment, transcript, unread_calls
from callbot.store.database import Store
from callbot.workflows.raise_signals import take_signals

LOOK_BACK = timedelta(days=3)
MOST = 20


def reread_calls(store: Store, score: Callable[[Sequence[Turn]], Assessment], now: datetime) -> int:
    """Score what broke off in the last days; how many calls. Each once: a second process finds them read."""
    with store.read() as connection:
        found = [
            (call_id, transcript(connection, call_id)) for call_id in unread_calls(connection, now - LOOK_BACK, MOST)
        ]
    for call_id, turns in found:
        assessment = score(turns)
        with store.write() as connection:
            if note_assessment(connection, call_id, assessment.level, asdict(assessment)):
                take_signals(connection, call_row(connection, call_id), assessment.signals, now)
    return len(found)
