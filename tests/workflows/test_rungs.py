"""Rungs of a ladder on the ledger: other numbers, guardians, pages, visits; our own failures; the day's limit; the hours."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from ledger_calls import MINUTES, OnTheLine, at, dial, ledger
from ledger_fixtures import TUESDAY, Town
from schedule_world import befriend, bounds, dues, use_ladder
from sqlalchemy import select, update

from callbot.converse.outcome import ContactResult, WhoAnswered
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import ConsentKind
from callbot.people.numbers import Relation
from callbot.schedule.ladder import DEFAULT, RetryCause, RetryLadder, Rung
from callbot.store.people_rows import add_number, held
from callbot.store.tables import attempts, calls, case_events, cases, pages, programmes, schedules
from callbot.understand.meaning import Reported
from callbot.workflows.hold_person import withdraw_consent
from callbot.workflows.place_due import DialOrder, DialRefused, callee_of, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import expire_due

MINUTE = {RetryCause.DEFAULT: 60.0}
FULL = RetryLadder(
    name="전부",
    rungs=(
        Rung(do="call_again", after=MINUTE),
        Rung(do="other_number", after=MINUTE),
        Rung(do="page"),
        Rung(do="contact", after=MINUTE),
        Rung(do="contact", after=MINUTE),
        Rung(do="visit"),
    ),
)


def climb(town: Town, ends: list[AttemptEnd]) -> list[tuple[str, str]]:
    """Fail so, attempt after attempt; (number, relation) of each that was dialled."""
    rung, now = [], TUESDAY
    for end in ends:
        line = dial(town, now)
        rung.append((line.order.e164, line.order.callee.relation))
        now = line.fail(end, now + timedelta(seconds=30)).settled.next_attempt_at or now
    return rung


def test_the_whole_ladder(town: Town) -> None:
    """Again, the other number, the caseworker told, the guardian, the neighbour, a visit; each once, in this order."""
    use_ladder(town, FULL)
    with town.store.write() as connection:
        add_number(connection, town.store.keys, town.person_ids[0], "+821000000051")
    befriend(town, Relation.NEIGHBOUR, Relation.GUARDIAN)

    rung = climb(town, [AttemptEnd.NO_ANSWER] * 5)

    assert rung == [
        ("+821000000001", "self"), ("+821000000001", "self"), ("+821000000051", "self"),
        ("+821000000900", "neighbour"), ("+821000000901", "guardian"),
    ]  # fmt: skip
    found = ledger(town.store, at(10))
    assert (found["disposition"], found["cases"]) == ("not_reached", [("missed", "high")])
    with town.store.read() as connection:
        relations = connection.scalars(select(attempts.c.relation).order_by(attempts.c.number)).all()
        assert relations == [relation for _, relation in rung]
        [case] = connection.execute(select(cases)).all()
        assert case.summary.startswith("방문 요청")
        told = connection.execute(select(pages.c.created_at, pages.c.body).order_by(pages.c.id)).all()
        events = connection.scalars(select(case_events.c.what).order_by(case_events.c.id)).all()
    assert events == ["opened", "raised"]
    assert told[0].created_at < told[-1].created_at
    assert "방문 요청" in told[-1].body


@pytest.mark.parametrize("how", ["never_asked", "withdrawn"])
def test_no_guardian_is_called_without_the_persons_consent(town: Town, how: str) -> None:
    """Never asked, or withdrawn: the rung is passed over, and the next one taken."""
    use_ladder(town, FULL)
    befriend(town, Relation.GUARDIAN, agreed=how == "withdrawn")
    if how == "withdrawn":
        withdraw_consent(town.store, town.person_ids[0], at(0), [ConsentKind.THIRD_PARTY])
    assert [relation for _, relation in climb(town, [AttemptEnd.NO_ANSWER] * 2)] == ["self", "self"]
    assert ledger(town.store, at(10))["disposition"] == "not_reached"


def test_consent_withdrawn_while_a_guardian_is_about_to_be_called(town: Town) -> None:
    """Between claim and dial: the guardian's phone does not ring."""
    use_ladder(town, RetryLadder(name="x", rungs=(Rung(do="contact", after=MINUTE),)))
    befriend(town, Relation.GUARDIAN)
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    [claimed] = place_due(town.store, at(2), 1, "one")
    assert callee_of(town.store, claimed, TUESDAY).relation is Relation.GUARDIAN
    withdraw_consent(town.store, town.person_ids[0], at(2), [ConsentKind.THIRD_PARTY])
    refused = start_dialling(town.store, claimed, at(2))
    assert isinstance(refused, DialRefused)
    assert refused.settled.disposition is None


def guardian(town: Town) -> OnTheLine:
    """On the line, after the person did not answer."""
    use_ladder(
        town, RetryLadder(name="x", rungs=(Rung(do="contact", after=MINUTE), Rung(do="call_again", after=MINUTE)))
    )
    befriend(town, Relation.GUARDIAN)
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    line = dial(town, at(2)).answer(at(2)).say(now=at(2))
    assert (line.order.callee.relation, line.order.callee.contact_name) == ("guardian", "김철수")
    return line


def test_a_guardians_word_is_never_contact(town: Town) -> None:
    """However well the conversation went: reported, with a case of its own, and the attempt ended with another person."""
    finished = guardian(town).finish(ContactResult.CONTACTED, at(3))
    assert (finished.end, finished.settled.disposition) == ("other_person", "reported")
    found = ledger(town.store, at(3))
    assert found["cases"] == [("report", "watch")]
    with town.store.read() as connection:
        assert connection.scalar(select(calls.c.who)) == "other_person"


def test_a_guardian_reports_a_stay_in_hospital(town: Town) -> None:
    """Hold and case, as if somebody had said so on the person's own phone."""
    finished = guardian(town).finish(
        ContactResult.REPORTED, at(3), WhoAnswered.OTHER_PERSON, reported=Reported.IN_HOSPITAL
    )
    assert finished.settled.disposition == "reported"
    with town.store.read() as connection:
        assert held(connection, town.person_ids[0], at(3))


@pytest.mark.parametrize("result", [ContactResult.DO_NOT_CALL, ContactResult.REFUSED, ContactResult.CALL_AGAIN])
def test_a_guardian_cannot_stop_the_calls(town: Town, result: ContactResult) -> None:
    """ "Do not call me" from a guardian puts no hold on the person: the ladder goes on with the person."""
    settled = guardian(town).finish(result, at(3)).settled
    assert settled.next_attempt_at == at(4)
    assert dial(town, at(4)).order.callee.relation is Relation.SELF
    with town.store.read() as connection:
        assert not held(connection, town.person_ids[0], at(4))


def test_a_trunk_that_was_down_costs_nobody_an_attempt(town: Town) -> None:
    """Two failures before anything rang, then the three attempts of the ladder as if nothing had been."""
    ends = [AttemptEnd.NETWORK_FAILURE, AttemptEnd.SYSTEM_FAILURE, *[AttemptEnd.NO_ANSWER] * 3]
    assert len(climb(town, ends)) == 5
    assert ledger(town.store, at(400))["disposition"] == "not_reached"


def test_our_failure_after_ringing_uses_a_rung(town: Town) -> None:
    """What rang, rang: the person is not rung more often because we failed afterwards."""
    line = dial(town).answer(at(0.5))
    assert line.fail(AttemptEnd.SYSTEM_FAILURE, at(1)).settled.next_attempt_at == at(31)


def test_the_days_limit_of_rings(town: Town) -> None:
    """Two rings a day: the third attempt waits for tomorrow, because the ladder lasts two days."""
    twice = RetryLadder(name="x", days=2, most_a_day=2, rungs=(Rung(do="call_again", after=MINUTE),) * 3)
    use_ladder(town, twice)
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    settled = dial(town, at(2)).fail(AttemptEnd.NO_ANSWER, at(3)).settled
    assert settled.next_attempt_at == TUESDAY + timedelta(hours=23)  # Wednesday, 9:00 in Seoul
    assert place_due(town.store, at(60), 3, "one") == []
    assert len(place_due(town.store, TUESDAY + timedelta(hours=23), 3, "one")) == 1


def test_the_next_day_inside_the_due_contact(town: Town) -> None:
    """A ladder of two days: what falls after 18:00 is tried the next morning at nine, and expires the next evening."""
    use_ladder(town, DEFAULT.model_copy(update={"days": 2}))
    evening = TUESDAY + timedelta(hours=7, minutes=50)
    settled = dial(town, evening).fail(AttemptEnd.NO_ANSWER, evening + MINUTES).settled
    assert settled.next_attempt_at == TUESDAY + timedelta(hours=23)
    assert expire_due(town.store, TUESDAY + timedelta(hours=20)) == 0
    assert expire_due(town.store, TUESDAY + timedelta(hours=33)) == 1


def narrow(town: Town, opens: str, closes: str, *, person: bool = False) -> None:
    table = schedules if person else programmes
    with town.store.write() as connection:
        connection.execute(update(table).values(window_from=opens, window_until=closes))


@pytest.mark.parametrize("person", [True, False])
def test_hours_narrowed_after_planning_hold_at_once(town: Town, person: bool) -> None:
    """Planned for ten; since then programme or person allow the afternoon only: nothing is dialled before, and a claim
    that was taken in time is refused in the last instant."""
    plan_week(town.store, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    narrow(town, "14:00", "17:00", person=person)
    refused = start_dialling(town.store, claimed, TUESDAY)
    assert isinstance(refused, DialRefused)
    assert refused.settled.next_attempt_at == at(4 * 60)
    assert place_due(town.store, at(60), 3, "one") == []
    [again] = place_due(town.store, at(4 * 60), 3, "one")
    assert isinstance(start_dialling(town.store, again, at(4 * 60)), DialOrder)


def test_hours_narrowed_between_two_attempts(town: Town) -> None:
    """The retry is planned inside the hours as they stand when the attempt ends, not as they were in the morning."""
    line = dial(town)
    narrow(town, "13:00", "18:00", person=True)
    assert line.fail(AttemptEnd.BUSY, at(1)).settled.next_attempt_at == at(180)


@pytest.mark.parametrize(("opens", "closes"), [("00:00", "23:59"), ("20:00", "23:00"), ("06:00", "12:00")])
def test_no_setting_opens_the_night(town: Town, opens: str, closes: str) -> None:
    """A programme whose hours reach into the night: planned and dialled in the daytime only."""
    narrow(town, opens, closes)
    plan_week(town.store, TUESDAY - timedelta(hours=24))
    [(planned, expires)] = dues(town.store, TUESDAY, ("planned_at", "expires_at"))
    assert 8 <= (planned.hour + 9) % 24 < 21
    assert expires <= TUESDAY.replace(hour=12, minute=0)
    for hours in (-3, -2.01, 11, 12, 13):
        assert place_due(town.store, TUESDAY + timedelta(hours=hours), 1, "one") == []


@pytest.mark.parametrize("text", ["9시", "", "25:00", "18:00-09:00"])
def test_hours_that_cannot_be_read_are_closed(town: Town, text: str) -> None:
    """Written down wrong after planning: nobody is dialled, and a human hears of it the same day."""
    plan_week(town.store, TUESDAY)
    narrow(town, text, "18:00")
    assert place_due(town.store, TUESDAY, 1, "one") == []
    found = ledger(town.store, TUESDAY)
    assert (found["disposition"], found["cases"]) == ("failed_by_us", [("missed", "watch")])


@pytest.mark.parametrize(
    ("dates", "disposition"),
    [
        ({"ends_on": date(2026, 11, 23)}, "suspended"), ({"ends_on": date(2026, 11, 24)}, None),
        ({"starts_on": date(2026, 11, 25)}, "suspended"), ({"starts_on": date(2026, 11, 24)}, None),
    ],
)  # fmt: skip
def test_calls_stop_at_the_end_and_begin_at_the_start(
    town: Town, dates: dict[str, date], disposition: str | None
) -> None:
    """An end date written down after planning stops the planned call; nothing is planned outside the dates."""
    plan_week(town.store, TUESDAY)
    bounds(town, **dates)
    assert len(place_due(town.store, TUESDAY, 1, "one")) == (disposition is None)
    assert dues(town.store)[0][2] == disposition
    plan_week(town.store, TUESDAY + timedelta(days=7))
    later = [slot for slot, *_ in dues(town.store) if slot != "2026-W48-1"]
    assert later == ([] if "ends_on" in dates else ["2026-W49-1"])


def test_missed_is_a_case_in_the_transaction_of_the_last_attempt(town: Town) -> None:
    """No tick between "nobody answered" and the case: the same instant, for every end of the ladder."""
    use_ladder(town, RetryLadder(name="x", rungs=()))
    last = dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    assert last.settled.disposition == "not_reached"
    with town.store.read() as connection:
        assert connection.scalar(select(cases.c.opened_at)) == connection.scalar(select(attempts.c.ended_at))
        assert connection.scalar(select(pages.c.created_at)) == at(1)


def test_an_edited_number_is_claimed_afresh(town: Town) -> None:
    """Changed between claim and dial: the old number is not rung, and the attempt that rings carries the new one."""
    plan_week(town.store, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    with town.store.write() as connection:
        from callbot.store.tables import person_numbers

        connection.execute(update(person_numbers).values(active=False))
        add_number(connection, town.store.keys, town.person_ids[0], "+821000000077")
    assert isinstance(start_dialling(town.store, claimed, TUESDAY), DialRefused)
    [again] = place_due(town.store, at(10), 1, "one")
    order = start_dialling(town.store, again, at(10))
    assert isinstance(order, DialOrder)
    assert order.e164 == "+821000000077"
    assert replace(order.callee, contact_name=None) == order.callee
