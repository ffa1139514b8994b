"""Every promise is broken on purpose, and seen."""

import pytest
from ledger_fixtures import TUESDAY, build_town

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.store.database import Store
from callbot.store.invariants import _queries, violations
from callbot.understand.meaning import Category, Level, Signal
from callbot.workflows.answer_call import note_answered, record_turn
from callbot.workflows.finish_call import finish_call
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

    with sqlite_store.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for statement in BREAK[name].split(";"):
            connection.exec_driver_sql(statement)

    with sqlite_store.read() as connection:
        assert name in {each.name for each in violations(connection, TUESDAY)}
