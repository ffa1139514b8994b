"""An attempt is over: the call's outcome, what follows for the due contact, cases and pages: one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from callbot.assess.assessment import Assessment
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.dial.announced import end_announced
from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.case import CaseKind
from callbot.escalate.request_words import request_words
from callbot.people.numbers import Relation
from callbot.schedule.due_contact import Disposition
from callbot.store.attempt_rows import end_attempt, held_attempt
from callbot.store.call_rows import (
    add_request,
    call_of_attempt,
    call_row,
    close_recording,
    end_call_unfinished,
    person_spoke,
    save_outcome,
)
from callbot.store.database import Store
from callbot.store.due_rows import locked_due_of
from callbot.store.habit_rows import learn_habits
from callbot.store.incoming_rows import Incoming, end_incoming, incoming_of_attempt
from callbot.understand.meaning import Level, Request, Signal
from callbot.workflows.after_incoming import close_missed, go_on
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.raise_signals import take_signals
from callbot.workflows.remember import remember
from callbot.workflows.settle import Settled, settle
from callbot.workflows.take_incoming import CALLED_IN
from callbot.workflows.their_words import in_their_words
from callbot.workflows.word_of_contact import word_of_contact

END_BY_WHO: dict[WhoAnswered, AttemptEnd] = {
    WhoAnswered.PERSON: AttemptEnd.PERSON,
    WhoAnswered.OTHER_PERSON: AttemptEnd.OTHER_PERSON,
    WhoAnswered.VOICEMAIL: AttemptEnd.VOICEMAIL,
    WhoAnswered.ANNOUNCEMENT: AttemptEnd.ANNOUNCEMENT,
    WhoAnswered.SILENT: AttemptEnd.SILENT,
}


class KeptRecording(Protocol):
    """What finish_call needs of callbot.line.recording.Recording."""

    @property
    def seconds(self) -> float:
        """Length."""

    @property
    def sha256(self) -> str:
        """Of the plain bytes."""

    @property
    def complete(self) -> bool:
        """False: it ends before the call did."""


@dataclass(frozen=True)
class Finished:
    """What a finished attempt led to."""

    end: AttemptEnd
    settled: Settled


def finish_call(
    store: Store,
    attempt_id: int,
    token: int,
    outcome: Outcome,
    now: datetime,
    *,
    assessment: Assessment | None = None,
    recording: KeptRecording | None = None,
    pauses_s: Sequence[float] = (),
) -> Finished:
    """The conversation is over and came to `outcome`. Raises StaleToken. `pauses_s`: inside the sentences of who spoke."""
    with store.write() as connection:
        due = locked_due_of(connection, attempt_id)
        attempt = held_attempt(connection, attempt_id, token)
        call = call_row(connection, call_of_attempt(connection, attempt_id) or 0)
        outcome = _proven(connection, call, outcome)
        if attempt.relation is not Relation.SELF:
            outcome = word_of_contact(outcome)
        end = end_announced(outcome.told, END_BY_WHO[outcome.who])
        end_attempt(connection, attempt, end, now=now, detail=outcome.told)
        level = assessment.level if assessment is not None else None
        record = asdict(assessment) if assessment is not None else None
        save_outcome(connection, call.id, outcome, level=level, assessment=record, now=now)
        if attempt.relation is Relation.SELF and outcome.who is WhoAnswered.PERSON:
            learn_habits(connection, due.person_id, pauses_s, outcome.aid)
        if recording is not None:
            close_recording(connection, call.id, recording.sha256, recording.seconds, complete=recording.complete)
        _open_cases(connection, call, outcome, assessment, now)
        if attempt.relation is Relation.SELF and outcome.who is WhoAnswered.PERSON:
            remember(connection, due.person_id, call.id, outcome.memory, now)
        incoming = incoming_of_attempt(connection, attempt_id)
        if incoming is not None:
            end_incoming(connection, incoming.id, "check_in", now)
        if incoming is not None and _came_to_nothing(outcome, incoming):
            return Finished(end, go_on(connection, due, incoming, now))
        settled = settle(
            connection,
            due,
            end,
            outcome.result,
            now,
            reported=outcome.reported,
            call_id=call.id,
            told=outcome.told,
            wished=outcome.call_wish.moment(now) if outcome.call_wish is not None else None,
        )
        if settled.disposition is Disposition.CONTACTED:
            close_missed(connection, due.person_id, level, call.id, now)
        return Finished(end, settled)


def _came_to_nothing(outcome: Outcome, incoming: Incoming) -> bool:
    """A call-back that was no contact changes nothing; nor does "나중에" of somebody whom nobody owed a call."""
    unowed = incoming.slot.startswith(CALLED_IN) and outcome.result is ContactResult.CALL_AGAIN
    return unowed or outcome.result is ContactResult.NO_CONTACT


def finish_attempt(
    store: Store,
    attempt_id: int,
    token: int,
    end: AttemptEnd,
    now: datetime,
    *,
    cause: int | None = None,
    tech_cause: int | None = None,
    detail: str | None = None,
    trunk_down: bool = False,
) -> Finished:
    """No conversation was held, or it broke by our own fault: the network's word for it. Raises StaleToken.

    `detail`: which announcement it was, or a word of ours. `trunk_down`: it failed on a trunk whose breaker is open, which
    uses up no rung of the person's.

    Of a call that was under way everything said so far is kept; it is never contact by itself.
    """
    with store.write() as connection:
        due = locked_due_of(connection, attempt_id)
        attempt = held_attempt(connection, attempt_id, token)
        end_attempt(connection, attempt, end, now=now, cause=cause, tech_cause=tech_cause, detail=detail)
        call_id = call_of_attempt(connection, attempt_id)
        if call_id is not None:
            end_call_unfinished(connection, call_id, now)
        incoming = incoming_of_attempt(connection, attempt_id)
        if incoming is not None:
            end_incoming(connection, incoming.id, "failed", now)
            return Finished(end, go_on(connection, due, incoming, now))
        settled = settle(
            connection, due, end, ContactResult.NO_CONTACT, now, call_id=call_id, told=detail, trunk_down=trunk_down
        )
        return Finished(end, settled)


def _proven(connection: Connection, call: Row[Any], outcome: Outcome) -> Outcome:
    """Contact needs the person's own words in the transcript (design.md, invariant 2): without them it was none.

    `contacted_degraded` is believed: the dialogue saw the key press that it asked the person for by name.
    """
    if outcome.result is not ContactResult.CONTACTED:
        return outcome
    if outcome.who is WhoAnswered.PERSON and person_spoke(connection, call.id):
        return outcome
    return Outcome(
        who=WhoAnswered.SILENT if outcome.who is WhoAnswered.PERSON else outcome.who,
        result=ContactResult.NO_CONTACT,
        answers=outcome.answers,
        signals=outcome.signals,
        requests=outcome.requests,
        reported=outcome.reported,
        told=outcome.told,
        call_wish=outcome.call_wish,
        hung_up=outcome.hung_up,
        completed=False,
    )


def _open_cases(
    connection: Connection, call: Row[Any], outcome: Outcome, assessment: Assessment | None, now: datetime
) -> None:
    signals: Sequence[Signal] = assessment.signals if assessment is not None else outcome.signals
    take_signals(connection, call, signals, now)
    if assessment is not None and assessment.unassessable and outcome.result is ContactResult.CONTACTED:
        join_case(connection, _unassessable(call), now)
    wishes = assessment.requests if assessment is not None else outcome.requests
    if wishes:
        change = join_case(connection, _wishes(call, wishes), now)
        for wish in wishes:
            add_request(connection, call, wish, change.case_id, now)


def _unassessable(call: Row[Any]) -> Matter:
    return Matter(
        person_id=call.person_id,
        kind=CaseKind.MISSED,
        level=Level.UNASSESSABLE,
        wording=Wording("통화했으나 거의 못 알아들음"),
        summary="통화는 되었으나 말씀을 거의 알아듣지 못했습니다. 직접 확인해 주세요.",
        cause=f"call/{call.id}/unassessable",
        due_contact_id=call.due_contact_id,
        call_id=call.id,
        attempt_id=call.attempt_id,
    )


def _wishes(call: Row[Any], wishes: Sequence[Request]) -> Matter:
    words = request_words([wish.kind for wish in wishes])
    return Matter(
        person_id=call.person_id,
        kind=CaseKind.REQUEST,
        level=Level.WATCH,
        wording=Wording(words),
        summary=f"{words}이 있었습니다.{in_their_words(wishes)}",
        cause=f"call/{call.id}/requests",
        due_contact_id=call.due_contact_id,
        call_id=call.id,
        attempt_id=call.attempt_id,
    )
