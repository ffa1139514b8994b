"""From due to disposition: what each end of an attempt leads to."""

from datetime import timedelta

import pytest
from ledger_calls import MINUTES, at, dial, ledger
from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import func, select

from callbot.converse.outcome import ContactResult
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import ConsentKind
from callbot.people.hold import HoldReason
from callbot.store.database import Store
from callbot.store.people_rows import held
from callbot.store.tables import cases, pages
from callbot.understand.meaning import Reported
from callbot.workflows.hold_person import give_consent, hold_person, lift_hold, withdraw_consent
from callbot.workflows.place_due import DialRefused, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import expire_due


def test_contact_needs_words(town: Town) -> None:
    """A call in which the person spoke ends as contacted: no case, no page, nobody is called again."""
    finished = dial(town).answer(at(0.2)).say().finish(ContactResult.CONTACTED, at(2))

    assert finished.settled.disposition == "contacted"
    found = ledger(town.store, at(2))
    assert (found["state"], found["cases"], found["pages"], found["next"]) == ("ended", [], 0, None)
    assert place_due(town.store, at(60), 3, "one") == []


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
def test_ends_that_open_a_case(
    town: Town, result: ContactResult, more: dict[str, object], disposition: str, case: tuple[str, str], is_held: bool
) -> None:
    """All but contacted and suspended open a case; what stops calls puts a hold."""
    finished = dial(town).answer(at(0.2)).say().finish(result, at(1), **more)

    assert finished.settled.disposition == disposition
    found = ledger(town.store, at(1))
    told_at_once, told_in_a_digest = (1, 0) if case[1] == "high" else (0, 1)
    assert (found["cases"], found["pages"], found["waiting"]) == ([case], told_at_once, told_in_a_digest)
    with town.store.read() as connection:
        assert held(connection, town.person_ids[0], at(1)) is is_held


def test_busy_person_is_called_later_then_counts_as_refused(town: Town) -> None:
    """바빠: once more after an hour; asked three times for later, it was a refusal, not a silence."""
    assert dial(town).answer(at(0.1)).say().finish(ContactResult.CALL_AGAIN, at(1)).settled.next_attempt_at == at(61)
    dial(town, at(61)).answer(at(61)).say().finish(ContactResult.CALL_AGAIN, at(62))
    last = dial(town, at(152)).answer(at(152)).say().finish(ContactResult.CALL_AGAIN, at(153))
    assert last.settled.disposition == "refused"


def test_only_our_failures(town: Town) -> None:
    """When every attempt failed on our side, nobody may read that the person did not answer. Three failures before anything
    rang use up no rung, so that a trunk that was down for half an hour costs nobody their attempts."""
    now = TUESDAY
    for _ in range(6):
        settled = dial(town, now).fail(AttemptEnd.NETWORK_FAILURE, now + MINUTES).settled
        now = settled.next_attempt_at or now
    assert settled.disposition == "failed_by_us"
    assert now == at(3 * 11 + 31 + 91)
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
