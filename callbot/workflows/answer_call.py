"""While an attempt rings and a call runs: what happened, as it happens, under the attempt's token."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from callbot.converse.transcript import Turn
from callbot.dial.attempt import AttemptState
from callbot.store.attempt_rows import StaleToken, extend_lease, held_attempt, step
from callbot.store.call_rows import call_of_attempt, call_row, name_recording, save_turns, start_call
from callbot.store.database import Store
from callbot.store.due_rows import locked_due_of
from callbot.store.sealed_file import new_data_key
from callbot.workflows.place_due import DIAL_LEASE

CALL_LEASE = timedelta(seconds=60)
"""Renewed by every turn and by `renew_lease`; a call whose process died is known as lost after this."""


def note_ringing(store: Store, attempt_id: int, token: int, now: datetime) -> None:
    """The phone rings. Raises StaleToken."""
    with store.write() as connection:
        attempt = held_attempt(connection, attempt_id, token)
        if attempt.state is AttemptState.DIALLING:  # ringing is reported more than once by some networks
            step(connection, attempt, AttemptState.RINGING, lease_until=now + DIAL_LEASE, now=now)


def note_answered(
    store: Store,
    attempt_id: int,
    token: int,
    now: datetime,
    script_version: int | None = None,
    *,
    script_name: str | None = None,
) -> int:
    """The line is open (which is not contact). The call's id; the same at a second report. Raises StaleToken.

    `script_name`: the one really held, where it is not the due contact's.
    """
    with store.write() as connection:
        due = locked_due_of(connection, attempt_id)
        attempt = held_attempt(connection, attempt_id, token)
        known = call_of_attempt(connection, attempt_id)
        if known is not None:
            return known
        step(connection, attempt, AttemptState.ANSWERED, lease_until=now + CALL_LEASE, now=now)
        script = (script_name or due.script_name, script_version)
        return start_call(connection, attempt_id, due.person_id, script=script, now=now)


def renew_lease(store: Store, attempt_id: int, token: int, now: datetime) -> None:
    """We are alive. Raises StaleToken."""
    with store.write() as connection:
        extend_lease(connection, held_attempt(connection, attempt_id, token), now + CALL_LEASE)


def start_recording(store: Store, call_id: int, token: int, path: str) -> bytes:
    """A data key for this call's recording, kept wrapped in the ledger before the first byte is written.

    `path` is relative to the data directory. Raises StaleToken.
    """
    plain, wrapped = new_data_key(store.keys, call_id)
    with store.write() as connection:
        call = call_row(connection, call_id)
        held_attempt(connection, call.attempt_id, token)
        if call.recording_path is not None:
            raise StaleToken(f"call {call_id} already has a recording")
        name_recording(connection, call_id, path, wrapped)
    return plain


def record_turn(store: Store, call_id: int, token: int, turn: Turn, now: datetime) -> None:
    """Save a turn as it happens; the same index again replaces it (an interrupted line). Raises StaleToken."""
    record_turns(store, call_id, token, (turn,), now)


def record_turns(store: Store, call_id: int, token: int, turns: Sequence[Turn], now: datetime) -> None:
    """The same for all that wait, in one transaction. Raises StaleToken."""
    with store.write() as connection:
        attempt = held_attempt(connection, call_row(connection, call_id).attempt_id, token)
        save_turns(connection, call_id, turns, now)
        extend_lease(connection, attempt, now + CALL_LEASE)
