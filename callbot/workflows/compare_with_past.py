"""This call against the person's own earlier ones."""

from collections.abc import Mapping, Sequence

from callbot.assess.change import change_signals
from callbot.assess.trend import MOST, speech_of, trend_signals
from callbot.converse.transcript import Turn
from callbot.store.database import Store
from callbot.store.past_calls import answers_before, earlier_speech
from callbot.understand.meaning import AnswerValue, Signal, Topic


def compare_with_past(
    store: Store, call_id: int, turns: Sequence[Turn], answers: Mapping[Topic, AnswerValue]
) -> list[Signal]:
    """How they spoke, where at least four earlier calls were measured; what they answered, against the last one."""
    with store.read() as connection:
        before = earlier_speech(connection, call_id, MOST)
        answered = answers_before(connection, call_id)
    return [*trend_signals([speech_of(each) for each in before], speech_of(turns)), *change_signals(answered, answers)]
