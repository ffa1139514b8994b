"""A caller who may not be asked how they are has something to say: it reaches a human, at once where it is alarming."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from callbot.escalate.case import CaseKind
from callbot.escalate.page import REPORTED_KO
from callbot.people.numbers import national
from callbot.store.database import Store
from callbot.store.incoming_rows import end_incoming, unknown_caller
from callbot.store.people_rows import add_hold
from callbot.store.tables_incoming import incoming_calls
from callbot.understand.meaning import Level, Reported, Signal
from callbot.workflows.hold_person import suspend
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.settle import HOLD_FOR

_AT_MOST = 300


def take_message(
    store: Store,
    incoming_id: int,
    text: str,
    now: datetime,
    signals: Sequence[Signal] = (),
    reported: Reported | None = None,
) -> int | None:
    """Open or join the case of whoever the number belongs to, or of the unknown caller; its id. None: no programme yet.

    `reported`: what a registered number (theirs, a guardian's, a neighbour's) tells of the person stops the calls at once.
    """
    with store.write() as connection:
        call = connection.execute(select(incoming_calls).where(incoming_calls.c.id == incoming_id)).one()
        person_id = call.person_id or unknown_caller(connection, now)
        if person_id is None:
            end_incoming(connection, incoming_id, "message", now, message=text)
            return None
        case_id = _case(connection, call.number, person_id, incoming_id, text, signals, now)
        if reported is not None and call.person_id is not None:
            case_id = _stop_calls(connection, person_id, incoming_id, reported, text, now)
        end_incoming(connection, incoming_id, "message", now, message=text, case_id=case_id)
        return case_id


def _stop_calls(
    connection: Connection, person_id: int, incoming_id: int, reported: Reported, text: str, now: datetime
) -> int:
    """A hold until somebody has looked into it, and the case that says so."""
    add_hold(connection, person_id, HOLD_FOR[reported], now=now, by="call")
    suspend(connection, person_id, now)
    words = REPORTED_KO[reported]
    matter = Matter(
        person_id=person_id,
        kind=CaseKind.REPORT,
        level=Level.HIGH,
        wording=Wording(words, clinical=True),
        summary=f'걸려 온 전화에서 전해 들음: {words}. 사실 확인이 필요합니다. "{text[:_AT_MOST]}"',
        cause=f"incoming/{incoming_id}/reported",
    )
    return join_case(connection, matter, now).case_id


def end_without_message(store: Store, incoming_id: int, outcome: str, now: datetime) -> None:
    """`nothing`: a caller who said nothing to pass on; `in_call`; `failed`."""
    with store.write() as connection:
        end_incoming(connection, incoming_id, outcome, now)


def _case(
    connection: Connection,
    number: str | None,
    person_id: int,
    incoming_id: int,
    text: str,
    signals: Sequence[Signal],
    now: datetime,
) -> int:
    worst = max((signal.level for signal in signals), key=lambda level: level.rank, default=Level.WATCH)
    grave = worst.rank >= Level.HIGH.rank
    shown = national(number) if number else "발신 번호 없음"
    matter = Matter(
        person_id=person_id,
        kind=CaseKind.DISTRESS if grave else CaseKind.REVIEW,
        level=worst if grave else Level.WATCH,
        wording=Wording("걸려 온 전화의 말", clinical=False),
        summary=f'걸려 온 전화({shown}): "{text[:_AT_MOST]}"',
        cause=f"incoming/{incoming_id}/{worst.rank}",
    )
    return join_case(connection, matter, now).case_id
