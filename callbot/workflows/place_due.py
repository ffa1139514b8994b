"""Claim what is due, and give the order to dial. Claiming and dialling are two transactions; the telephone is between."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.dial.attempt import AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.guard import SUSPENDING, Circumstances, Refusal, refusal
from callbot.people.numbers import dialled
from callbot.people.person import Callee
from callbot.schedule.due_contact import Disposition
from callbot.schedule.ladder import RetryCause
from callbot.store.attempt_rows import claim, due_of_attempt, end_attempt, held_attempt, step
from callbot.store.database import Store
from callbot.store.due_rows import DueContact, callees_until, due_now, locked_due, open_due, script_of
from callbot.store.people_rows import NumberRow, addressee, consent_to_call, held, is_active, own_numbers
from callbot.store.policy_rows import programme_of_person
from callbot.workflows.settle import Settled, finish_due, give_up, postpone

CLAIM_LEASE = timedelta(seconds=60)
DIAL_LEASE = timedelta(seconds=120)
"""Longer than any phone rings."""
LOOK_AGAIN = timedelta(minutes=10)
"""After a refusal that somebody may mend (no trunk yet, no number yet)."""
LOOK_AT_ONCE = 50


@dataclass(frozen=True)
class ClaimedAttempt:
    """Ours, until the lease runs out; not dialled yet."""

    attempt_id: int
    due_contact_id: int
    person_id: int
    number: int
    key: str
    """Unique for ever: Asterisk's ChannelId."""
    token: int


@dataclass(frozen=True)
class DueCallee:
    """Whom a due contact calls, by which script, in whose name."""

    person: Callee
    district: str
    caller_number: str
    script_name: str


@dataclass(frozen=True)
class DialOrder:
    """`dialling` is committed: originate exactly once. Whatever happens next, this attempt is never dialled again."""

    attempt_id: int
    due_contact_id: int
    token: int
    key: str
    number: int
    e164: str
    dialled: str
    """Digits as a Korean exchange expects them."""
    callee: DueCallee


@dataclass(frozen=True)
class DialRefused:
    """The guard said no in the last instant; the attempt has ended and what follows is written."""

    attempt_id: int
    reason: Refusal
    settled: Settled


def place_due(
    store: Store, now: datetime, free_channels: int, owner: str, *, trunk: bool = False
) -> list[ClaimedAttempt]:
    """Claim at most `free_channels` attempts. Due contacts that may not be called now are suspended, postponed or ended."""
    claimed: list[ClaimedAttempt] = []
    while len(claimed) < free_channels:
        wanted = min(free_channels - len(claimed), LOOK_AT_ONCE)
        with store.write() as connection:
            ids = due_now(connection, now, wanted)
            found = [_claim_or_settle(connection, due_id, now, owner, trunk=trunk) for due_id in ids]
        claimed += [attempt for attempt in found if attempt is not None]
        if len(ids) < wanted:
            break
    return claimed


def _claim_or_settle(
    connection: Connection, due_id: int, now: datetime, owner: str, *, trunk: bool
) -> ClaimedAttempt | None:
    due = locked_due(connection, due_id)
    number = number_to_call(connection, due)
    reason = refusal(circumstances(connection, due, number, now, trunk=trunk), now)
    if reason is not None or number is None:
        settle_refusal(connection, due, reason or Refusal.NO_NUMBER, now)
        return None
    attempt = claim(
        connection,
        due.id,
        due.attempts_used,
        person_number_id=number.id,
        owner=owner,
        lease_until=now + CLAIM_LEASE,
        now=now,
    )
    open_due(connection, due, attempt.number)
    return ClaimedAttempt(attempt.id, due.id, due.person_id, attempt.number, attempt.key, attempt.token)


def start_dialling(
    store: Store, claimed: ClaimedAttempt, now: datetime, *, trunk: bool = False
) -> DialOrder | DialRefused:
    """Ask the guard once more and commit `dialling`; only then may the caller originate. Raises StaleToken."""
    with store.write() as connection:
        due = locked_due(connection, due_of_attempt(connection, claimed.attempt_id))
        attempt = held_attempt(connection, claimed.attempt_id, claimed.token)
        number = number_to_call(connection, due)
        reason = refusal(circumstances(connection, due, number, now, trunk=trunk), now)
        if reason is not None or number is None:
            reason = reason or Refusal.NO_NUMBER
            end_attempt(connection, attempt, AttemptEnd.WINDOW_CLOSED, now=now, detail=reason)
            return DialRefused(attempt.id, reason, settle_refusal(connection, due, reason, now))
        step(connection, attempt, AttemptState.DIALLING, lease_until=now + DIAL_LEASE, now=now)
        return DialOrder(
            attempt_id=attempt.id,
            due_contact_id=due.id,
            token=attempt.token,
            key=attempt.key,
            number=attempt.number,
            e164=number.e164,
            dialled=dialled(number.e164),
            callee=_callee(connection, due.person_id, due.script_name),
        )


def callee_of(store: Store, claimed: ClaimedAttempt) -> DueCallee:
    """Whom a claim is for: its lines are rendered before anything is dialled."""
    with store.read() as connection:
        return _callee(connection, claimed.person_id, script_of(connection, claimed.due_contact_id))


def callees_due(store: Store, until: datetime) -> list[DueCallee]:
    """Whom the contacts that are due by then will call, the soonest first."""
    with store.read() as connection:
        return [_callee(connection, person_id, script) for person_id, script in callees_until(connection, until)]


def _callee(connection: Connection, person_id: int, script_name: str) -> DueCallee:
    programme = programme_of_person(connection, person_id)
    person = addressee(connection, person_id)
    return DueCallee(person, programme.district, programme.caller_number, script_name)


def number_to_call(connection: Connection, due: DueContact) -> NumberRow | None:
    """The person's own number that the ladder has come to; None: there is none."""
    numbers = own_numbers(connection, due.person_id)
    return numbers[min(due.number_position, len(numbers) - 1)] if numbers else None


def circumstances(
    connection: Connection, due: DueContact, number: NumberRow | None, now: datetime, *, trunk: bool
) -> Circumstances:
    """All that the dial guard looks at, read in this transaction."""
    return Circumstances(
        e164=number.e164 if number else None,
        active=is_active(connection, due.person_id),
        held=held(connection, due.person_id, now),
        consent=consent_to_call(connection, due.person_id, now),
        window=due.window,
        expires_at=due.expires_at,
        trunk=trunk,
    )


def settle_refusal(connection: Connection, due: DueContact, reason: Refusal, now: datetime) -> Settled:
    """What follows from the guard's no: suspended, later, or given up as our failure."""
    if reason in SUSPENDING:
        return finish_due(connection, due, Disposition.SUSPENDED, reason, now)
    if reason is Refusal.EXPIRED:
        return give_up(connection, due, RetryCause.OURS, now, why=reason)
    wait = LOOK_AGAIN if reason in {Refusal.NO_NUMBER, Refusal.NOT_VIRTUAL} else timedelta(0)
    return postpone(connection, due, now, wait)
