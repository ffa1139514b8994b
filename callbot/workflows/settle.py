"""After an attempt: call again by the ladder, or end the due contact with its one disposition, and open what follows.

Everything here runs inside the transaction that ends the attempt: between "the attempt failed" and "this is what happens
next" there is no moment at which a crash could lose somebody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.converse.outcome import ContactResult
from callbot.dial.announced import effect_of
from callbot.dial.attempt import OUR_FAULT
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.retry_cause import RETRY_CAUSE
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import Disposition
from callbot.schedule.ladder import CallAgain, Effect, RetryCause, after_attempt, next_call_at
from callbot.store.attempt_rows import end_attempt, waiting_attempt
from callbot.store.due_rows import DueContact, call_again_at, end_due
from callbot.store.people_rows import NumberRow, add_hold, own_numbers, standing_of
from callbot.store.reach_rows import campaign_stopped, own_ends
from callbot.understand.meaning import Reported
from callbot.workflows.disposition_case import TOLD_BY_CONTACT, VISIT, matter_of, number_to_correct
from callbot.workflows.ladder_steps import contacts_left, reach_of, take_effects
from callbot.workflows.notify_person import notify_missed
from callbot.workflows.open_case import join_case
from callbot.workflows.plan_wish import plan_wish


@dataclass(frozen=True)
class Settled:
    """Exactly one of the two is set."""

    disposition: Disposition | None = None
    next_attempt_at: datetime | None = None


FINAL: dict[ContactResult, tuple[Disposition, str]] = {
    ContactResult.CONTACTED: (Disposition.CONTACTED, "contacted"),
    ContactResult.CONTACTED_DEGRADED: (Disposition.CONTACTED_DEGRADED, "keys_only"),
    ContactResult.REFUSED: (Disposition.REFUSED, "not_today"),
    ContactResult.DO_NOT_CALL: (Disposition.REFUSED, "do_not_call"),
}
"""Results that end the due contact at once, with their disposition and reason."""

NEXT_NUMBER_AFTER = timedelta(minutes=1)
"""A number that cannot exist says nothing about the person: their other number is tried at once."""

TRUNK_DOWN_WAIT = timedelta(minutes=1)
"""Then the contact is due again; it is claimed once a trunk can be dialled on."""

HOLD_FOR: dict[Reported, HoldReason] = {
    Reported.DEAD: HoldReason.DEAD,
    Reported.IN_HOSPITAL: HoldReason.HOSPITAL,
    Reported.MOVED: HoldReason.MOVED,
}


def settle(
    connection: Connection,
    due: DueContact,
    end: AttemptEnd,
    result: ContactResult,
    now: datetime,
    *,
    reported: Reported | None = None,
    call_id: int | None = None,
    told: str | None = None,
    wished: datetime | None = None,
    trunk_down: bool = False,
) -> Settled:
    """Apply what an ended attempt came to; `due` is locked by the caller. `told`: see Outcome. `wished`: "다섯 시에 해요".

    `trunk_down`: nothing was dialled with effect, so the person is called again without a rung.
    """
    if trunk_down and not must_not_be_called(connection, due.person_id, now):
        return postpone(connection, due, now, TRUNK_DOWN_WAIT)
    if result in FINAL:
        if result is ContactResult.DO_NOT_CALL:
            add_hold(connection, due.person_id, HoldReason.DO_NOT_CALL, now=now, by="call")
        return finish_due(connection, due, *FINAL[result], now, call_id=call_id)
    if result is ContactResult.REPORTED:
        if reported is not None:
            add_hold(connection, due.person_id, HOLD_FOR[reported], now=now, by="call")
        why = reported.value if reported is not None else TOLD_BY_CONTACT
        return finish_due(connection, due, Disposition.REPORTED, why, now, call_id=call_id)
    effect = effect_of(told)
    if effect is not None and effect.number_is_bad and told is not None and due.call_number_id is None:
        return other_number(connection, due, told, now)
    by_end = effect.cause if effect is not None else RETRY_CAUSE[end]
    if result is ContactResult.CALL_AGAIN:
        return _at_another_time(connection, due, end, now, wished, call_id)
    return climb_ladder(connection, due, end, by_end, now)


def _at_another_time(
    connection: Connection,
    due: DueContact,
    end: AttemptEnd,
    now: datetime,
    wished: datetime | None,
    call_id: int | None,
) -> Settled:
    """Today by the ladder, at the time that was said where the hours allow it; another day is a due contact of its own."""
    if wished is not None and next_call_at(wished, due.expires_at, due.window) is None:
        day = plan_wish(connection, due, wished, now)
        if day is not None:
            return finish_due(connection, due, Disposition.REFUSED, f"asked_for_{day:%m-%d}", now, call_id=call_id)
    return climb_ladder(connection, due, end, RetryCause.ASKED, now, wished=wished)


def climb_ladder(
    connection: Connection,
    due: DueContact,
    end: AttemptEnd,
    cause: RetryCause,
    now: datetime,
    wished: datetime | None = None,
) -> Settled:
    """Call again, or give up. A wished time takes the place of the rung's, where the hours allow it."""
    if must_not_be_called(connection, due.person_id, now):
        return finish_due(connection, due, Disposition.SUSPENDED, "hold_or_consent", now)
    if campaign_stopped(connection, due.campaign_id):
        return finish_due(connection, due, Disposition.SUSPENDED, "campaign_stopped", now)
    if end is AttemptEnd.WINDOW_CLOSED:
        return postpone(connection, due, now)
    if end is AttemptEnd.BAD_NUMBER and due.call_number_id is None:
        return other_number(connection, due, "bad_number", now)
    contacts = contacts_left(connection, due, now)
    reach = reach_of(connection, due, contacts, now)
    window, expires_at = due.window, due.expires_at
    decision = after_attempt(
        due.ladder, due.rungs_used, cause, now=now, expires_at=expires_at, window=window, reach=reach
    )
    if not isinstance(decision, CallAgain):
        visit = Effect.VISIT in decision.effects
        take_effects(connection, due, tuple(each for each in decision.effects if each is Effect.SMS), now)
        return give_up(connection, due, cause, now, why=VISIT if visit else "ladder_ended")
    take_effects(connection, due, decision.effects, now)
    if wished is not None and wished > now and (at := next_call_at(wished, due.expires_at, due.window)) is not None:
        decision = replace(decision, at=at)
    spared = decision.rungs_used == due.rungs_used
    call_again_at(
        connection,
        due,
        decision.at,
        rungs_used=decision.rungs_used,
        number_position=due.number_position + int(decision.next_number),
        call_number_id=_contact(contacts, decision) if not spared else due.call_number_id,
    )
    return Settled(next_attempt_at=decision.at)


def _contact(contacts: tuple[NumberRow, ...], decision: CallAgain) -> int | None:
    return None if decision.contact is None else contacts[decision.contact].id


def postpone(connection: Connection, due: DueContact, now: datetime, wait: timedelta = timedelta(0)) -> Settled:
    """The attempt could not be dialled now: again when the window opens, without using a rung."""
    at = next_call_at(now + wait, due.expires_at, due.window)
    if at is None:
        return give_up(connection, due, RetryCause.OURS, now)
    call_again_at(connection, due, at)
    return Settled(next_attempt_at=at)


def other_number(connection: Connection, due: DueContact, why: str, now: datetime) -> Settled:
    """This number is of no use today (`why`: a key of BAD_NUMBER_KO): the person's next one, and a human corrects it."""
    if must_not_be_called(connection, due.person_id, now):
        return finish_due(connection, due, Disposition.SUSPENDED, "hold_or_consent", now)
    at = next_call_at(now + NEXT_NUMBER_AFTER, due.expires_at, due.window)
    numbers = own_numbers(connection, due.person_id)
    if at is None or due.number_position + 1 >= len(numbers):
        return give_up(connection, due, RetryCause.DEFAULT, now, why=why)
    join_case(connection, number_to_correct(due, numbers[due.number_position].e164, why), now)
    call_again_at(connection, due, at, number_position=due.number_position + 1)
    return Settled(next_attempt_at=at)


def give_up(
    connection: Connection, due: DueContact, cause: RetryCause, now: datetime, why: str = "ladder_ended"
) -> Settled:
    """No more attempts: whose fault was it?"""
    ends = own_ends(connection, due.id)
    if cause is RetryCause.ASKED:
        return finish_due(connection, due, Disposition.REFUSED, "asked_for_later", now)
    if all(end in OUR_FAULT for end in ends):
        return finish_due(connection, due, Disposition.FAILED_BY_US, why, now)
    notify_missed(connection, due.person_id, due.id, now)
    return finish_due(connection, due, Disposition.NOT_REACHED, why, now)


def must_not_be_called(connection: Connection, person_id: int, now: datetime) -> bool:
    """A hold, consent withdrawn, or no longer in the programme."""
    return not standing_of(connection, person_id, now).may_be_called


def finish_due(
    connection: Connection,
    due: DueContact,
    disposition: Disposition,
    why: str,
    now: datetime,
    *,
    call_id: int | None = None,
) -> Settled:
    """The one end, and the case that it opens."""
    waiting = waiting_attempt(connection, due.id)
    if waiting is not None:
        end_attempt(connection, waiting, AttemptEnd.WINDOW_CLOSED, now=now, detail="due_ended")
    end_due(connection, due, disposition, why, now)
    matter = matter_of(connection, due, disposition, why, call_id=call_id)
    if matter is not None:
        join_case(connection, matter, now)
    return Settled(disposition=disposition)
