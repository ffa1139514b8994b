"""A person calls back: recognised, heard, and whatever was about to call them or to be done about them is cancelled."""

from datetime import timedelta

import pytest
from ledger_calls import MINUTES, OnTheLine, at, dial, ledger, signal
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import func, select

from callbot.assess.assessment import assess
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.hold import HoldReason
from callbot.people.numbers import Relation
from callbot.store.attempt_rows import StaleToken
from callbot.store.invariants import violations
from callbot.store.people_rows import add_number
from callbot.store.tables import attempts, case_events, cases, due_contacts, holds, persons
from callbot.store.tables_incoming import incoming_calls
from callbot.understand.meaning import AnswerValue, Level, Reported, Topic
from callbot.workflows.answer_call import note_answered
from callbot.workflows.finish_call import finish_call
from callbot.workflows.hold_person import hold_person, withdraw_consent
from callbot.workflows.place_due import place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.take_incoming import CheckIn, InCall, Stranger, take_incoming
from callbot.workflows.take_message import take_message

SCRIPTS = {"weekly-checkin"}
OWN = "01000000001"


def called_back(town: Town, now, number: str | None = OWN) -> CheckIn:
    taken = take_incoming(town.store, number, f"in-{now.isoformat()}", now, "one", scripts=SCRIPTS)
    assert isinstance(taken, CheckIn)
    return taken


def hold_check_in(town: Town, taken: CheckIn, now, result=ContactResult.CONTACTED, signals=()) -> object:
    """The conversation, with the person's own words, finished."""
    line = OnTheLine(town.store, taken.order, taken.call_id)
    turn = Turn(1, "person", "네, 잘 지내요", topic=Topic.HEALTH)
    line.say(turn, now)
    outcome = Outcome(
        WhoAnswered.PERSON, result, {Topic.HEALTH: AnswerValue.OK}, signals=tuple(signals), completed=True
    )
    found = assess([turn], outcome.signals, outcome.answers, (), versions={})
    return finish_call(town.store, taken.order.attempt_id, taken.order.token, outcome, now, assessment=found)


def missed_three_times(town: Town) -> None:
    """The whole ladder, in vain: a missed case is open."""
    for minutes in (0, 31, 125):
        dial(town, at(minutes)).fail(AttemptEnd.NO_ANSWER, at(minutes + 1))
    assert ledger(town.store, at(130))["disposition"] == "not_reached"


def test_a_call_back_cancels_the_pending_retry(town: Town) -> None:
    """After a missed attempt the person rings back: the due contact is contacted, and nobody calls again."""
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    assert ledger(town.store, at(2))["next"] == at(31)
    hold_check_in(town, called_back(town, at(5)), at(8))
    found = ledger(town.store, at(60))
    assert (found["disposition"], found["next"], found["ends"]) == ("contacted", None, ["no_answer", "person"])
    assert found["cases"] == []
    assert place_due(town.store, at(60), 1, "one") == []


def test_before_they_were_called_at_all(town: Town) -> None:
    """Who is due today and rings first is not called any more."""
    plan_week(town.store, TUESDAY)
    hold_check_in(town, called_back(town, at(0.5)), at(4))
    assert ledger(town.store, at(5))["disposition"] == "contacted"
    assert place_due(town.store, at(5), 1, "one") == []


def test_the_missed_case_is_closed_by_the_person(town: Town) -> None:
    """The ladder was over and a case open: a contact of its own, and the case is closed, with its history and a word to
    whoever was paged; the missed contact stays missed."""
    missed_three_times(town)
    hold_check_in(town, called_back(town, at(150)), at(155))
    with town.store.read() as connection:
        assert violations(connection, at(160)) == []
        case = connection.execute(select(cases)).one()
        assert (case.state, case.outcome, case.closed_by) == ("closed", "confirmed_by_phone", None)
        history = list(connection.scalars(select(case_events.c.what).order_by(case_events.c.id)))
        assert history[-2:] == ["joined", "closed"]
        ends = list(connection.scalars(select(due_contacts.c.disposition).order_by(due_contacts.c.id)))
        assert ends == ["not_reached", "contacted"]


def test_a_case_with_risk_stays_open(town: Town) -> None:
    """They rang back and said something alarming: the missed case is annotated, not closed, and distress has its own."""
    missed_three_times(town)
    hold_check_in(town, called_back(town, at(150)), at(155), signals=[signal(level=Level.HIGH)])
    with town.store.read() as connection:
        states = {row.kind: row.state for row in connection.execute(select(cases))}
        assert states == {"missed": "triggered", "distress": "triggered"}
        assert "joined" in list(connection.scalars(select(case_events.c.what)))


def test_a_call_back_that_came_to_nothing_changes_nothing(town: Town) -> None:
    """Somebody else, or silence: the retry stands where it stood, and no rung is used up."""
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    hold_check_in(town, called_back(town, at(5)), at(6), result=ContactResult.NO_CONTACT)
    found = ledger(town.store, at(7))
    assert (found["disposition"], found["next"]) == (None, at(31))
    dial(town, at(31)).fail(AttemptEnd.NO_ANSWER, at(32))
    assert ledger(town.store, at(33))["next"] == at(32) + 90 * MINUTES


def test_who_is_not_due_is_heard_as_well(town: Town) -> None:
    """A contact of its own, contacted; one that came to nothing ends without a case."""
    thursday = TUESDAY + timedelta(days=2)
    hold_check_in(town, called_back(town, thursday), thursday + MINUTES)
    hold_check_in(town, called_back(town, thursday + 30 * MINUTES), thursday + 31 * MINUTES, ContactResult.NO_CONTACT)
    with town.store.read() as connection:
        assert violations(connection, thursday + 60 * MINUTES) == []
        ends = list(connection.scalars(select(due_contacts.c.disposition).order_by(due_contacts.c.id)))
        assert ends == ["contacted", "suspended"]
        assert connection.scalar(select(func.count()).select_from(cases)) == 0


def test_while_their_phone_is_claimed(town: Town) -> None:
    """The claim is given back undialled: nobody is rung, and the attempt number is used by the call-back."""
    plan_week(town.store, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    taken = called_back(town, at(0.1))
    assert taken.superseded == ()
    with pytest.raises(StaleToken):
        start_dialling(town.store, claimed, at(0.2))
    hold_check_in(town, taken, at(3))
    assert ledger(town.store, at(4))["ends"] == ["person"]


def test_while_their_phone_is_ringing(town: Town) -> None:
    """The ringing is let go; whatever the old attempt still reports is refused; one conversation, one contact."""
    line = dial(town)
    taken = called_back(town, at(0.2))
    assert taken.superseded == (line.order.key,)
    with pytest.raises(StaleToken):
        note_answered(town.store, line.order.attempt_id, line.order.token, at(0.3))
    hold_check_in(town, taken, at(3))
    found = ledger(town.store, at(4))
    assert (found["ends"], found["disposition"]) == (["interrupted", "person"], "contacted")


def test_while_somebody_has_answered(town: Town) -> None:
    """Two conversations about one person are never held: the caller is asked to wait, the call goes on."""
    line = dial(town).answer(at(0.1))
    taken = take_incoming(town.store, OWN, "in-1", at(0.2), "one", scripts=SCRIPTS)
    assert isinstance(taken, InCall)
    line.say().finish(ContactResult.CONTACTED, at(2))
    assert ledger(town.store, at(3))["ends"] == ["person"]


@pytest.mark.parametrize("number", [None, "", "anonymous", "01099998888"])
def test_unknown_callers_are_strangers(town: Town, number: str | None) -> None:
    """Withheld, unreadable or in nobody's name."""
    assert isinstance(take_incoming(town.store, number, "in-1", TUESDAY, "one", scripts=SCRIPTS), Stranger)


def test_who_may_not_be_called_is_not_asked(town: Town) -> None:
    """A hold, or consent withdrawn: explained, never asked how they are; their contact stays suspended."""
    hold_person(town.store, town.person_ids[0], HoldReason.DO_NOT_CALL, TUESDAY)
    assert isinstance(take_incoming(town.store, OWN, "in-1", TUESDAY, "one", scripts=SCRIPTS), Stranger)


def test_without_consent(town: Town) -> None:
    """The same."""
    withdraw_consent(town.store, town.person_ids[0], TUESDAY)
    assert isinstance(take_incoming(town.store, OWN, "in-1", at(1), "one", scripts=SCRIPTS), Stranger)


def test_a_guardian_who_calls_is_not_the_person(town: Town) -> None:
    """Their message lands in the person's own case."""
    with town.store.write() as connection:
        add_number(connection, town.store.keys, town.person_ids[0], "+821000000999", relation=Relation.GUARDIAN)
    taken = take_incoming(town.store, "01000000999", "in-1", TUESDAY, "one", scripts=SCRIPTS)
    assert isinstance(taken, Stranger)
    take_message(town.store, taken.incoming_id, "어머니 전화번호가 바뀌었어요", at(1))
    with town.store.read() as connection:
        case = connection.execute(select(cases)).one()
        assert (case.kind, case.person_id) == ("review", town.person_ids[0])


def test_a_strangers_message_reaches_a_human(town: Town) -> None:
    """A case, about a stand-in whom nobody ever calls; the number and the words are not readable in the file."""
    taken = take_incoming(town.store, "01099998888", "in-1", TUESDAY, "one", scripts=SCRIPTS)
    assert isinstance(taken, Stranger)
    take_message(town.store, taken.incoming_id, "옆집 불이 며칠째 꺼져 있어요", at(1))
    with town.store.read() as connection:
        case = connection.execute(select(cases)).one()
        assert "010-9999-8888" in case.summary
        assert "꺼져 있어요" in case.summary
        stand_in = connection.execute(select(persons).where(persons.c.id == case.person_id)).one()
        assert not stand_in.active
        assert connection.execute(select(incoming_calls.c.outcome, incoming_calls.c.case_id)).one() == (
            "message",
            case.id,
        )


def test_an_alarming_message_is_paged_as_such(town: Town) -> None:
    """An emergency in the words of somebody nobody knows is an emergency."""
    taken = take_incoming(town.store, None, "in-1", TUESDAY, "one", scripts=SCRIPTS)
    assert isinstance(taken, Stranger)
    take_message(town.store, taken.incoming_id, "사람이 쓰러졌어요", at(1), [signal()])
    with town.store.read() as connection:
        assert connection.execute(select(cases.c.kind, cases.c.level)).one() == ("distress", "emergency")


def test_two_on_one_line(town: Town) -> None:
    """A couple's telephone: whoever was called today is meant; where neither was, nobody is named."""
    with town.store.write() as connection:
        other = connection.execute(
            persons.insert()
            .values(programme_id=town.programme_id, name="박철수", created_at=TUESDAY)
            .returning(persons.c.id)
        ).scalar_one()
        add_number(connection, town.store.keys, other, "+821000000001")
    sunday = TUESDAY - timedelta(days=2)
    assert isinstance(take_incoming(town.store, OWN, "in-0", sunday, "one", scripts=SCRIPTS), Stranger)
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    assert called_back(town, at(5)).order.callee.person.person_id == town.person_ids[0]


def test_the_attempts_of_a_call_back_are_counted(town: Town) -> None:
    """Every attempt number is used once, those of call-backs among them."""
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    hold_check_in(town, called_back(town, at(5)), at(8))
    with town.store.read() as connection:
        assert list(connection.scalars(select(attempts.c.number).order_by(attempts.c.id))) == [1, 2]


@pytest.mark.parametrize(
    ("reported", "hold"),
    [(Reported.DEAD, HoldReason.DEAD), (Reported.IN_HOSPITAL, HoldReason.HOSPITAL), (Reported.MOVED, HoldReason.MOVED)],
)
def test_a_guardian_who_calls_with_grave_news_stops_the_calls(town: Town, reported: Reported, hold: HoldReason) -> None:
    """At once: a hold, what was planned is suspended, and a case of the right kind."""
    plan_week(town.store, TUESDAY, {})
    with town.store.write() as connection:
        add_number(connection, town.store.keys, town.person_ids[0], "+821000007777", relation=Relation.GUARDIAN)
    taken = take_incoming(town.store, "01000007777", "in-news", at(0), "one", scripts=SCRIPTS)
    assert isinstance(taken, Stranger)

    take_message(town.store, taken.incoming_id, "어머니 소식이에요", at(1), (), reported)

    with town.store.read() as connection:
        assert connection.scalars(select(holds.c.reason)).all() == [hold]
        assert "report" in connection.scalars(select(cases.c.kind)).all()
        assert set(connection.scalars(select(due_contacts.c.disposition))) == {"suspended"}
    assert place_due(town.store, at(2), 5, "one") == []
    with town.store.read() as connection:
        assert violations(connection, at(2)) == []


def test_an_unknown_number_stops_nobodys_calls(town: Town) -> None:
    """Anybody can say anything: it is a message for a human."""
    taken = take_incoming(town.store, "01000008888", "in-unknown", at(0), "one", scripts=SCRIPTS)
    assert isinstance(taken, Stranger)

    take_message(town.store, taken.incoming_id, "그 할머니 돌아가셨대요", at(1), (), Reported.DEAD)

    with town.store.read() as connection:
        assert connection.scalars(select(holds.c.id)).all() == []
