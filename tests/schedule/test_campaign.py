"""Purpose campaigns: whom, in which order, how long."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.schedule.campaign import (
    CampaignFilter,
    Candidate,
    Line,
    forecast,
    later,
    line_s_per_person,
    open_seconds,
    planned_times,
    wanted,
    worst_first,
)
from callbot.schedule.ladder import DEFAULT, RetryLadder
from callbot.schedule.window import Window

NOW = datetime(2026, 7, 28, 1, 0, tzinfo=UTC)  # Tuesday, 10:00 in Seoul
DEADLINE = NOW + timedelta(days=1, hours=8)  # Wednesday, 18:00
ONCE = RetryLadder(name="한 번", rungs=())
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("more", "by", "is_wanted"),
    [
        ({"age": 70}, {"age_from": 65}, True), ({"age": 64}, {"age_from": 65}, False), ({"age": 70}, {"age_to": 69}, False),
        ({"age": None}, {"age_from": 65}, True), ({"tags": frozenset({"폭염취약"})}, {"tags": ("폭염취약", "독거")}, True),
        ({}, {"tags": ("폭염취약",)}, False), ({"recent_rank": 2}, {"recent_rank": 2}, True),
        ({"recent_rank": 1}, {"recent_rank": 2}, False), ({}, {"no_contact_days": 30}, True),
        ({"last_contact": NOW - 31 * DAY}, {"no_contact_days": 30}, True),
        ({"last_contact": NOW - 29 * DAY}, {"no_contact_days": 30}, False), ({}, {}, True),
    ],
)  # fmt: skip
def test_filter(more: dict[str, object], by: dict[str, object], is_wanted: bool) -> None:
    """Every condition that is set must hold; an unknown age is taken along."""
    assert wanted(Candidate(1, **more), CampaignFilter(**by), NOW) is is_wanted  # type: ignore[arg-type]


def test_worst_first() -> None:
    """Open cases and what was heard, missed contacts, tags, silence, age, and then always the same order."""
    recent = {"last_contact": NOW - DAY}
    people = [
        Candidate(1, age=90, **recent),
        Candidate(2, age=66, **recent),
        Candidate(3, age=66, last_contact=NOW - 20 * DAY),
        Candidate(4, age=66, tags=frozenset({"폭염취약"}), **recent),
        Candidate(5, age=66, missed_in_a_row=2, **recent),
        Candidate(6, age=66, recent_rank=2, **recent),
        Candidate(7, age=66, open_rank=3, **recent),
        Candidate(8, age=66),
    ]
    by = CampaignFilter(tags=())
    assert [one.person_id for one in worst_first(people, by, NOW)] == [7, 6, 5, 8, 3, 1, 2, 4]
    tagged = CampaignFilter(tags=("폭염취약",))
    assert [one.person_id for one in worst_first(people, tagged, NOW)] == [4]


def test_forecast_of_one_channel() -> None:
    """Sixty people, everybody answers, 55 s of talk and 5 s between: an hour."""
    line = Line(channels=1, call_s=55, answer_rate=1.0)
    found = forecast(60, line, DEFAULT, Window(), start=NOW, deadline=DEADLINE)
    assert (found.attempts, found.per_hour, found.reached, found.late) == (60, 60, 60, 0)
    assert found.first_round_at == NOW + timedelta(hours=1)
    assert found.done_at == NOW + timedelta(hours=3)  # whoever is last may need the whole ladder: 30 and 90 minutes


def test_forecast_over_night_and_deadline() -> None:
    """Calling stops at 18:00 and goes on at 09:00; who does not fit is counted, and how many channels would be enough."""
    line = Line(channels=1, call_s=55, answer_rate=1.0)
    found = forecast(1200, line, ONCE, Window(), start=NOW, deadline=DEADLINE)
    assert open_seconds(Window(), NOW, DEADLINE) == 17 * 3600
    assert (found.late, found.channels_needed) == (180, 2)
    assert found.first_round_at == NOW + timedelta(days=2, hours=2)  # 8 h + 9 h + 3 h of calling
    enough = forecast(1200, Line(2, 55, 1.0), ONCE, Window(), start=NOW, deadline=DEADLINE)
    assert (enough.late, enough.channels_needed) == (0, 2)


def test_forecast_with_a_ladder() -> None:
    """Half answer: 1.75 attempts a person, seven of eight reached in the end."""
    line = Line(channels=2, call_s=100, answer_rate=0.5, ring_s=20, gap_s=0)
    attempts, seconds, reached = line_s_per_person(line, DEFAULT)
    assert (attempts, seconds, reached) == (1.75, 105, 0.875)
    found = forecast(80, line, DEFAULT, Window(), start=NOW, deadline=DEADLINE)
    assert (found.attempts, found.reached, found.unreached) == (140, 70, 10)


def test_a_closed_window_is_never_done() -> None:
    """Said, not computed away."""
    found = forecast(10, Line(1), DEFAULT, None, start=NOW, deadline=DEADLINE)
    assert (found.first_round_at, found.done_at, found.late, found.channels_needed) == (None, None, 10, 0)
    assert list(planned_times(3, Line(1), DEFAULT, None, start=NOW, deadline=DEADLINE)) == []


def test_who_does_not_fit_is_put_at_the_last_minute() -> None:
    """Nobody is left out of a started campaign."""
    line = Line(channels=1, call_s=3595, answer_rate=1.0)
    found = list(planned_times(10, line, ONCE, Window(), start=NOW, deadline=NOW + timedelta(hours=4)))
    last = NOW + timedelta(hours=3, minutes=59)
    assert found == [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2), NOW + timedelta(hours=3), *[last] * 6]


@given(
    people=st.integers(1, 60),
    opens=st.integers(0, 19),
    hours=st.integers(1, 12),
    start=st.integers(0, 4000),
    lasts=st.integers(30, 6000),
    channels=st.integers(1, 5),
    rate=st.floats(0, 1),
)
def test_planned_times_keep_the_hours(
    people: int, opens: int, hours: int, start: int, lasts: int, channels: int, rate: float
) -> None:
    """Worst first, in the window, in the daytime, before the deadline; everybody, or nobody where no hour is left."""
    window = Window(time(opens), time(min(opens + hours, 23), 30))
    first = NOW + timedelta(minutes=start)
    deadline = first + timedelta(minutes=lasts)
    line = Line(channels, answer_rate=rate)
    found = list(planned_times(people, line, DEFAULT, window, start=first, deadline=deadline))
    room = open_seconds(window, first, deadline)
    assert len(found) == (people if room else 0)
    assert found == sorted(found)
    assert all(window.is_open(at) and first <= at < deadline for at in found)
    expected = forecast(people, line, DEFAULT, window, start=first, deadline=deadline)
    assert expected.first_round_at == later(window, first, people * 3600 / expected.per_hour) or room == 0
