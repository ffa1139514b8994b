"""From due to disposition: what each end of an attempt leads to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import func, select

from callbot.assess.assessment import assess
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import ConsentKind
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.attempt_rows import StaleToken
from callbot.store.call_rows import transcript
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.people_rows import held
from callbot.store.tables import attempts, calls, cases, due_contacts, pages, requests, signals
from callbot.understand.meaning import AnswerValue, Category, Level, Reported, Request, Signal, Topic
from callbot.workflows.answer_call import note_answered, note_ringing, record_turn, renew_lease
from callbot.workflows.finish_call import Finished, finish_attempt, finish_call
from callbot.workflows.hold_person import give_consent, hold_person, lift_hold, withdraw_consent
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, DialRefused, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.raise_signals import raise_signals
from callbot.workflows.recover import expire_due, recover

PERSON_SPOKE = Turn(1, "person", "네, 잘 지내요", topic=Topic.HEALTH)
MINUTES = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """Minutes after Tuesday 10:00."""
    return TUESDAY + minutes * MINUTES


def signal(category: Category = Category.MEDICAL, level: Level = Level.EMERGENCY, **more: object) -> Signal:
    """One finding."""
    made = Signal(
        category, level, f"{category}.rule", "가슴이 답답해", "가슴 통증을 말했습니다.", "morphology", "1", turn=1
    )
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class OnTheLine:
    """An attempt being dialled."""

    store: Store
    order: DialOrder
    call_id: int = 0

    def answer(self, now: datetime) -> "OnTheLine":
        note_ringing(self.store, self.order.attempt_id, self.order.token, now)
        self.call_id = note_answered(self.store, self.order.attempt_id, self.order.token, now)
        return self

    def say(self, turn: Turn = PERSON_SPOKE, now: datetime = TUESDAY) -> "OnTheLine":
        record_turn(self.store, self.call_id, self.order.token, turn, now)
        return self

    def finish(
        self, result: ContactResult, now: datetime, who: WhoAnswered = WhoAnswered.PERSON, **more: object
    ) -> Finished:
        outcome = Outcome(who, result, answers={Topic.HEALTH: AnswerValue.OK}, completed=True, **more)  # type: ignore[arg-type]
        return finish_call(self.store, self.order.attempt_id, self.order.token, outcome, now)

    def fail(self, end: AttemptEnd, now: datetime) -> Finished:
        return finish_attempt(self.store, self.order.attempt_id, self.order.token, end, now, cause=17, tech_cause=486)


def dial(town: Town, now: datetime = TUESDAY, owner: str = "one") -> OnTheLine:
    """Plan, claim and commit `dialling`."""
    plan_week(town.store, now)
    [claimed] = place_due(town.store, now, 1, owner)
    order = start_dialling(town.store, claimed, now)
    assert isinstance(order, DialOrder)
    return OnTheLine(town.store, order)


def ledger(store: Store, now: datetime) -> dict[str, object]:
    """The one due contact, its cases and pages; and no broken promise."""
    with store.read() as connection:
        assert violations(connection, now) == []
        due = connection.execute(select(due_contacts)).one()
        return {
            "state": due.state,
            "disposition": due.disposition,
            "next": due.next_attempt_at,
            "attempts": due.attempts_used,
            "cases": sorted(tuple(row) for row in connection.execute(select(cases.c.kind, cases.c.level))),
            "pages": connection.scalar(select(func.count()).select_from(pages)),
            "ends": list(connection.scalars(select(attempts.c.end).order_by(attempts.c.number))),
        }


def test_contact_needs_words(town: Town) -> None:
    """A call in which the person spoke ends as contacted: no case, no page, nobody is called again."""
    finished = dial(town).answer(at(0.2)).say().finish(ContactResult.CONTACTED, at(2))

    assert finished.settled.disposition == "contacted"
    found = ledger(town.store, at(2))
    assert (found["state"], found["cases"], found["pages"], found["next"]) == ("ended", [], 0, None)
    assert place_due(town.store, at(60), 3, "one") == []


def test_claimed_contact_without_words_is_none(town: Town) -> None:
    """A dialogue that claims contact is not believed where the transcript holds no word of the person's."""
    on_the_line = dial(town).answer(at(0.2)).say(Turn(0, "bot", "안녕하세요"))
    on_the_line.say(Turn(1, "person", "", rejected="no_speech"))

    finished = on_the_line.finish(ContactResult.CONTACTED, at(1))

    assert finished.end is AttemptEnd.SILENT
    assert finished.settled.next_attempt_at == at(31)


def test_three_times_nobody(town: Town) -> None:
    """No answer three times: the ladder's delays, then not_reached, one case, one page, in the same transaction."""
    assert dial(town).fail(AttemptEnd.NO_ANSWER, at(1)).settled.next_attempt_at == at(31)
    assert place_due(town.store, at(30.9), 1, "one") == []
    assert dial(town, at(31)).fail(AttemptEnd.NO_ANSWER, at(32)).settled.next_attempt_at == at(122)

    last = dial(town, at(122)).fail(AttemptEnd.VOICEMAIL, at(123))

    assert last.settled.disposition == "not_reached"
    found = ledger(town.store, at(123))
    assert found["ends"] == ["no_answer", "no_answer", "voicemail"]
    assert found["cases"] == [("missed", "watch")]
    assert found["pages"] == 1


def test_busy_is_tried_sooner(town: Town) -> None:
    """Busy waits ten minutes, and the second call is answered."""
    assert dial(town).fail(AttemptEnd.BUSY, at(0.1)).settled.next_attempt_at == at(10.1)
    assert (
        dial(town, at(11)).answer(at(11.1)).say().finish(ContactResult.CONTACTED, at(13)).settled.disposition
        == "contacted"
    )


@pytest.mark.parametrize(
    ("result", "more", "disposition", "case", "is_held"),
    [
        (ContactResult.REFUSED, {}, "refused", ("refusal", "watch"), False),
        (ContactResult.DO_NOT_CALL, {}, "refused", ("refusal", "watch"), True),
        (ContactResult.REPORTED, {"reported": Reported.IN_HOSPITAL}, "reported", ("report", "high"), True),
        (ContactResult.REPORTED, {"reported": Reported.DEAD}, "reported", ("report", "high"), True),
        (ContactResult.CONTACTED_DEGRADED, {}, "contacted_degraded", ("review", "watch"), False),
    ],
)
def test_ends_that_open_a_case(  # noqa: PLR0917 - a table
    town: Town, result: ContactResult, more: dict[str, object], disposition: str, case: tuple[str, str], is_held: bool
) -> None:
    """All but contacted and suspended open a case; what stops calls puts a hold."""
    finished = dial(town).answer(at(0.2)).say().finish(result, at(1), **more)

    assert finished.settled.disposition == disposition
    found = ledger(town.store, at(1))
    assert (found["cases"], found["pages"]) == ([case], 1)
    with town.store.read() as connection:
        assert held(connection, town.person_ids[0], at(1)) is is_held


def test_busy_person_is_called_later_then_counts_as_refused(town: Town) -> None:
    """바빠: once more after an hour; asked three times for later, it was a refusal, not a silence."""
    assert dial(town).answer(at(0.1)).say().finish(ContactResult.CALL_AGAIN, at(1)).settled.next_attempt_at == at(61)
    dial(town, at(61)).answer(at(61)).say().finish(ContactResult.CALL_AGAIN, at(62))
    last = dial(town, at(152)).answer(at(152)).say().finish(ContactResult.CALL_AGAIN, at(153))
    assert last.settled.disposition == "refused"


def test_only_our_failures(town: Town) -> None:
    """When every attempt failed on our side, nobody may read that the person did not answer."""
    now = TUESDAY
    for _ in range(3):
        settled = dial(town, now).fail(AttemptEnd.NETWORK_FAILURE, now + MINUTES).settled
        now = settled.next_attempt_at or now
    assert settled.disposition == "failed_by_us"
    assert ledger(town.store, now + MINUTES)["cases"] == [("missed", "watch")]


def test_bad_number_without_another(town: Town) -> None:
    """A number that cannot exist is not tried again: a human hears of it at once."""
    assert dial(town).fail(AttemptEnd.BAD_NUMBER, at(0.1)).settled.disposition == "not_reached"
    assert ledger(town.store, at(1))["cases"] == [("missed", "watch")]


def test_ladder_stays_in_the_hours(town: Town) -> None:
    """A retry that would fall after 18:00 is none: the case is opened the same evening."""
    evening = TUESDAY.replace(hour=8, minute=50)  # 17:50 in Seoul
    assert dial(town, evening).fail(AttemptEnd.NO_ANSWER, evening + MINUTES).settled.disposition == "not_reached"


def test_second_missed_week_is_worse(town: Town) -> None:
    """Missed two weeks in a row raises the open case to high, and pages again."""
    dial(town).fail(AttemptEnd.BAD_NUMBER, at(1))
    week = timedelta(days=7)
    dial(town, TUESDAY + week).fail(AttemptEnd.BAD_NUMBER, TUESDAY + week + MINUTES)
    with town.store.read() as connection:
        [case] = connection.execute(select(cases)).all()
        assert (case.level, case.round) == ("high", 1)
        assert connection.scalar(select(func.count()).select_from(pages)) == 2


def test_hold_stops_at_once(town: Town) -> None:
    """A hold put between claim and dial: nothing is dialled, the contact is suspended, no case."""
    plan_week(town.store, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    hold_person(town.store, town.person_ids[0], HoldReason.HOSPITAL, TUESDAY)

    refused = start_dialling(town.store, claimed, TUESDAY)

    assert isinstance(refused, DialRefused)
    assert refused.settled.disposition == "suspended"
    assert ledger(town.store, TUESDAY)["cases"] == []


def test_withdrawn_consent_stops_the_same_minute(town: Town) -> None:
    """Consent withdrawn before the call suspends it; given again, the next week is called."""
    plan_week(town.store, TUESDAY)
    assert withdraw_consent(town.store, town.person_ids[0], TUESDAY) == 1
    assert place_due(town.store, at(1), 1, "one") == []
    assert ledger(town.store, at(1))["disposition"] == "suspended"

    give_consent(town.store, town.person_ids[0], at(5), [ConsentKind.GENERAL, ConsentKind.SENSITIVE])
    assert lift_hold(town.store, town.person_ids[0], at(5)) == 0
    plan_week(town.store, TUESDAY + timedelta(days=7))
    assert len(place_due(town.store, TUESDAY + timedelta(days=7), 1, "one")) == 1


def test_real_number_is_never_dialled_without_a_trunk(store: Store) -> None:
    """Without a trunk only 010-0000-NNNN is claimed; a real number ends as our failure, with a case."""
    town = build_town(store)
    with store.write() as connection:
        from callbot.store.tables import person_numbers

        connection.execute(person_numbers.update().values(e164="+821012345678"))
    plan_week(store, TUESDAY)
    assert place_due(store, TUESDAY, 1, "one") == []
    assert place_due(store, at(10), 1, "one", trunk=False) == []
    assert expire_due(store, TUESDAY + timedelta(hours=8)) == 1
    found = ledger(store, TUESDAY + timedelta(hours=8))
    assert (found["disposition"], found["attempts"], found["cases"]) == ("failed_by_us", 0, [("missed", "watch")])
    assert town.person_ids


def test_night_claims_nothing(town: Town) -> None:
    """At 20:59 on the same day nothing is claimed, however late the tick comes; the contact ends with a case."""
    plan_week(town.store, TUESDAY)
    night = TUESDAY + timedelta(hours=11)
    assert place_due(town.store, night, 3, "one") == []
    assert ledger(town.store, night)["disposition"] == "failed_by_us"


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
        order.attempt_id, order.due_contact_id, order.person.person_id, order.number, order.key, order.token
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


def test_emergency_pages_in_mid_call(town: Town) -> None:
    """The case and its page are there while the call is still up; the same finding again changes nothing."""
    on_the_line = dial(town).answer(at(0.2)).say()

    case_id = raise_signals(town.store, on_the_line.call_id, [signal()], at(0.5))
    assert raise_signals(town.store, on_the_line.call_id, [signal()], at(0.6)) == case_id

    with town.store.read() as connection:
        [page] = connection.execute(select(pages)).all()
        assert (page.severity, page.template, page.state) == ("critical", "critical", "pending")
        assert page.body.startswith("[동구안부]위기 박O수(82)")
        assert page.body_bytes <= 90
        assert "답답" not in page.body
    on_the_line.finish(ContactResult.CONTACTED, at(2))
    found = ledger(town.store, at(2))
    assert (found["disposition"], found["cases"], found["pages"]) == ("contacted", [("distress", "emergency")], 1)


def test_unconfirmed_then_confirmed(town: Town) -> None:
    """Heard with low confidence: paged at once as 미확인; the clarifying answer sends one amended page."""
    on_the_line = dial(town).answer(at(0.2)).say()
    raise_signals(town.store, on_the_line.call_id, [signal(unconfirmed=True)], at(0.3))
    raise_signals(town.store, on_the_line.call_id, [signal(turn=3)], at(0.6))
    raise_signals(town.store, on_the_line.call_id, [signal(turn=3)], at(0.7))
    with town.store.read() as connection:
        first, second = connection.execute(select(pages).order_by(pages.c.id)).all()
        assert "미확인 위기" in first.body
        assert "확인됨 위기" in second.body
        assert second.amends_page_id == first.id
        assert connection.scalar(select(signals.c.confirmed_at).where(signals.c.unconfirmed)) == at(0.6)


def test_worse_signal_raises_the_case(town: Town) -> None:
    """High, then emergency in the same call: one case, raised, paged twice."""
    on_the_line = dial(town).answer(at(0.2)).say()
    raise_signals(town.store, on_the_line.call_id, [signal(Category.MOOD, Level.HIGH)], at(0.3))
    raise_signals(town.store, on_the_line.call_id, [signal(Category.SUICIDE, turn=4)], at(0.6))
    found = ledger(town.store, at(0.6))
    assert (found["cases"], found["pages"]) == ([("distress", "emergency")], 2)


def test_watch_signals_open_nothing(town: Town) -> None:
    """What belongs into the weekly report pages nobody."""
    on_the_line = dial(town).answer(at(0.2)).say()
    assert raise_signals(town.store, on_the_line.call_id, [signal(Category.SLEEP, Level.WATCH)], at(0.3)) is None
    assert ledger(town.store, at(0.3))["cases"] == []


def test_request_becomes_a_ticket(town: Town) -> None:
    """쌀이 떨어졌어: a ticket with the person's words and a routine page."""
    wish = Request("rice", "쌀이 떨어졌어", 1)
    dial(town).answer(at(0.2)).say().finish(ContactResult.CONTACTED, at(2), requests=(wish,))
    with town.store.read() as connection:
        ticket = connection.execute(select(requests)).one()
        assert (ticket.kind, ticket.quote) == ("rice", "쌀이 떨어졌어")
        assert "쌀·식료품 요청" in connection.execute(select(pages.c.body)).scalar_one()
    assert ledger(town.store, at(2))["cases"] == [("request", "watch")]


def test_not_understood_is_on_the_missed_side(town: Town) -> None:
    """The person spoke, but too little was understood: contacted, and a human is asked to look."""
    on_the_line = dial(town).answer(at(0.2)).say()
    assessment = assess([PERSON_SPOKE], [], dict.fromkeys(Topic, AnswerValue.UNSURE), [])
    assert assessment.unassessable
    outcome = Outcome(WhoAnswered.PERSON, ContactResult.CONTACTED)
    finish_call(
        town.store, on_the_line.order.attempt_id, on_the_line.order.token, outcome, at(2), assessment=assessment
    )
    found = ledger(town.store, at(2))
    assert (found["disposition"], found["cases"]) == ("contacted", [("missed", "unassessable")])
    with town.store.read() as connection:
        assert connection.execute(select(calls.c.assessment)).scalar_one()["level"] == "unassessable"


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
