"""Which alarms are paged, and when again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.watch.alarms import Alarm
from callbot.watch.journal import FLAPPING, REPEAT, Journal, follow

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""Midnight in Seoul."""


def alarm(name: str = "service_down", *, urgent: bool = True) -> Alarm:
    return Alarm(name, "전화 서비스가 멈춤", NOON, urgent=urgent)


def test_news_is_paged_at_once_and_only_once() -> None:
    """The next rounds are silent."""
    first = follow(Journal(), [alarm()], NOON)
    second = follow(first.journal, [alarm()], NOON + timedelta(seconds=10))

    assert [one.name for one in first.to_page] == ["service_down"]
    assert second.to_page == ()


def test_what_lasts_is_paged_again() -> None:
    """Every half hour."""
    journal = follow(Journal(), [alarm()], NOON).journal
    assert follow(journal, [alarm()], NOON + REPEAT - timedelta(seconds=1)).to_page == ()
    assert len(follow(journal, [alarm()], NOON + REPEAT).to_page) == 1


def test_an_alarm_that_flaps_is_one_alarm() -> None:
    """Gone for a minute and back: no second page, no word that it is over."""
    journal = follow(Journal(), [alarm()], NOON).journal
    gone = follow(journal, [], NOON + timedelta(minutes=1))
    back = follow(gone.journal, [alarm()], NOON + timedelta(minutes=2))
    assert (gone.over, back.to_page) == ((), ())


def test_its_end_is_told_once() -> None:
    """After five quiet minutes, to those who were paged."""
    journal = follow(Journal(), [alarm()], NOON).journal
    gone = follow(journal, [], NOON + timedelta(minutes=1))
    over = follow(gone.journal, [], NOON + timedelta(minutes=1) + FLAPPING)
    assert over.over == ("전화 서비스가 멈춤",)
    assert over.journal == Journal()


@pytest.mark.parametrize(("urgent", "paged"), [(True, 1), (False, 0)])
def test_at_night_only_what_is_urgent(urgent: bool, paged: int) -> None:
    """What is not waits until eight."""
    night = follow(Journal(), [alarm(urgent=urgent)], NIGHT)
    morning = follow(night.journal, [alarm(urgent=urgent)], NIGHT + timedelta(hours=8))
    assert len(night.to_page) == paged
    assert len(morning.to_page) == 1


@given(st.lists(st.sets(st.sampled_from(["a", "b", "c"])), max_size=40))
def test_a_restart_changes_nothing(rounds: list[set[str]]) -> None:
    """The journal as JSON says the same as the journal, whatever happened before."""
    kept = fresh = Journal()
    for number, names in enumerate(rounds):
        now = NOON + timedelta(minutes=number)
        found = [alarm(name) for name in sorted(names)]
        kept, fresh = follow(kept, found, now), follow(Journal.from_json(fresh.as_json()), found, now)
        assert kept == fresh
        kept, fresh = kept.journal, fresh.journal


@given(st.lists(st.sets(st.sampled_from(["a", "b"])), min_size=1, max_size=60))
def test_every_alarm_is_paged_once_at_least(rounds: list[set[str]]) -> None:
    """No order of coming and going keeps an urgent alarm from being paged in the round that it appears in, or before."""
    journal, paged = Journal(), set()
    for number, names in enumerate(rounds):
        news = follow(journal, [alarm(name) for name in sorted(names)], NOON + timedelta(seconds=10 * number))
        journal = news.journal
        paged |= {one.name for one in news.to_page}
        assert names <= paged
