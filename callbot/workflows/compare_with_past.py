"""This call against the person's own earlier ones."""

from collections.abc import Sequence

from callbot.assess.trend import MOST, speech_of, trend_signals
from callbot.converse.transcript import Turn
from callbot.store.database import Store
from callbot.store.past_calls import earlier_speech
from callbot.understand.meaning import Signal


def compare_with_past(store: Store, call_id: int, turns: Sequence[Turn]) -> list[Signal]:
    """Signals of change; none where fewer than four earlier calls were measured."""
    with store.read() as connection:
        before = earlier_speech(connection, call_id, MOST)
    return trend_signals([speech_of(each) for each in before], speech_of(turns))
