"""A model's second opinion of calls that are over: it may raise, with the person's own words; it lowers nothing and delays nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from callbot.assess.second_opinion import OpinionUnavailable, SecondOpinion, opinion_signals
from callbot.converse.transcript import Turn
from callbot.store.call_rows import call_row, transcript
from callbot.store.database import Store
from callbot.store.opinion_rows import calls_without_opinion, claim_opinion, known_signals, level_of, note_opinion
from callbot.understand.meaning import Level, Signal
from callbot.workflows.raise_signals import take_signals

log = structlog.get_logger()

LOOK_BACK = timedelta(hours=12)
"""Calls older than this are left to the rules: a page about them would come too late to be a page."""
MOST = 10
_ABOUT_THIS_CALL = ("not_the_schema", "finished_")
"""Failures that another try would not mend; any other is the server's or the network's, and the round ends."""

Mask = Callable[[str], str]


def take_opinions(store: Store, judge: SecondOpinion, mask_for: Callable[[int], Mask], now: datetime) -> int:
    """Ask about the calls of the last hours, one after another; how many were answered. `mask_for`: by person, takes personal
    data out of what is sent. Each call is asked about once, by one process; blocks for as long as the model takes."""
    with store.read() as connection:
        waiting = calls_without_opinion(connection, now - LOOK_BACK, MOST)
    answered = 0
    for call_id, person_id in waiting:
        with store.write() as connection:
            if not claim_opinion(connection, call_id):
                continue
            turns = masked(transcript(connection, call_id), mask_for(person_id))
        try:
            opinion = judge.judge(turns)
        except OpinionUnavailable as unavailable:
            why = str(unavailable)
            final = why.startswith(_ABOUT_THIS_CALL)
            log.warning("opinion_unavailable", call=call_id, why=why)
            with store.write() as connection:
                note_opinion(connection, call_id, "unavailable" if final else None)
            if not final:
                return answered
            continue
        with store.write() as connection:
            found = opinion_signals(turns, opinion, known_signals(connection, call_id))
            worst = max([level_of(connection, call_id), *_levels(found)], key=lambda level: level.rank)
            take_signals(connection, call_row(connection, call_id), found, now)
            note_opinion(connection, call_id, "raised" if found else "nothing_more", worst)
        answered += 1
    return answered


def masked(turns: Sequence[Turn], mask: Mask) -> list[Turn]:
    """The turns as they may leave the machine; a quote of the answer is sought in these."""
    return [replace(turn, text=mask(turn.text)) for turn in turns]


def _levels(signals: Sequence[Signal]) -> list[Level]:
    return [signal.level for signal in signals]
