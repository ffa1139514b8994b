"""The outbox: pages to workers and notices to care recipients, claimed, handed over, recorded. One machinery for both."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, func, insert, or_, select, update

from callbot.escalate.delivery import Handed
from callbot.escalate.page_state import PageState, move
from callbot.escalate.policy import Severity
from callbot.store.tables import pages, person_numbers, workers
from callbot.store.tables_sending import hand_overs, notices

Order = Callable[["Outgoing"], Sequence[str]]
"""The providers that may carry a message, in the order in which they are tried."""


class Kind(StrEnum):
    """Whom a message is for."""

    PAGE = "page"
    NOTICE = "notice"


TABLES: dict[Kind, Table] = {Kind.PAGE: pages, Kind.NOTICE: notices}
POINTS: dict[Kind, Any] = {Kind.PAGE: hand_overs.c.page_id, Kind.NOTICE: hand_overs.c.notice_id}


@dataclass(frozen=True)
class Outgoing:
    """One message of the outbox, with whom it is for."""

    kind: Kind
    id: int
    token: int
    state: PageState
    severity: Severity
    channel: str
    body: str
    to: str | None
    """E.164; None: no number, or nobody was on duty."""
    email: str | None
    tries: int
    case_id: int | None
    step: int
    delivered: bool
    """A receipt has come already, whatever `state` says."""


@dataclass(frozen=True)
class HandOver:
    """One hand-over to one provider."""

    id: int
    kind: Kind
    message_id: int
    token: int
    """Of the claim that it belongs to."""
    number: int
    provider: str
    reference: str
    """Ours: the provider is asked by it. A new one for every hand-over, so that an answer is about exactly this one."""
    provider_reference: str | None
    state: PageState
    handed_at: datetime
    asked: int = 0


def outgoing(connection: Connection, kind: Kind, ids: Iterable[int]) -> dict[int, Outgoing]:
    """By id."""
    wanted = list(ids)
    if not wanted:
        return {}
    if kind is Kind.PAGE:
        query = select(pages, workers.c.phone.label("to"), workers.c.email).outerjoin(
            workers, workers.c.id == pages.c.worker_id
        )
        return {row.id: _page(row) for row in connection.execute(query.where(pages.c.id.in_(wanted)))}
    first = (
        select(func.min(person_numbers.c.id))
        .where(person_numbers.c.person_id == notices.c.person_id, person_numbers.c.active)
        .scalar_subquery()
    )
    number = func.coalesce(notices.c.person_number_id, first)
    query = select(notices, person_numbers.c.e164.label("to")).outerjoin(person_numbers, person_numbers.c.id == number)
    return {row.id: _notice(row) for row in connection.execute(query.where(notices.c.id.in_(wanted)))}


def _page(row: Row[Any]) -> Outgoing:
    return Outgoing(
        Kind.PAGE, row.id, row.token, PageState(row.state), Severity(row.severity), row.channel, row.body, row.to,
        row.email, row.tries, row.case_id, row.step, row.delivered_at is not None,
    )  # fmt: skip


def _notice(row: Row[Any]) -> Outgoing:
    return Outgoing(
        Kind.NOTICE, row.id, row.token, PageState(row.state), Severity.ROUTINE, "sms", row.body, row.to, None,
        row.tries, None, 0, row.delivered_at is not None,
    )  # fmt: skip


def history(connection: Connection, kind: Kind, ids: Iterable[int]) -> dict[int, list[HandOver]]:
    """Every hand-over of these messages, oldest first."""
    wanted = list(ids)
    found: dict[int, list[HandOver]] = {message_id: [] for message_id in wanted}
    if wanted:
        query = select(hand_overs).where(POINTS[kind].in_(wanted)).order_by(hand_overs.c.id)
        for row in connection.execute(query):
            one = hand_over(row)
            found[one.message_id].append(one)
    return found


def hand_over(row: Row[Any], token: int = 0) -> HandOver:
    """From a row of `hand_overs`."""
    kind = Kind.PAGE if row.page_id is not None else Kind.NOTICE
    message_id = row.page_id if kind is Kind.PAGE else row.notice_id
    return HandOver(
        row.id, kind, message_id, token, row.number, row.provider, row.reference, row.provider_reference,
        PageState(row.state), row.handed_at, row.asked,
    )  # fmt: skip


def handed(overs: Sequence[HandOver]) -> list[Handed]:
    """What the rules of delivery want to know."""
    return [Handed(one.provider, one.state) for one in overs]


# -- claiming ---------------------------------------------------------------------------------------------------------


def due_ids(connection: Connection, kind: Kind, severities: Sequence[Severity], now: datetime, most: int) -> list[int]:
    """Pending messages whose time has come, the most urgent first, locked; those of another sender are skipped."""
    table = TABLES[kind]
    due = and_(table.c.state == PageState.PENDING, or_(table.c.next_try_at.is_(None), table.c.next_try_at <= now))
    if kind is Kind.NOTICE:
        return _locked(connection, select(notices.c.id).where(due).order_by(notices.c.id), most)
    found: list[int] = []
    for severity in severities:  # one after the other: each is a look into the index, whatever else is queued
        if len(found) < most:
            query = select(pages.c.id).where(due, pages.c.severity == severity).order_by(pages.c.id)
            found += _locked(connection, query, most - len(found))
    return found


def _locked(connection: Connection, query: Any, most: int) -> list[int]:
    return list(connection.scalars(query.limit(most).with_for_update(skip_locked=True)))


def claim(connection: Connection, kind: Kind, ids: Sequence[int], *, owner: str, lease_until: datetime) -> None:
    """Take them: whoever held an older token can write nothing any more."""
    table = TABLES[kind]
    connection.execute(
        update(table)
        .where(table.c.id.in_(ids), table.c.state == PageState.PENDING)
        .values(
            state=move(PageState.PENDING, PageState.CLAIMED),
            lease_owner=owner,
            lease_until=lease_until,
            token=table.c.token + 1,
            tries=table.c.tries + 1,
        )
    )


def add_hand_overs(
    connection: Connection, planned: Sequence[tuple[Outgoing, str, str, int]], now: datetime
) -> list[HandOver]:
    """Write down what is about to be sent: (message as claimed, provider, channel, number of the hand-over)."""
    if not planned:
        return []
    rows = [
        {
            "page_id": message.id if message.kind is Kind.PAGE else None,
            "notice_id": message.id if message.kind is Kind.NOTICE else None,
            "number": number,
            "provider": provider,
            "channel": channel,
            "reference": f"{message.kind[0]}{message.id}-{number}-{secrets.token_hex(6)}",
            "state": PageState.CLAIMED,
            "handed_at": now,
        }
        for message, provider, channel, number in planned
    ]
    written = connection.execute(insert(hand_overs).returning(hand_overs), rows).all()
    tokens = {(message.kind, message.id): message.token for message, *_ in planned}
    made = [hand_over(row) for row in written]
    return [hand_over(row, tokens[one.kind, one.message_id]) for row, one in zip(written, made, strict=True)]


# -- recording --------------------------------------------------------------------------------------------------------


def note_answer(connection: Connection, over: HandOver, state: PageState, now: datetime, **values: Any) -> None:
    """What the provider answered. A receipt that was quicker is not overwritten."""
    connection.execute(
        update(hand_overs)
        .where(hand_overs.c.id == over.id, hand_overs.c.state.in_([PageState.CLAIMED, PageState.UNKNOWN]))
        .values(state=state)
    )
    connection.execute(update(hand_overs).where(hand_overs.c.id == over.id).values(answered_at=now, **values))


def set_hand_over(connection: Connection, hand_over_id: int, **values: Any) -> None:
    """Unguarded: of a row that is locked, or a value that may be overwritten."""
    connection.execute(update(hand_overs).where(hand_overs.c.id == hand_over_id).values(**values))


def change(connection: Connection, message: Outgoing, state: PageState, *, token: int, **values: Any) -> bool:
    """The message's own state; False where another sender has claimed it since, or its state has moved on."""
    table = TABLES[message.kind]
    changed = connection.execute(
        update(table)
        .where(table.c.id == message.id, table.c.token == token, table.c.state == message.state)
        .values(
            state=state if state is message.state else move(message.state, state),
            lease_owner=None,
            lease_until=None,
            **values,
        )
    )
    return changed.rowcount == 1


def note_delivered(connection: Connection, message: Outgoing, now: datetime) -> None:
    """A receipt came while the message is claimed: its sender will see it."""
    table = TABLES[message.kind]
    connection.execute(update(table).where(table.c.id == message.id).values(delivered_at=now))


# -- what needs another look ------------------------------------------------------------------------------------------


def stale_claims(connection: Connection, kind: Kind, now: datetime) -> list[int]:
    """Claims whose sender has died."""
    table = TABLES[kind]
    query = select(table.c.id).where(table.c.state == PageState.CLAIMED, table.c.lease_until <= now)
    return _locked(connection, query.order_by(table.c.id), 200)


def doubtful_ids(connection: Connection, kind: Kind, now: datetime, most: int) -> list[int]:
    """Messages in doubt whose next question is due."""
    table = TABLES[kind]
    due = or_(table.c.next_try_at.is_(None), table.c.next_try_at <= now)
    query = select(table.c.id).where(table.c.state == PageState.UNKNOWN, due).order_by(table.c.next_try_at, table.c.id)
    return list(connection.scalars(query.limit(most)))


def undelivered_ids(connection: Connection, kind: Kind, now: datetime, most: int) -> list[int]:
    """Accepted, and no receipt in time; locked."""
    table = TABLES[kind]
    query = select(table.c.id).where(table.c.state == PageState.SENT, table.c.next_try_at <= now)
    return _locked(connection, query.order_by(table.c.next_try_at), most)


def awaiting_receipt(
    connection: Connection, providers: Sequence[str], asked_before: datetime, since: datetime, most: int
) -> list[HandOver]:
    """Accepted hand-overs of providers that are polled, not asked lately; none older than `since`."""
    query = (
        select(hand_overs)
        .where(
            hand_overs.c.state == PageState.SENT,
            hand_overs.c.provider.in_(providers),
            hand_overs.c.handed_at >= since,
            func.coalesce(hand_overs.c.asked_at, hand_overs.c.answered_at) <= asked_before,
        )
        .order_by(hand_overs.c.asked_at, hand_overs.c.id)
        .limit(most)
    )
    return [hand_over(row) for row in connection.execute(query)]


def stale_notices(connection: Connection, now: datetime) -> int:
    """Those that would come too late to be of use; how many are given up."""
    changed = connection.execute(
        update(notices)
        .where(notices.c.state == PageState.PENDING, notices.c.not_after <= now)
        .values(state=move(PageState.PENDING, PageState.FAILED))
    )
    return changed.rowcount
