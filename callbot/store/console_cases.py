"""The case card, and the recording behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.store.console_pages import pages_of_case
from callbot.store.console_people import PERSON_COLUMNS, phones_of, weeks_of, who_of
from callbot.store.console_scope import Scope
from callbot.store.console_views import AttemptView, CallView, CaseCard, EventView, SignalView, TurnView
from callbot.store.tables import (
    accounts,
    answers,
    attempts,
    calls,
    case_events,
    cases,
    persons,
    requests,
    signals,
    turns,
    workers,
)
from callbot.understand.meaning import AnswerValue, Category, Level, Topic


def case_card(connection: Connection, scope: Scope, case_id: int, now: datetime) -> CaseCard | None:
    """Everything needed to decide; None: unknown, or not in scope."""
    asked = (
        sa.select(cases, *[column.label(f"p_{column.name}") for column in PERSON_COLUMNS], *PERSON_COLUMNS)
        .select_from(cases.join(persons, cases.c.person_id == persons.c.id))
        .where(scope.of_persons(), cases.c.id == case_id)
    )
    row = connection.execute(asked).first()
    if row is None:
        return None
    at = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    person_id = at[cases.c.person_id]
    found = _signals(connection, case_id)
    call_id = at[cases.c.call_id] or next((signal.call_id for signal in found), None)
    names = account_names(connection)
    return CaseCard(
        id=case_id,
        who=who_of(row, now, phones_of(connection, [person_id]).get(person_id, ())),
        kind=at[cases.c.kind],
        level=Level(at[cases.c.level]),
        state=at[cases.c.state],
        summary=at[cases.c.summary] or "",
        opened=at[cases.c.opened_at],
        raised=at[cases.c.raised_at],
        acknowledged=at[cases.c.acknowledged_at],
        acknowledged_by=names.get(at[cases.c.acknowledged_by]),
        closed=at[cases.c.closed_at],
        closed_by=names.get(at[cases.c.closed_by]),
        outcome=at[cases.c.outcome],
        note=at[cases.c.note] or "",
        follow_up=at[cases.c.follow_up_on],
        next_step=at[cases.c.next_step_at],
        version=at[cases.c.version],
        signals=found,
        requests=_requests(connection, case_id),
        call=call_view(connection, call_id) if call_id else None,
        attempts=_attempts(connection, at[cases.c.due_contact_id]),
        events=_events(connection, case_id, names),
        pages=pages_of_case(connection, case_id),
        weeks=weeks_of(connection, [person_id]).get(person_id, ()),
    )


def case_in_scope(connection: Connection, scope: Scope, case_id: int) -> bool:
    """It exists, and this account may act on it."""
    asked = sa.select(cases.c.id).join(persons, cases.c.person_id == persons.c.id)
    return connection.scalar(asked.where(scope.of_persons(), cases.c.id == case_id)) is not None


def account_names(connection: Connection) -> dict[int, str]:
    """What each account is called: the worker's name, else the login."""
    asked = sa.select(accounts.c.id, accounts.c.login, workers.c.name).select_from(
        accounts.outerjoin(workers, accounts.c.worker_id == workers.c.id)
    )
    return {row.id: row.name or row.login for row in connection.execute(asked)}


def call_view(connection: Connection, call_id: int) -> CallView | None:
    """One call's words. The caller has checked its scope."""
    row = connection.execute(sa.select(calls).where(calls.c.id == call_id)).first()
    if row is None:
        return None
    said = connection.execute(sa.select(turns).where(turns.c.call_id == call_id).order_by(turns.c.position))
    given = connection.execute(sa.select(answers.c.topic, answers.c.value).where(answers.c.call_id == call_id))
    return CallView(
        id=row.id,
        started=row.answered_at,
        ended=row.ended_at,
        spoke=row.who,
        seconds=row.recording_seconds or row.seconds,
        turns=_as_heard(
            TurnView(
                turn.position, turn.who, turn.text, Topic(turn.topic) if turn.topic else None, turn.audio_offset_s,
                turn.rejected, turn.confidence,
            )
            for turn in said
        ),
        has_recording=bool(row.recording_path and row.recording_key and row.recording_erased_at is None),
        erased=row.recording_erased_at,
        recording_cut=row.recording_complete is False,
        without=tuple(filter(None, (row.without or "").split(","))),
        answers={Topic(answer.topic): AnswerValue(answer.value) for answer in given},
    )  # fmt: skip


def _as_heard(said: Iterable[TurnView]) -> tuple[TurnView, ...]:
    """In the order of the recording; a turn without a place in it stays behind the one it was written after.

    The order of writing differs where two spoke at once: the bot's first line is written before the "여보세요" it follows.
    """
    placed: list[tuple[float, TurnView]] = []
    for turn in said:
        before = placed[-1][0] if placed else 0.0
        placed.append((turn.audio_offset_s if turn.audio_offset_s is not None else before, turn))
    return tuple(turn for _, turn in sorted(placed, key=lambda pair: pair[0]))


@dataclass(frozen=True)
class Recording:
    """Where one call's sound lies, and the wrapped key to it."""

    call_id: int
    person_id: int
    path: str
    key: bytes
    running: bool
    """The call is not over: the file still grows."""


def recording(connection: Connection, scope: Scope, call_id: int) -> Recording | None:
    """None: unknown, not in scope, never recorded, or erased."""
    row = connection.execute(
        sa.select(calls)
        .select_from(calls.join(persons, calls.c.person_id == persons.c.id))
        .where(scope.of_persons(), calls.c.id == call_id, calls.c.recording_erased_at.is_(None))
    ).first()
    if row is None or not row.recording_path or row.recording_key is None:
        return None
    return Recording(row.id, row.person_id, row.recording_path, row.recording_key, row.ended_at is None)


def _signals(connection: Connection, case_id: int) -> tuple[SignalView, ...]:
    rows = connection.execute(sa.select(signals).where(signals.c.case_id == case_id).order_by(signals.c.id))
    found = [
        SignalView(
            Category(row.category), Level(row.level), row.rule, row.rule_version, row.quote, row.reason or "",
            row.call_id, row.turn, row.audio_offset_s, row.unconfirmed and row.confirmed_at is None, tuple(row.guards),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda signal: -signal.level.rank))


def _requests(connection: Connection, case_id: int) -> tuple[tuple[str, str], ...]:
    asked = sa.select(requests.c.kind, requests.c.quote).where(requests.c.case_id == case_id).order_by(requests.c.id)
    return tuple((row.kind, row.quote) for row in connection.execute(asked))


def _attempts(connection: Connection, due_id: int | None) -> tuple[AttemptView, ...]:
    if due_id is None:
        return ()
    asked = sa.select(attempts).where(attempts.c.due_contact_id == due_id).order_by(attempts.c.number)
    return tuple(
        AttemptView(
            number=row.number,
            state=row.state,
            ended_as=row.end,
            cause=row.cause,
            tech_cause=row.tech_cause,
            detail=row.detail or "",
            started=row.dialling_at,
            ringing=row.ringing_at,
            answered=row.answered_at,
            ended=row.ended_at,
        )
        for row in connection.execute(asked)
    )


def _events(connection: Connection, case_id: int, names: dict[int, str]) -> tuple[EventView, ...]:
    asked = sa.select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.id.desc())
    return tuple(
        EventView(row.at, row.what, row.level, names.get(row.account_id, ""), row.detail or "")
        for row in connection.execute(asked)
    )
