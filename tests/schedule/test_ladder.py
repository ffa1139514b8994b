"""The retry ladder as data."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.people.numbers import Relation
from callbot.schedule.ladder import (
    DEFAULT,
    CallAgain,
    Effect,
    GiveUp,
    LadderError,
    Reach,
    RetryCause,
    RetryLadder,
    Rung,
    after_attempt,
    duration_s,
    read_ladder,
)
from callbot.schedule.window import Window

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
CLOSING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def step(
    used: int,
    cause: RetryCause = RetryCause.NO_ANSWER,
    now: datetime = NOW,
    ladder: RetryLadder = DEFAULT,
    *,
    expires_at: datetime = CLOSING,
    **reach: Any,
) -> CallAgain | GiveUp:
    return after_attempt(ladder, used, cause, now=now, expires_at=expires_at, window=Window(), reach=Reach(**reach))


@pytest.mark.parametrize(
    ("used", "cause", "minutes"),
    [
        (0, RetryCause.NO_ANSWER, 30), (0, RetryCause.BUSY, 10), (0, RetryCause.ASKED, 60), (0, RetryCause.OURS, 30),
        (1, RetryCause.NO_ANSWER, 90), (1, RetryCause.BUSY, 15), (1, RetryCause.OFF, 90), (2, RetryCause.BUSY, None),
    ],
)  # fmt: skip
def test_default_ladder(used: int, cause: RetryCause, minutes: int | None) -> None:
    """Three attempts, with the delays of the cause."""
    expected = GiveUp() if minutes is None else CallAgain(NOW + timedelta(minutes=minutes), used + 1)
    assert step(used, cause) == expected
    assert DEFAULT.most_attempts == 3


def test_too_late() -> None:
    """A retry after the hours is none, and says why."""
    assert step(0, RetryCause.NO_ANSWER, CLOSING - timedelta(minutes=30)) == GiveUp(too_late=True)
    assert isinstance(step(0, RetryCause.NO_ANSWER, CLOSING - timedelta(minutes=31)), CallAgain)


def test_rungs_as_data() -> None:
    """Seconds for a demonstration, a page on the way, another number; and back to the same JSON."""
    ladder = read_ladder(
        {"name": "x", "rungs": [{"do": "call_again", "after": {"default": "20s"}}, {"do": "page"}, {"do": "call_again", "after": {"busy": "1.5h"}, "number": "next"}]}
    )  # fmt: skip
    assert step(0, RetryCause.BUSY, ladder=ladder) == CallAgain(NOW + timedelta(seconds=20), 1)
    late = NOW + timedelta(minutes=90)
    assert step(1, RetryCause.BUSY, ladder=ladder, other_own=True) == CallAgain(
        late, 3, next_number=True, effects=(Effect.PAGE,)
    )
    assert step(1, RetryCause.BUSY, ladder=ladder) == CallAgain(late, 3, effects=(Effect.PAGE,))
    assert read_ladder(ladder.model_dump(mode="json")) == ladder


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "x", "rungs": [{"do": "shout"}]},
        {"name": "x", "rungs": [{"do": "call_again", "after": {"default": "soon"}}]},
        {"name": "x", "rungs": [{"do": "call_again", "afer": {}}]},
        {"name": "x", "rungs": [{"do": "page"}] * 13},
        {"name": "x", "days": 9, "rungs": []},
        {"name": "x", "rungs": [{"do": "call_again", "after": {"default": "90h"}}]},
        {"rungs": []},
    ],
)
def test_mistakes_are_named(raw: dict[str, object]) -> None:
    """An unknown word, an unreadable time, an unknown key, too many rungs: refused with the place."""
    with pytest.raises(LadderError, match="재시도 사다리"):
        read_ladder(raw)


def test_durations() -> None:
    """Seconds, minutes, hours."""
    assert [duration_s(each) for each in ("20s", "30m", "1.5h", 7)] == [20, 1800, 5400, 7]


FULL = RetryLadder(
    name="전부",
    rungs=(
        Rung(do="call_again", after={RetryCause.DEFAULT: 600}),
        Rung(do="sms"),
        Rung(do="other_number", after={RetryCause.DEFAULT: 300}),
        Rung(do="contact", after={RetryCause.DEFAULT: 60}, who=(Relation.GUARDIAN,)),
        Rung(do="page"),
        Rung(do="contact", after={RetryCause.DEFAULT: 120}),
        Rung(do="visit"),
    ),
)
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("used", "reach", "expected"),
    [
        (0, {}, CallAgain(NOW + 2 * FIVE, 1)),
        (1, {"other_own": True}, CallAgain(NOW + FIVE, 3, next_number=True, effects=(Effect.SMS,))),
        (1, {"contacts": (Relation.GUARDIAN,)}, CallAgain(NOW + FIVE / 5, 4, contact=0, effects=(Effect.SMS,))),
        (
            1,
            {"contacts": (Relation.NEIGHBOUR,)},
            CallAgain(NOW + 2 * FIVE / 5, 6, contact=0, effects=(Effect.SMS, Effect.PAGE)),
        ),
        (4, {"contacts": (Relation.NEIGHBOUR, Relation.GUARDIAN)}, CallAgain(NOW + 2 * FIVE / 5, 6, contact=0, effects=(Effect.PAGE,))),
        (1, {}, GiveUp((Effect.SMS, Effect.PAGE, Effect.VISIT))),
        (6, {"contacts": (Relation.GUARDIAN,)}, GiveUp((Effect.VISIT,))),
    ],
)  # fmt: skip
def test_rungs_that_cannot_be_taken_are_passed_over(
    used: int, reach: dict[str, Any], expected: CallAgain | GiveUp
) -> None:
    """No other number, no guardian or no consent: the next rung; what is no call is done on the way, and nothing is lost."""
    assert step(used, ladder=FULL, **reach) == expected


def test_only_after_some_causes() -> None:
    """The other number at once where the first is switched off; not where it was busy."""
    ladder = RetryLadder(
        name="x",
        rungs=(
            Rung(do="other_number", only=(RetryCause.OFF,), after={RetryCause.DEFAULT: 0}),
            Rung(do="call_again", after={RetryCause.DEFAULT: 600}),
        ),
    )
    assert step(0, RetryCause.OFF, ladder=ladder, other_own=True) == CallAgain(NOW, 1, next_number=True)
    assert step(0, RetryCause.BUSY, ladder=ladder, other_own=True) == CallAgain(NOW + 2 * FIVE, 2)


def test_our_own_failures_use_no_rung_for_a_while() -> None:
    """Three are spared, ten minutes apart; the fourth uses a rung; and never after the hours."""
    for spared in (1, 2, 3):
        assert step(0, RetryCause.NETWORK, spared=spared) == CallAgain(NOW + 2 * FIVE, 0)
    assert step(0, RetryCause.NETWORK, spared=4) == CallAgain(NOW + 6 * FIVE, 1)
    assert step(0, RetryCause.NETWORK, CLOSING - FIVE, spared=1) == GiveUp(too_late=True)


def test_next_day_inside_the_due_contact() -> None:
    """A rung after the hours moves to the next opening while the due contact lasts; a ladder may leave it out instead."""
    tomorrow = CLOSING + timedelta(days=1)
    opening = NOW + timedelta(hours=23)
    evening = CLOSING - FIVE
    moved = step(0, now=evening, expires_at=tomorrow)
    assert moved == CallAgain(opening, 1)
    drop = RetryLadder(name="x", rungs=(Rung(do="call_again", late="drop"), Rung(do="visit")))
    assert step(0, now=evening, expires_at=tomorrow, ladder=drop) == GiveUp((Effect.VISIT,), too_late=True)
    short = RetryLadder(
        name="x", rungs=(Rung(do="call_again"), Rung(do="other_number", after={RetryCause.DEFAULT: 60}))
    )
    assert step(0, now=evening, ladder=short, other_own=True) == CallAgain(evening + FIVE / 5, 2, next_number=True)


def test_no_more_rings_than_a_day_allows() -> None:
    """After the day's last ring of the person's phone: tomorrow, or nobody; a guardian may still be called."""
    assert step(0, rings_today=6) == GiveUp(too_late=True)
    assert step(0, rings_today=6, expires_at=CLOSING + timedelta(days=1)) == CallAgain(NOW + timedelta(hours=23), 1)
    found = step(0, ladder=FULL, rings_today=6, contacts=(Relation.GUARDIAN,))
    assert found == CallAgain(NOW + FIVE / 5, 4, contact=0, effects=(Effect.SMS,))


def test_a_ladder_of_older_versions_is_still_read() -> None:
    """What was snapshotted before rungs of other kinds existed."""
    old = {"name": "기본", "rungs": [{"do": "call_again", "after": {"default": 1800}, "number": "next"}, {"do": "page", "after": {}, "number": "same"}]}  # fmt: skip
    assert (read_ladder(old).days, read_ladder(old).rungs[0].number) == (1, "next")


@given(
    rungs=st.lists(
        st.builds(
            Rung,
            do=st.sampled_from(["call_again", "other_number", "contact", "sms", "page", "visit"]),
            after=st.dictionaries(st.sampled_from(list(RetryCause)), st.floats(0, 80_000), max_size=3),
            late=st.sampled_from(["move", "drop"]),
        ),
        max_size=8,
    ),
    minutes=st.integers(0, 4000),
    lasts=st.integers(1, 3000),
    cause=st.sampled_from(list(RetryCause)),
    reach=st.builds(
        Reach,
        other_own=st.booleans(),
        contacts=st.lists(st.sampled_from([Relation.GUARDIAN, Relation.NEIGHBOUR]), max_size=2).map(tuple),
        rings_today=st.integers(0, 8),
        spared=st.integers(0, 5),
    ),
)
def test_no_retry_outside_the_hours(
    rungs: list[Rung], minutes: int, lasts: int, cause: RetryCause, reach: Reach
) -> None:
    """Whatever the ladder says: inside the window, before the end, never earlier than now, and rungs only go forward."""
    ladder = RetryLadder(name="x", rungs=tuple(rungs))
    now = NOW + timedelta(minutes=minutes)
    expires = now + timedelta(minutes=lasts)
    used, steps = 0, 0
    while steps < 20:
        found = after_attempt(ladder, used, cause, now=now, expires_at=expires, window=Window(), reach=reach)
        if isinstance(found, GiveUp):
            break
        assert Window().is_open(found.at)
        assert now <= found.at < expires
        assert found.rungs_used >= used
        assert (found.rungs_used > used) or 0 < reach.spared <= ladder.spare
        used, now, steps = found.rungs_used, found.at, steps + 1
        reach = Reach(reach.other_own, reach.contacts, reach.rings_today, 0)
    assert steps <= len(rungs) + 1
