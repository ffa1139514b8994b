"""One call by hand, under the guards of every call."""

from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import func, select

from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import ConsentKind
from callbot.people.enrolment import Enrolment
from callbot.people.hold import HoldReason
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.one_call import call_result
from callbot.store.people_rows import add_number
from callbot.store.tables import attempts, due_contacts, persons
from callbot.workflows.call_now import CallRefused, call_now, check_call
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.hold_person import hold_person, withdraw_consent
from callbot.workflows.import_people import import_people
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week

NUMBER, SECOND = "+821000000001", "+821000000777"
NIGHT = TUESDAY + timedelta(hours=12)


def nothing_written(store: Store) -> bool:
    """No due contact, no attempt."""
    with store.read() as connection:
        return all(
            connection.scalar(select(func.count()).select_from(table)) == 0 for table in (due_contacts, attempts)
        )


def test_claims_exactly_that_one(town: Town) -> None:
    """A contact of its own beside the planned one: claimed at once, dialled once, taken by no tick; the planned one, which
    would ring the same phone in mid-call, waits until it is over."""
    plan_week(town.store, TUESDAY)
    claimed = call_now(town.store, NUMBER, TUESDAY, "me")
    order = start_dialling(town.store, claimed, TUESDAY)
    assert isinstance(order, DialOrder)
    assert (order.e164, order.number) == (NUMBER, 1)
    assert place_due(town.store, TUESDAY, 5, "ticks") == []
    finish_attempt(town.store, claimed.attempt_id, claimed.token, AttemptEnd.NO_ANSWER, TUESDAY, cause=19)
    [planned] = place_due(town.store, TUESDAY + timedelta(minutes=10), 5, "ticks")
    assert planned.due_contact_id != claimed.due_contact_id


def test_missed_once_is_missed(town: Town) -> None:
    """Nobody answers: no second call, one disposition, a case; no promise of the ledger is broken."""
    claimed = call_now(town.store, NUMBER, TUESDAY, "me")
    start_dialling(town.store, claimed, TUESDAY)
    finished = finish_attempt(town.store, claimed.attempt_id, claimed.token, AttemptEnd.NO_ANSWER, TUESDAY, cause=19)
    assert finished.settled.disposition == "not_reached"
    with town.store.read() as connection:
        result = call_result(connection, claimed.due_contact_id)
        assert violations(connection, TUESDAY) == []
    assert (result.end, result.cause, result.disposition) == ("no_answer", 19, "not_reached")
    assert [kind for kind, _ in result.cases] == ["missed"]
    assert len(result.pages) == 1
    assert place_due(town.store, TUESDAY + timedelta(hours=2), 5, "ticks") == []


def test_the_number_that_was_given_is_called(town: Town) -> None:
    """Somebody with two numbers: the second, where that was asked for."""
    with town.store.write() as connection:
        add_number(connection, town.store.keys, town.person_ids[0], SECOND)
    order = start_dialling(town.store, call_now(town.store, SECOND, TUESDAY, "me"), TUESDAY)
    assert isinstance(order, DialOrder)
    assert order.e164 == SECOND


def test_a_script_may_be_chosen(town: Town) -> None:
    """Another script than the programme's."""
    order = start_dialling(town.store, call_now(town.store, NUMBER, TUESDAY, "me", script="monthly"), TUESDAY)
    assert isinstance(order, DialOrder)
    assert order.callee.script_name == "monthly"


@pytest.mark.parametrize(
    ("number", "now", "hold", "consent", "words"),
    [
        ("+821000000999", TUESDAY, False, True, "등록된 분의 번호가 아닙니다"),
        (NUMBER, TUESDAY, True, True, "보류"),
        (NUMBER, TUESDAY, False, False, "동의"),
        (NUMBER, NIGHT, False, True, "통화 가능 시간"),
    ],
)
def test_guards(town: Town, *, number: str, now: object, hold: bool, consent: bool, words: str) -> None:
    """Nobody is called against a hold, without consent, at night, or who is not enrolled; nothing is written."""
    if hold:
        hold_person(town.store, town.person_ids[0], HoldReason.HOSPITAL, TUESDAY - timedelta(days=1))
    if not consent:
        withdraw_consent(town.store, town.person_ids[0], TUESDAY, list(ConsentKind))
    for ask in (lambda: check_call(town.store, number, now), lambda: call_now(town.store, number, now, "me")):  # type: ignore[arg-type]
        with pytest.raises(CallRefused, match=words) as refused:
            ask()
        assert len(str(refused.value).splitlines()) == 1
    assert nothing_written(town.store)


def test_a_real_number_needs_a_trunk(store: Store) -> None:
    """Without one only virtual numbers can be dialled."""
    town = build_town(store)
    real = Enrolment(name="정갑수", numbers=("+821012345678",), weekdays=(2,), consent=True, worker="한담당")
    import_people(store, [real], TUESDAY, town.programme_id)
    with pytest.raises(CallRefused, match="회선"):
        call_now(store, "+821012345678", TUESDAY, "me")
    assert nothing_written(store)
    assert call_now(store, "+821012345678", TUESDAY, "me", trunk=True).number == 1


def test_who_is_being_called_is_not_called(town: Town) -> None:
    """Not while another call to the person is under way."""
    call_now(town.store, NUMBER, TUESDAY, "me")
    with pytest.raises(CallRefused, match="통화하고 있습니다"):
        call_now(town.store, NUMBER, TUESDAY + timedelta(seconds=30), "you")


def test_a_shared_number_is_not_guessed(town: Town) -> None:
    """Two people behind one number: neither is called by mistake."""
    wife = Enrolment(name="이영희", numbers=(NUMBER,), weekdays=(2,), consent=True, worker="한담당")
    import_people(town.store, [wife], TUESDAY, town.programme_id)
    with town.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(persons)) == 2
    with pytest.raises(CallRefused, match="2명"):
        call_now(town.store, NUMBER, TUESDAY, "me")
