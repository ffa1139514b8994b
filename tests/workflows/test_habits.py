"""How a person pauses and hears is kept from call to call, and only of the person themselves."""

from ledger_calls import at, dial
from ledger_fixtures import Town

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.listen.pause_model import KEPT
from callbot.people.hearing_aid import NO_AID, STEPS, HearingAid, aid_of
from callbot.store.habit_rows import aid_for, forget_pauses, keep_aid, learn_habits, pauses_known
from callbot.store.people_rows import addressee
from callbot.workflows.finish_call import finish_call

PAUSES = (0.3, 1.25, 0.1, 0.8)


def _called(town: Town, who: WhoAnswered = WhoAnswered.PERSON, aid: HearingAid | None = STEPS[1]) -> int:
    """A call with these pauses and this aid in the end; the person's id."""
    call = dial(town).answer(at(1)).say()
    outcome = Outcome(who, ContactResult.CONTACTED, completed=True, aid=aid)
    if who is not WhoAnswered.PERSON:
        outcome = Outcome(who, ContactResult.NO_CONTACT, aid=aid)
    finish_call(town.store, call.order.attempt_id, call.order.token, outcome, at(3), pauses_s=PAUSES)
    return town.person_ids[0]


def test_a_call_teaches_the_next_one(town: Town) -> None:
    """Pauses that count and the aid of the end are what the next call begins with."""
    person_id = _called(town)
    with town.store.read() as connection:
        callee = addressee(connection, person_id)
    assert callee.pauses_s == (0.3, 1.25, 0.8)
    assert callee.aid == STEPS[1]


def test_somebody_else_teaches_nothing(town: Town) -> None:
    """A daughter who picks up speaks and hears for herself."""
    person_id = _called(town, WhoAnswered.OTHER_PERSON)
    with town.store.read() as connection:
        callee = addressee(connection, person_id)
    assert (callee.pauses_s, callee.aid) == ((), NO_AID)


def test_a_call_without_talk_changes_no_aid(town: Town) -> None:
    """What a worker chose stays where the call says nothing about it."""
    with town.store.write() as connection:
        keep_aid(connection, town.person_ids[0], STEPS[2])
    person_id = _called(town, aid=None)
    with town.store.read() as connection:
        assert aid_for(connection, person_id) == STEPS[2]


def test_only_the_latest_pauses_are_kept(town: Town) -> None:
    """Bounded, newest last; forgotten on request."""
    person_id = town.person_ids[0]
    with town.store.write() as connection:
        for call in range(40):
            learn_habits(connection, person_id, [0.3 + call / 100] * 10, None)
        known = pauses_known(connection, person_id)
        assert len(known) == KEPT
        assert known[-1] == 0.69
        forget_pauses(connection, person_id)
        assert pauses_known(connection, person_id) == ()


def test_hard_of_hearing_on_the_list_begins_louder() -> None:
    """Who was enrolled so is spoken to louder and slower from the first word, until a worker or a call says otherwise."""
    assert aid_of(None, None, hard_of_hearing=True) == STEPS[1]
    assert aid_of(1.0, 0.0, hard_of_hearing=True) == NO_AID
