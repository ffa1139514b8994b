"""The board: everybody who matters today, each once, worst first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.dial.attempt import ON_THE_LINE
from callbot.escalate.case import CaseKind, CaseState
from callbot.escalate.page_state import PageState
from callbot.schedule.due_contact import DueState
from callbot.schedule.window import SEOUL
from callbot.store.console_people import PERSON_COLUMNS, call_levels, last_contacts, who_of
from callbot.store.console_scope import Scope
from callbot.store.console_views import Board, BoardRow, Section, SignalLine
from callbot.store.tables import accounts, attempts, cases, due_contacts, pages, persons, signals, workers
from callbot.understand.meaning import Category, Level

SECTION_OF_KIND = {
    CaseKind.DISTRESS: Section.RISK,
    CaseKind.REPORT: Section.RISK,
    CaseKind.MISSED: Section.MISSED,
    CaseKind.REFUSAL: Section.REQUEST,
    CaseKind.REQUEST: Section.REQUEST,
    CaseKind.REVIEW: Section.REQUEST,
}
NOTHING_HAPPENED = ("covered", "schedule_changed", "campaign_stopped")
"""Why a contact was ended without a word to or from anybody: no line of today's board."""
ORDER = {section: place for place, section in enumerate(Section)}
FAR = datetime.max.replace(tzinfo=SEOUL)


def board(connection: Connection, scope: Scope, now: datetime) -> Board:
    """Open cases of any day, and today's due contacts of everybody who has none."""
    case_rows = _case_rows(connection, scope, now)
    due_rows = _due_rows(connection, scope, now)
    calling = {row.who.id for row in due_rows if row.section is Section.RUNNING}
    with_case = {row.who.id for row in case_rows}
    rows = [replace(row, in_call=row.who.id in calling) for row in case_rows]
    rows += _one_each(row for row in due_rows if row.who.id not in with_case)
    last = last_contacts(connection, {row.who.id for row in rows})
    rows = sorted((replace(row, last_contact=last.get(row.who.id)) for row in rows), key=_urgency)
    return Board(tuple(rows), running=len(calling), unsent_pages=count_unsent(connection, scope))


def open_cases(connection: Connection, scope: Scope, now: datetime) -> tuple[BoardRow, ...]:
    """Every open case, worst first."""
    rows = _case_rows(connection, scope, now)
    last = last_contacts(connection, {row.who.id for row in rows})
    return tuple(sorted((replace(row, last_contact=last.get(row.who.id)) for row in rows), key=_urgency))


def _one_each(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """Somebody with a regular contact and a campaign's is listed once: with what runs, else with what is over, else next."""
    first: dict[int, BoardRow] = {}
    for row in sorted(rows, key=lambda row: (ORDER[row.section], row.at or FAR)):
        first.setdefault(row.who.id, row)
    return list(first.values())


def _urgency(row: BoardRow) -> tuple[int, int, bool, datetime, int]:
    rank = -row.level.rank if row.level and row.case_id else 0
    taken = row.kind_state == CaseState.ACKNOWLEDGED
    return ORDER[row.section], rank, taken, row.since or row.at or FAR, row.who.id


def count_unsent(connection: Connection, scope: Scope) -> int:
    """Pages that no provider could be given."""
    asked = (
        sa.select(sa.func.count())
        .select_from(pages.join(cases, pages.c.case_id == cases.c.id).join(persons, cases.c.person_id == persons.c.id))
        .where(scope.of_persons(), pages.c.state.in_([PageState.UNSENT, PageState.FAILED]))
    )
    return connection.scalar(asked) or 0


def _case_rows(connection: Connection, scope: Scope, now: datetime) -> list[BoardRow]:
    handler = accounts.outerjoin(workers, accounts.c.worker_id == workers.c.id)
    asked = (
        sa.select(
            *PERSON_COLUMNS, cases.c.id.label("case_id"), cases.c.kind, cases.c.level, cases.c.state,
            cases.c.summary, cases.c.opened_at, cases.c.raised_at, cases.c.due_contact_id,
            workers.c.name.label("handler"), accounts.c.login,
        )
        .select_from(
            cases.join(persons, cases.c.person_id == persons.c.id)
            .outerjoin(handler, cases.c.acknowledged_by == accounts.c.id)
        )
        .where(scope.of_persons(), cases.c.state != CaseState.CLOSED)
    )  # fmt: skip
    rows = connection.execute(asked).all()
    top = top_signals(connection, [row.case_id for row in rows])
    states = _newest_page_states(connection, [row.case_id for row in rows])
    tried = tries_of(connection, [row.due_contact_id for row in rows if row.due_contact_id])
    return [
        BoardRow(
            section=SECTION_OF_KIND[CaseKind(row.kind)],
            who=who_of(row, now),
            case_id=row.case_id,
            level=Level(row.level),
            kind=row.kind,
            kind_state=row.state,
            summary=row.summary or "",
            signal=top.get(row.case_id),
            tried=tried.get(row.due_contact_id, ()),
            since=row.raised_at or row.opened_at,
            handler=(row.handler or row.login) if row.state == CaseState.ACKNOWLEDGED else None,
            page_state=states.get(row.case_id),
        )
        for row in rows
    ]


def _due_rows(connection: Connection, scope: Scope, now: datetime) -> list[BoardRow]:
    midnight = now.astimezone(SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    due = due_contacts
    asked = (
        sa.select(
            *PERSON_COLUMNS, due.c.id.label("due_id"), due.c.state, due.c.disposition, due.c.planned_at,
            due.c.next_attempt_at, due.c.ended_at, due.c.why,
        )
        .select_from(due.join(persons, due.c.person_id == persons.c.id))
        .where(
            scope.of_persons(),
            sa.or_(
                due.c.state == DueState.OPEN,
                sa.and_(due.c.state == DueState.PLANNED, due.c.next_attempt_at < tomorrow),
                sa.and_(due.c.ended_at >= midnight, due.c.ended_at < tomorrow),
            ),
            sa.or_(due.c.why.is_(None), due.c.why.not_in(NOTHING_HAPPENED)),
        )
    )  # fmt: skip
    rows = connection.execute(asked).all()
    ids = [row.due_id for row in rows]
    tried, levels, running = tries_of(connection, ids), call_levels(connection, ids), _running(connection, ids)
    found = []
    for row in rows:
        section = Section.DONE if row.state == DueState.ENDED else Section.PLANNED
        live = running.get(row.due_id)
        found.append(
            BoardRow(
                section=Section.RUNNING if live else section,
                who=who_of(row, now),
                case_id=None,
                level=levels.get(row.due_id),
                kind=row.disposition or row.state,
                kind_state=live[0] if live else row.state,
                summary=row.why or "",
                signal=None,
                tried=tried.get(row.due_id, ()),
                since=live[1] if live else None,
                at=row.ended_at or row.next_attempt_at or row.planned_at,
            )
        )
    return found


def _running(connection: Connection, due_ids: Iterable[int]) -> dict[int, tuple[str, datetime]]:
    asked = sa.select(attempts).where(
        attempts.c.due_contact_id.in_(list(due_ids)), attempts.c.state.in_([str(state) for state in ON_THE_LINE])
    )
    return {
        row.due_contact_id: (row.state, row.answered_at or row.ringing_at or row.dialling_at)
        for row in connection.execute(asked)
    }


def tries_of(connection: Connection, due_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The ends of the finished attempts of each due contact, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    asked = sa.select(attempts.c.due_contact_id, attempts.c.end).where(
        attempts.c.due_contact_id.in_(list(due_ids)), attempts.c.end.is_not(None)
    )
    for row in connection.execute(asked.order_by(attempts.c.number)):
        found[row.due_contact_id].append(row.end)
    return {due_id: tuple(ends) for due_id, ends in found.items()}


def top_signals(connection: Connection, case_ids: Iterable[int]) -> dict[int, SignalLine]:
    """The worst signal of each case; of equals the latest."""
    found: dict[int, SignalLine] = {}
    asked = sa.select(signals.c.case_id, signals.c.category, signals.c.level, signals.c.quote, signals.c.unconfirmed)
    for row in connection.execute(asked.where(signals.c.case_id.in_(list(case_ids))).order_by(signals.c.id)):
        line = SignalLine(Category(row.category), Level(row.level), row.quote, row.unconfirmed)
        if row.case_id not in found or line.level.rank >= found[row.case_id].level.rank:
            found[row.case_id] = line
    return found


def _newest_page_states(connection: Connection, case_ids: Iterable[int]) -> dict[int, str]:
    asked = sa.select(pages.c.case_id, pages.c.state).where(pages.c.case_id.in_(list(case_ids)))
    return {row.case_id: row.state for row in connection.execute(asked.order_by(pages.c.id))}
