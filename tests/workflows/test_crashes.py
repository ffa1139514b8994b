"""Killed anywhere: nothing is lost, nothing rings twice, a late write of the dead is refused."""

from datetime import timedelta

import pytest
from ledger_calls import PERSON_SPOKE, OnTheLine, at, dial, ledger
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import update

from callbot.converse.outcome import ContactResult
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.attempt_rows import StaleToken
from callbot.store.call_rows import transcript
from callbot.store.tables import schedules
from callbot.workflows.answer_call import note_answered, renew_lease
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import recover


def test_claimed_contact_without_words_is_none(town: Town) -> None:
    """A dialogue that claims contact is not believed where the transcript holds no word of the person's."""
    on_the_line = dial(town).answer(at(0.2)).say(Turn(0, "bot", "안녕하세요"))
    on_the_line.say(Turn(1, "person", "", rejected="no_speech"))

    finished = on_the_line.finish(ContactResult.CONTACTED, at(1))

    assert finished.end is AttemptEnd.SILENT
    assert finished.settled.next_attempt_at == at(31)


def test_kill_in_a_call(town: Town) -> None:
    """Killed in mid-call: interrupted, its number is never dialled again, the words stay, the ladder goes on."""
    on_the_line = dial(town).answer(at(0.2)).say()

    recovered = recover(town.store, at(1), frozenset(), "one")

    assert recovered.interrupted == (on_the_line.order.attempt_id,)
    with pytest.raises(StaleToken):
        on_the_line.say()
    with pytest.raises(StaleToken):
        on_the_line.finish(ContactResult.CONTACTED, at(1))
    with pytest.raises(StaleToken):
        start_dialling(town.store, _claimed(on_the_line), at(1))
    found = ledger(town.store, at(1))
    assert (found["ends"], found["next"]) == (["interrupted"], at(31))
    assert dial(town, at(31)).order.number == 2
    with town.store.read() as connection:
        assert transcript(connection, on_the_line.call_id)[0].text == PERSON_SPOKE.text


def _claimed(line: OnTheLine) -> ClaimedAttempt:
    order = line.order
    return ClaimedAttempt(
        order.attempt_id, order.due_contact_id, order.callee.person.person_id, order.number, order.key, order.token
    )


def test_kill_between_claim_and_dial(town: Town) -> None:
    """Nothing rang: the same number is used again, under a new token, and the dead owner can do nothing more."""
    plan_week(town.store, TUESDAY)
    [first] = place_due(town.store, TUESDAY, 1, "one")
    assert recover(town.store, at(0.5)).given_back == ()  # the lease runs
    assert recover(town.store, at(1.1)).given_back == (first.attempt_id,)

    [second] = place_due(town.store, at(1.2), 1, "two")

    assert (second.attempt_id, second.number, second.key) == (first.attempt_id, 1, first.key)
    with pytest.raises(StaleToken):
        start_dialling(town.store, first, at(1.2))
    assert isinstance(start_dialling(town.store, second, at(1.2)), DialOrder)


def test_live_calls_are_left_alone(town: Town) -> None:
    """A tick of recovery touches neither a renewed lease nor what this process knows to be alive."""
    on_the_line = dial(town).answer(at(0.2))
    renew_lease(town.store, on_the_line.order.attempt_id, on_the_line.order.token, at(1))
    assert recover(town.store, at(1.9)).interrupted == ()
    assert recover(town.store, at(9), frozenset({on_the_line.order.key}), "one").interrupted == ()
    assert recover(town.store, at(9)).interrupted == (on_the_line.order.attempt_id,)


def test_answered_twice_is_one_call(town: Town) -> None:
    """A repeated answer event gives the same call; a repeated end is refused."""
    on_the_line = dial(town).answer(at(0.2))
    assert (
        note_answered(town.store, on_the_line.order.attempt_id, on_the_line.order.token, at(0.3)) == on_the_line.call_id
    )
    on_the_line.fail(AttemptEnd.SYSTEM_FAILURE, at(1))
    with pytest.raises(StaleToken):
        on_the_line.fail(AttemptEnd.SYSTEM_FAILURE, at(1))


def test_answered_is_never_no_answer(town: Town) -> None:
    """An open line cannot end as busy: the transition table refuses, and nothing is written."""
    on_the_line = dial(town).answer(at(0.2))
    with pytest.raises(ImpossibleTransition):
        on_the_line.fail(AttemptEnd.BUSY, at(1))
    assert ledger(town.store, at(0.5))["state"] == "open"


def test_two_contacts_of_one_person_ring_once_at_a_time(town: Town) -> None:
    """A holiday moved Monday's contact onto Tuesday's: while one is being called, the other waits, and loses nothing.

    Found by `callbot simulate`."""
    plan_week(town.store, TUESDAY)
    with town.store.write() as connection:
        connection.execute(
            update(schedules).values(weekdays=[1, 2])  # both fall on Tuesday when Monday is a holiday
        )
    plan_week(town.store, TUESDAY, {TUESDAY.date() - timedelta(days=1): "임시공휴일"})

    claimed = place_due(town.store, TUESDAY, 5, "one") + place_due(town.store, at(1), 5, "two")
    assert len(claimed) == 1
    order = start_dialling(town.store, claimed[0], at(1))
    assert isinstance(order, DialOrder)
    OnTheLine(town.store, order).fail(AttemptEnd.NO_ANSWER, at(2))

    [second] = place_due(town.store, at(11), 5, "one")
    assert second.due_contact_id != claimed[0].due_contact_id
