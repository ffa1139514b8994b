"""After a crash: nothing stays "under way" for ever, and nothing that may have rung is rung again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.converse.outcome import ContactResult
from callbot.dial.attempt import AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.due_contact import Disposition
from callbot.schedule.ladder import RetryCause
from callbot.store.attempt_rows import Lease, end_attempt, give_back, is_lost, locked_attempt, lost
from callbot.store.call_rows import call_of_attempt, end_call_unfinished
from callbot.store.database import Store
from callbot.store.due_rows import call_again_at, expired, locked_due
from callbot.workflows.settle import finish_due, give_up, must_not_be_called, settle

BATCH = 100


@dataclass(frozen=True)
class Recovered:
    """What was found."""

    interrupted: tuple[int, ...]
    """Attempts that had been dialled: ended, their number is spent, the ladder goes on."""
    given_back: tuple[int, ...]
    """Attempts that were only claimed: nothing rang, they are due again."""


def recover(
    store: Store,
    now: datetime,
    live_keys: frozenset[str] = frozenset(),
    owner: str | None = None,
    *,
    unrenewed: Mapping[int, Lease] | None = None,
) -> Recovered:
    """End what no living process holds.

    `live_keys`: keys of the attempts that this process is handling. `owner`: our own name; whatever carries it and is not
    live was left by our dead predecessor, so at start `recover(store, now, frozenset(), owner)` waits for no lease. Call it
    after the orphaned channels of the exchange were hung up: only then does nobody hear a second ring. `unrenewed`: leases
    that nobody has renewed for as long as a lease lasts (dial/clock_watch.py), in place of asking the wall clock, which may
    have jumped while another process talks.
    """
    interrupted: list[int] = []
    given_back: list[int] = []
    with store.read() as connection:
        ids = None if unrenewed is None else frozenset(unrenewed)
        found = lost(connection, now, live_keys=live_keys, owner=owner, unrenewed=ids)
    for attempt_id, due_id in found:
        with store.write() as connection:
            due = locked_due(connection, due_id)
            attempt = locked_attempt(connection, attempt_id)
            if not is_lost(attempt, now, live_keys=live_keys, owner=owner, leases=unrenewed):
                continue
            if attempt.state is AttemptState.CLAIMED:
                give_back(connection, attempt)
                call_again_at(connection, due, now)
                given_back.append(attempt_id)
                continue
            end_attempt(connection, attempt, AttemptEnd.INTERRUPTED, now=now, detail="owner_lost")
            call_id = call_of_attempt(connection, attempt_id)
            if call_id is not None:
                end_call_unfinished(connection, call_id, now)
            settle(connection, due, AttemptEnd.INTERRUPTED, ContactResult.NO_CONTACT, now, call_id=call_id)
            interrupted.append(attempt_id)
    return Recovered(tuple(interrupted), tuple(given_back))


def expire_due(store: Store, now: datetime) -> int:
    """End the due contacts whose time is over; how many. Every one of them opens a case, unless it was suspended."""
    ended = 0
    while True:
        with store.write() as connection:
            ids = expired(connection, now, BATCH)
            for due_id in ids:
                _expire(connection, due_id, now)
        ended += len(ids)
        if len(ids) < BATCH:
            return ended


def _expire(connection: Connection, due_id: int, now: datetime) -> None:
    due = locked_due(connection, due_id)
    if must_not_be_called(connection, due.person_id, now):
        finish_due(connection, due, Disposition.SUSPENDED, "hold_or_consent", now)
    else:
        give_up(connection, due, RetryCause.DEFAULT, now, why="expired")
