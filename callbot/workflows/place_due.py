"""Claim what is due, and give the order to dial. Claiming and dialling are two transactions; the telephone is between."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.converse.background import NOTHING, Background
from callbot.dial.attempt import AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.guard import SUSPENDING, Circumstances, Refusal, refusal
from callbot.dial.trunk_choice import Route
from callbot.people.numbers import Relation, dialled
from callbot.people.person import Callee
from callbot.schedule.due_contact import Disposition
from callbot.schedule.ladder import RetryCause, next_call_at, next_midnight
from callbot.store.attempt_rows import claim, end_attempt, held_attempt, number_of_attempt, step
from callbot.store.database import Store
from callbot.store.due_rows import (
    DueContact,
    call_again_at,
    callees_until,
    due_now,
    locked_due,
    locked_due_of,
    open_due,
    script_of,
    under_way,
)
from callbot.store.people_rows import NumberRow, addressee, number_called, standing_of
from callbot.store.policy_rows import programme_of_person
from callbot.store.reach_rows import campaign_stopped, has_the_day
from callbot.store.ring_rows import ring_seconds
from callbot.workflows.ladder_steps import may_ring_today, number_to_call
from callbot.workflows.remember import background_of
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
    relation: Relation = Relation.SELF
    """Whose number is called: a guardian's word about the person is never contact."""
    contact_name: str | None = None
    background: Background = field(default=NOTHING, hash=False)
    """What is known from earlier calls; nothing of it for a guardian or neighbour."""


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
    ring_s: float | None = None
    """Of this person, or of their programme; None: as the installation rings."""
    route: Route | None = None
    """None: a virtual recipient, who is on no trunk."""
    position: int = 1
    """Of this call within the attempt: 2 is on the second trunk. Each has a key of its own."""

    @property
    def attempt_key(self) -> str:
        """The attempt's own key, whichever trunk it is on."""
        return self.key.partition(".")[0]


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
    number = number_to_call(connection, due, now)
    reason = refusal(circumstances(connection, due, number, now, trunk=trunk), now)
    if reason is not None or number is None:
        settle_refusal(connection, due, reason or Refusal.NO_NUMBER, now)
        return None
    if not has_its_turn(connection, due, number, now):
        return None
    attempt = claim(
        connection,
        due.id,
        due.attempts_used,
        person_number_id=number.id,
        relation=number.relation,
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
        return commit_dialling(connection, claimed, now, trunk=trunk)


def commit_dialling(
    connection: Connection, claimed: ClaimedAttempt, now: datetime, *, trunk: bool
) -> DialOrder | DialRefused:
    """The same, inside a transaction of the caller's (which may choose a trunk in it: workflows/trunk_calls.py)."""
    due = locked_due_of(connection, claimed.attempt_id)
    attempt = held_attempt(connection, claimed.attempt_id, claimed.token)
    number = number_to_call(connection, due, now)
    if number is not None and number.id != attempt.person_number_id:
        number = None  # edited since it was claimed: claimed afresh, with the right number on its attempt
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
        callee=callee_as_known(connection, due.person_id, due.script_name, now, number),
        ring_s=ring_seconds(connection, due.person_id),
    )


def callee_of(store: Store, claimed: ClaimedAttempt, now: datetime) -> DueCallee:
    """Whom a claim is for: its lines are rendered before anything is dialled."""
    with store.read() as connection:
        number = number_called(connection, number_of_attempt(connection, claimed.attempt_id))
        return callee_as_known(
            connection, claimed.person_id, script_of(connection, claimed.due_contact_id), now, number
        )


def callees_due(store: Store, until: datetime) -> list[DueCallee]:
    """Whom the contacts that are due by then will call, the soonest first."""
    with store.read() as connection:
        return [
            callee_as_known(connection, person_id, script, until)
            for person_id, script in callees_until(connection, until)
        ]


def callee_as_known(
    connection: Connection, person_id: int, script_name: str, now: datetime, number: NumberRow | None = None
) -> DueCallee:
    """Whom a call is for, by which script, and what it knows of earlier calls.

    A script of the person's own stands in the place of the programme's, never of a campaign's or of one that was asked for.
    """
    programme = programme_of_person(connection, person_id)
    person = addressee(connection, person_id)
    relation, contact_name = (number.relation, number.contact_name) if number is not None else (Relation.SELF, None)
    background = background_of(connection, person_id, now) if relation is Relation.SELF else NOTHING
    if script_name == programme.script_name:
        script_name = person.script_name or script_name
    return DueCallee(
        person, programme.district, programme.caller_number, script_name, relation, contact_name, background
    )


def has_its_turn(connection: Connection, due: DueContact, number: NumberRow, now: datetime) -> bool:
    """False, and put off: somebody is calling this person already, their phone rang often enough today, or another
    contact has the day (only a campaign's waits for that)."""
    midnight = next_midnight(now)
    if due.campaign_id is not None and has_the_day(connection, due, midnight - timedelta(days=1), midnight):
        at = next_call_at(midnight, due.expires_at, due.window)
        if at is None:
            finish_due(connection, due, Disposition.SUSPENDED, "covered", now)
        else:
            call_again_at(connection, due, at)
        return False
    if under_way(connection, due.person_id):
        postpone(connection, due, now, LOOK_AGAIN)
        return False
    if not may_ring_today(connection, due, number, now):
        postpone(connection, due, now, midnight - now)
        return False
    return True


def circumstances(
    connection: Connection, due: DueContact, number: NumberRow | None, now: datetime, *, trunk: bool
) -> Circumstances:
    """All that the dial guard looks at, read in this transaction."""
    standing = standing_of(connection, due.person_id, now)
    return Circumstances(
        e164=number.e164 if number else None,
        active=standing.active,
        held=standing.held,
        consent=standing.consent,
        window=due.window,
        expires_at=due.expires_at,
        trunk=trunk,
        stopped=campaign_stopped(connection, due.campaign_id),
    )


def settle_refusal(connection: Connection, due: DueContact, reason: Refusal, now: datetime) -> Settled:
    """What follows from the guard's no: suspended, later, or given up as our failure."""
    if reason in SUSPENDING:
        return finish_due(connection, due, Disposition.SUSPENDED, reason, now)
    if reason is Refusal.EXPIRED:
        return give_up(connection, due, RetryCause.OURS, now, why=reason)
    wait = LOOK_AGAIN if reason in {Refusal.NO_NUMBER, Refusal.NOT_A_PERSONS, Refusal.NOT_VIRTUAL} else timedelta(0)
    return postpone(connection, due, now, wait)
