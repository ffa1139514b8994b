"""Every promise is broken on purpose, and seen."""

from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, build_town

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.escalate.case import CaseKind
from callbot.store.database import Store
from callbot.store.invariants import _queries, sending_violations, violations
from callbot.understand.meaning import Category, Level, Signal
from callbot.workflows.answer_call import note_answered, record_turn
from callbot.workflows.finish_call import finish_call
from callbot.workflows.hold_person import withdraw_consent
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.raise_signals import raise_signals

BREAK = {
    "nobody_is_forgotten: unended, no attempt under way, none named": (
        "UPDATE due_contacts SET next_attempt_at = NULL WHERE id = 2"
    ),
    "ended_contacts_are_not_called_again": "UPDATE due_contacts SET next_attempt_at = '2026-11-20 00:00:00.000000' WHERE id = 1",
    "every_due_contact_ends_in_time": "UPDATE due_contacts SET expires_at = '2026-11-20 00:00:00.000000' WHERE id = 2",
    "not_knowing_opens_a_case": (
        "UPDATE due_contacts SET state = 'ended', disposition = 'not_reached', next_attempt_at = NULL WHERE id = 2"
    ),
    "a_missed_contact_has_its_case_at_once": (
        "UPDATE due_contacts SET state = 'ended', disposition = 'not_reached', next_attempt_at = NULL, "
        "ended_at = '2026-11-24 02:00:00.000000' WHERE id = 2; "
        "INSERT INTO cases (person_id, due_contact_id, kind, level, state, opened_at, policy) "
        "VALUES (2, 2, 'missed', 'watch', 'triggered', '2026-11-24 02:00:06.000000', '{}')"
    ),
    "dialled_only_inside_the_persons_hours": "UPDATE due_contacts SET window_from = '13:00', window_until = '18:00' WHERE id = 1",
    "dialled_only_with_consent": (
        "INSERT INTO consents (person_id, kind, given, at) VALUES (1, 'sensitive', 0, '2026-11-24 01:00:00.000000')"
    ),
    "dialled_during_no_hold": (
        "INSERT INTO holds (person_id, reason, starts_at) VALUES (1, 'hospital', '2026-11-24 00:59:00.000000')"
    ),
    "one_call_at_a_time": (
        "UPDATE attempts SET ended_at = '2026-11-24 01:05:00.000000' WHERE id = 1; "
        "UPDATE due_contacts SET person_id = 1, slot = 'other', attempts_used = 1 WHERE id = 2; "
        "INSERT INTO attempts (due_contact_id, number, key, state, token, dialling_at, lease_until) "
        "VALUES (2, 1, 'k', 'dialling', 1, '2026-11-24 01:02:00.000000', '2026-11-24 01:04:00.000000')"
    ),
    "glad_only_about_words": (
        "INSERT INTO turns (call_id, position, who, text, line_id, at) "
        "VALUES (1, 7, 'bot', x'00', 'meals.ok', '2026-11-24 01:00:00.000000')"
    ),
    "fine_was_said_in_words_or_by_key": "INSERT INTO answers (call_id, topic, value) VALUES (1, 'sleep', 'ok')",
    "an_emergency_is_paged_in_its_own_transaction": (
        "UPDATE signals SET level = 'emergency'; UPDATE cases SET level = 'emergency'; "
        "UPDATE pages SET created_at = '2026-11-24 01:00:02.000000'"
    ),
    "every_case_was_paged_to_somebody": "UPDATE pages SET worker_id = NULL",
    "attempt_numbers_count_up": "UPDATE due_contacts SET attempts_used = 2 WHERE id = 1",
    "no_attempt_hangs": "UPDATE attempts SET state = 'dialling', \"end\" = NULL, lease_until = '2026-11-20 00:00:00.000000'",
    "dialled_once_means_never_undialled": "UPDATE attempts SET state = 'claimed', \"end\" = NULL",
    "dialled_only_before_the_hours_end": "UPDATE due_contacts SET expires_at = '2026-11-20 00:00:00.000000' WHERE id = 1",
    "answered_means_dialled": "UPDATE attempts SET dialling_at = NULL",
    "an_answered_attempt_is_a_call": "UPDATE calls SET attempt_id = 999",
    "contact_needs_the_persons_own_words": "UPDATE turns SET has_words = 0",
    "an_alarming_signal_belongs_to_a_case": "UPDATE signals SET case_id = NULL",
    "a_case_is_at_least_as_bad_as_its_signals": "UPDATE cases SET level = 'watch'",
    "every_case_was_paged": "DELETE FROM pages",
    "a_raised_case_was_paged_again": "UPDATE cases SET raised_at = '2026-11-25 00:00:00.000000'",
    "every_case_has_its_history": "UPDATE cases SET state = 'acknowledged'; DELETE FROM case_events",
}


def test_every_promise_has_its_breaker() -> None:
    """No query without a test that sees it fire."""
    assert set(BREAK) == set(_queries(TUESDAY))


@pytest.mark.parametrize("name", BREAK)
def test_broken_promise_is_seen(sqlite_store: Store, name: str) -> None:
    """One row changed behind the workflows' back is enough."""
    build_town(sqlite_store, people=2)
    plan_week(sqlite_store, TUESDAY)
    [claimed] = place_due(sqlite_store, TUESDAY, 1, "one")
    order = start_dialling(sqlite_store, claimed, TUESDAY)
    assert isinstance(order, DialOrder)
    call_id = note_answered(sqlite_store, order.attempt_id, order.token, TUESDAY)
    record_turn(sqlite_store, call_id, order.token, Turn(0, "person", "네"), TUESDAY)
    found = Signal(Category.PAIN, Level.HIGH, "pain.x", "말", "까닭", "morphology", "1", turn=0)
    raise_signals(sqlite_store, call_id, [found], TUESDAY)
    outcome = Outcome(WhoAnswered.PERSON, ContactResult.CONTACTED)
    finish_call(sqlite_store, order.attempt_id, order.token, outcome, TUESDAY)
    with sqlite_store.read() as connection:
        assert violations(connection, TUESDAY) == []

    tamper(sqlite_store, BREAK[name])

    week_ago, next_week = TUESDAY - timedelta(days=7), TUESDAY + timedelta(days=7)
    with sqlite_store.read() as connection:
        assert name in {each.name for each in violations(connection, TUESDAY)}
        assert name in {each.name for each in violations(connection, TUESDAY, week_ago)}
        if name not in ALWAYS_LOOKED_AT:
            assert name not in {each.name for each in violations(connection, TUESDAY, next_week)}


ALWAYS_LOOKED_AT = {"no_attempt_hangs"}
"""Found by its state, however old."""


def test_a_page_that_waits_is_seen(sqlite_store: Store) -> None:
    """The outbox is late by minutes: pending, claimed by nobody alive, or in doubt and not asked about."""
    town = build_town(sqlite_store)
    matter = Matter(town.person_ids[0], CaseKind.MISSED, Level.WATCH, Wording("3회 시도"), "까닭", cause="due/1")
    open_case(sqlite_store, matter, TUESDAY)
    with sqlite_store.read() as connection:
        assert sending_violations(connection, TUESDAY + timedelta(minutes=4)) == []
        assert [one.name for one in sending_violations(connection, TUESDAY + timedelta(minutes=6))] == [
            "no_page_waits_for_ever"
        ]
    tamper(sqlite_store, "UPDATE pages SET state = 'claimed', lease_until = '2026-11-24 01:00:00.000000'")
    with sqlite_store.read() as connection:
        assert sending_violations(connection, TUESDAY + timedelta(minutes=6))


def tamper(store: Store, statements: str) -> None:
    """Behind the workflows' back, and behind the foreign keys'."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement)


def test_a_neighbours_withdrawal_breaks_nothing(store: Store) -> None:
    """Consent is looked up of the person who was dialled, at that moment; what others, or they later, took back is no matter."""
    town = build_town(store, people=3)
    plan_week(store, TUESDAY)
    withdraw_consent(store, town.person_ids[2], TUESDAY)
    for claimed in place_due(store, TUESDAY, 2, "one"):
        assert isinstance(start_dialling(store, claimed, TUESDAY + timedelta(minutes=1)), DialOrder)
    withdraw_consent(store, town.person_ids[0], TUESDAY + timedelta(minutes=2))
    with store.read() as connection:
        assert violations(connection, TUESDAY + timedelta(minutes=2)) == []
