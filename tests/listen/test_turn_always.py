"""Whatever is said, the turn reducer's decisions are consistent."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from callbot.listen.decisions import DecodeNow, DropDecode, Overheard, SilenceOver, TurnOver
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.turn import TurnReducer

CLOSED = ListenFor(QuestionKind.CLOSED)
OPEN = ListenFor(QuestionKind.OPEN)
DONE = SentenceEnding.FINAL
GOES_ON = SentenceEnding.CONNECTIVE


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 60)), min_size=1, max_size=20), st.randoms())
def test_whatever_is_said_decisions_are_consistent(pieces: list[tuple[bool, bool, int]], random: Random) -> None:
    """Every turn has a decode that was announced and not dropped, turns lie in order, and one wait ends at most once."""
    reducer = TurnReducer()
    at, running, heard_until = 0.0, None, 0.0
    waiting = False
    for speaks, plays, steps in pieces:
        if not waiting:
            reducer.listen(random.choice([OPEN, CLOSED, ListenFor(silence_s=1.0, at_most_s=3.0)]), at)
            waiting = True
        for _ in range(steps):
            at = round(at + 0.02, 3)
            ending = random.choice([None, DONE, GOES_ON])
            for decision in reducer.step(at, 0.9 if speaks else 0.0, plays, ending):
                match decision:
                    case DecodeNow(id=number, start_s=start, end_s=end):
                        assert running is None
                        assert 0.0 <= start < end <= at
                        running = number
                    case DropDecode(id=number):
                        assert number == running
                        running = None
                    case TurnOver(decode_id=number, start_s=start, end_s=end):
                        assert waiting
                        assert number == running
                        assert start >= heard_until
                        running, heard_until, waiting = None, end, False
                    case SilenceOver():
                        assert waiting
                        waiting = False
                    case Overheard(start_s=start, end_s=end):
                        assert start >= heard_until
                        heard_until = start
                    case _:
                        pass
