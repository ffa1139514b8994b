"""Campaigns: drafted, forecast, started once, worst first, beside the regular contacts and never on their day, stopped."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from ledger_calls import OnTheLine
from ledger_fixtures import TUESDAY, Town
from schedule_world import dues
from sqlalchemy import select, update

from callbot.converse.outcome import ContactResult
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.hold import HoldReason
from callbot.schedule.campaign import CampaignFilter, Purpose
from callbot.schedule.ladder import RetryLadder
from callbot.schedule.window import Window
from callbot.store.campaign_rows import campaign, progress_of
from callbot.store.schedule_rows import add_tags, all_tags, tags_of
from callbot.store.tables import due_contacts, persons, schedules
from callbot.workflows.hold_person import hold_person, withdraw_consent
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import expire_due
from callbot.workflows.run_campaign import (
    CampaignRefused,
    CampaignWish,
    draft_campaign,
    outlook,
    start_campaign,
    stop_campaign,
)

ONCE = RetryLadder(name="한 번", rungs=())
WEDNESDAY = TUESDAY + timedelta(days=1)
CLOSING = TUESDAY + timedelta(hours=8)
"""18:00."""


def wish(town: Town, deadline: datetime, *, by: CampaignFilter | None = None, **more: object) -> CampaignWish:
    values = {"script_name": "weekly-checkin", "ladder": ONCE, "window": Window(), "channels": 1} | more
    by = by or CampaignFilter()
    return CampaignWish(
        town.programme_id,
        "7월 폭염 안부",
        Purpose.HEAT,
        by=by,
        deadline=deadline,
        **values,  # type: ignore[arg-type]
    )


def started(town: Town, deadline: datetime, now: datetime = TUESDAY, **more: object) -> int:
    campaign_id = draft_campaign(town.store, wish(town, deadline, **more), now, by="boss")  # type: ignore[arg-type]
    start_campaign(town.store, campaign_id, now, by="boss")
    return campaign_id


def contacts(town: Town, campaign_id: int) -> list[tuple[int, datetime]]:
    with town.store.read() as connection:
        it = due_contacts.c
        rows = connection.execute(
            select(it.person_id, it.planned_at).where(it.campaign_id == campaign_id).order_by(it.planned_at)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def call(town: Town, claimed: ClaimedAttempt, now: datetime) -> OnTheLine:
    order = start_dialling(town.store, claimed, now)
    assert isinstance(order, DialOrder)
    return OnTheLine(town.store, order)


def not_due(town: Town) -> None:
    """Nobody has a regular contact this week."""
    with town.store.write() as connection:
        connection.execute(update(schedules).values(active=False))


def test_a_draft_calls_nobody_and_shows_what_it_would_do(make_town: Callable[[int], Town]) -> None:
    """The forecast before it is started: whom, who is left out and why, until when."""
    town = make_town(6)
    hold_person(town.store, town.person_ids[0], HoldReason.HOSPITAL, TUESDAY)
    withdraw_consent(town.store, town.person_ids[1], TUESDAY)
    campaign_id = draft_campaign(town.store, wish(town, CLOSING), TUESDAY, by="boss")
    with town.store.read() as connection:
        found = campaign(connection, campaign_id)
    assert found is not None
    view = outlook(town.store, found, TUESDAY)
    assert [one.person_id for one in view.people] == list(town.person_ids[2:])
    assert (view.everybody.held, view.everybody.without_consent, view.everybody.without_number) == (1, 1, 0)
    assert (view.forecast.people, view.forecast.late, view.measured) == (4, 0, 0)
    assert dues(town.store) == []


def test_worst_first_at_the_pace_of_the_forecast(make_town: Callable[[int], Town]) -> None:
    """Tagged people only, the eldest first, spread over the time that the calls take on one channel."""
    town = make_town(5)
    not_due(town)
    with town.store.write() as connection:
        for place, person_id in enumerate(town.person_ids):
            connection.execute(update(persons).where(persons.c.id == person_id).values(birth_year=1940 + place))
        for person_id in town.person_ids[2:]:
            add_tags(connection, town.store.keys, person_id, ("폭염취약",))
    campaign_id = started(town, CLOSING, by=CampaignFilter(tags=("폭염취약",)))
    found = contacts(town, campaign_id)
    assert [person for person, _ in found] == list(town.person_ids[2:])
    assert found[0][1] == TUESDAY
    gaps = {later - sooner for (_, sooner), (_, later) in pairwise(found)}
    assert len(gaps) == 1
    assert timedelta(minutes=1) < gaps.pop() < timedelta(minutes=5)
    with town.store.read() as connection:
        assert all_tags(connection) == ("폭염취약",)
        assert tags_of(connection, town.person_ids[4]) == ("폭염취약",)
        assert progress_of(connection, [campaign_id])[campaign_id].waiting == 3


def test_the_regular_contact_has_the_day(town: Town) -> None:
    """Due on Tuesday anyway: the campaign's call moves to Wednesday morning; the person's phone rings for one thing a day."""
    plan_week(town.store, TUESDAY)
    campaign_id = started(town, CLOSING + timedelta(days=1))
    [regular] = place_due(town.store, TUESDAY, 5, "one")
    call(town, regular, TUESDAY).answer(TUESDAY).say().finish(ContactResult.CONTACTED, TUESDAY + timedelta(minutes=3))
    assert place_due(town.store, TUESDAY + timedelta(hours=2), 5, "one") == []
    nine = TUESDAY + timedelta(hours=23)
    [mine] = place_due(town.store, nine, 5, "one")
    call(town, mine, nine).answer(nine).say(now=nine).finish(ContactResult.CONTACTED, nine + timedelta(minutes=3))
    with town.store.read() as connection:
        progress = progress_of(connection, [campaign_id])[campaign_id]
    assert (progress.ended, progress.done) == ({"contacted": 1}, True)


def test_with_no_day_left_the_regular_call_stands_for_it(town: Town) -> None:
    """A deadline the same evening: covered by the regular call, quietly, and counted as such."""
    plan_week(town.store, TUESDAY)
    campaign_id = started(town, CLOSING)
    assert len(place_due(town.store, TUESDAY, 5, "one")) == 1
    assert sorted(dues(town.store)) == [
        ("2026-W48-1", "open", None, None),
        (f"c{campaign_id}", "ended", "suspended", "covered"),
    ]
    with town.store.read() as connection:
        assert progress_of(connection, [campaign_id])[campaign_id].covered == 1


def test_nobody_is_called_twice_for_one_campaign(town: Town) -> None:
    """Started once; a second start, and a start after a stop, are refused."""
    not_due(town)
    campaign_id = started(town, CLOSING)
    with pytest.raises(CampaignRefused, match="이미 시작"):
        start_campaign(town.store, campaign_id, TUESDAY, by="boss")
    assert len(contacts(town, campaign_id)) == 1
    stop_campaign(town.store, campaign_id, TUESDAY, by="boss")
    for verb in (start_campaign, stop_campaign):
        with pytest.raises(CampaignRefused):
            verb(town.store, campaign_id, TUESDAY, by="boss")


def test_stopped_at_once(make_town: Callable[[int], Town]) -> None:
    """Nobody else is called; who is on the line is not cut off, and not called again afterwards."""
    town = make_town(3)
    not_due(town)
    campaign_id = started(town, CLOSING)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    line = call(town, claimed, TUESDAY)
    assert stop_campaign(town.store, campaign_id, TUESDAY, by="boss") == 2
    assert place_due(town.store, TUESDAY + timedelta(hours=1), 5, "one") == []
    settled = line.fail(AttemptEnd.NO_ANSWER, TUESDAY + timedelta(minutes=1)).settled
    assert settled.disposition == "suspended"
    assert {why for *_, why in dues(town.store)} == {"campaign_stopped"}


def test_a_claim_taken_before_the_stop_is_not_dialled(town: Town) -> None:
    """The guard looks again in the last instant."""
    not_due(town)
    campaign_id = started(town, CLOSING)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    stop_campaign(town.store, campaign_id, TUESDAY, by="boss")
    assert not isinstance(start_dialling(town.store, claimed, TUESDAY), DialOrder)


def test_what_the_deadline_leaves_over_is_a_case(town: Town) -> None:
    """Never dialled until the end: our failure, with a case, like every contact."""
    not_due(town)
    started(town, CLOSING)
    assert expire_due(town.store, CLOSING) == 1
    assert [(state, disposition) for _, state, disposition, _ in dues(town.store, CLOSING)] == [
        ("ended", "failed_by_us")
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"deadline": TUESDAY + timedelta(hours=-2)}, "통화할 수 있는 시간이 없습니다"),
        ({"deadline": CLOSING, "by": CampaignFilter(age_from=100)}, "조건에 맞는 분이 없습니다"),
    ],
)
def test_what_cannot_be_started_says_why(town: Town, more: dict[str, object], says: str) -> None:
    """And writes nothing."""
    campaign_id = draft_campaign(town.store, wish(town, **more), TUESDAY, by="boss")  # type: ignore[arg-type]
    with pytest.raises(CampaignRefused, match=says):
        start_campaign(town.store, campaign_id, TUESDAY, by="boss")
    assert dues(town.store) == []
