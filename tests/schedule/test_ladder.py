"""The retry ladder as data."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.schedule.ladder import (
    DEFAULT,
    CallAgain,
    GiveUp,
    LadderError,
    RetryCause,
    after_attempt,
    duration_s,
    read_ladder,
)
from callbot.schedule.window import Window

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
CLOSING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def step(used: int, cause: RetryCause, now: datetime = NOW, ladder=DEFAULT) -> CallAgain | GiveUp:  # type: ignore[no-untyped-def]
    return after_attempt(ladder, used, cause, now=now, expires_at=CLOSING, window=Window())


@pytest.mark.parametrize(
    ("used", "cause", "minutes"),
    [
        (0, RetryCause.NO_ANSWER, 30), (0, RetryCause.BUSY, 10), (0, RetryCause.ASKED, 60), (0, RetryCause.OURS, 30),
        (1, RetryCause.NO_ANSWER, 90), (1, RetryCause.BUSY, 15), (1, RetryCause.OFF, 90), (2, RetryCause.BUSY, None),
    ],
)  # fmt: skip
def test_default_ladder(used: int, cause: RetryCause, minutes: int | None) -> None:
    """Three attempts, with the delays of the cause."""
    expected = GiveUp(2) if minutes is None else CallAgain(NOW + timedelta(minutes=minutes), used + 1)
    assert step(used, cause) == expected
    assert DEFAULT.most_attempts == 3


def test_too_late() -> None:
    """A retry after the hours is none, and says why."""
    assert step(0, RetryCause.NO_ANSWER, CLOSING - timedelta(minutes=30)) == GiveUp(0, too_late=True)
    assert isinstance(step(0, RetryCause.NO_ANSWER, CLOSING - timedelta(minutes=31)), CallAgain)


def test_rungs_as_data() -> None:
    """Seconds for a demonstration, a page on the way, another number; and back to the same JSON."""
    ladder = read_ladder(
        {"name": "x", "rungs": [{"do": "call_again", "after": {"default": "20s"}}, {"do": "page"}, {"do": "call_again", "after": {"busy": "1.5h"}, "number": "next"}]}
    )  # fmt: skip
    assert step(0, RetryCause.BUSY, ladder=ladder) == CallAgain(NOW + timedelta(seconds=20), 1)
    assert step(1, RetryCause.BUSY, ladder=ladder) == CallAgain(
        NOW + timedelta(minutes=90), 3, next_number=True, page_now=True
    )
    assert read_ladder(ladder.model_dump(mode="json")) == ladder


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "x", "rungs": [{"do": "shout"}]},
        {"name": "x", "rungs": [{"do": "call_again", "after": {"default": "soon"}}]},
        {"name": "x", "rungs": [{"do": "call_again", "afer": {}}]},
        {"name": "x", "rungs": [{"do": "page"}] * 11},
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
