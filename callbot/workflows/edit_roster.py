"""A supervisor changes who is on duty when; written to the audit log, never deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from callbot.escalate.hours import Hours
from callbot.escalate.roster import Shift
from callbot.escalate.roster_import import RosterFault, ShiftDraft
from callbot.people.team import Role
from callbot.store.database import Store
from callbot.store.roster_rows import add_pattern, add_shift, cancel_shift, end_pattern
from callbot.store.tables import audit, workers
from callbot.store.writing import insert


@dataclass(frozen=True)
class Imported:
    """What an import came to."""

    added: int
    known: int
    """Lines that were there already."""


def import_roster(
    store: Store, programme_id: int, drafts: Iterable[ShiftDraft], now: datetime, *, account_id: int | None, source: str
) -> Imported:
    """All or nothing. Raises RosterFault for a name that nobody of the team has, or two have."""
    added = known = 0
    with store.write() as connection:
        names = _names(connection, programme_id)
        for draft in drafts:
            covers = _worker(names, draft.covers, draft.place) if draft.covers else None
            worker_id = _worker(names, draft.name, draft.place)
            shift = Shift(worker_id, draft.kind, draft.starts, draft.ends, draft.role, covers)
            uid = (
                draft.uid
                or f"{source}/{programme_id}/{worker_id}/{draft.kind}/{draft.starts.isoformat()}/{covers or 0}"
            )
            new = add_shift(connection, programme_id, shift, now, source=source, uid=uid, created_by=account_id)
            added, known = added + (new is not None), known + (new is None)
        _audit(connection, now, account_id, "import_roster", programme_id, f"{source} {added}")
    return Imported(added, known)


def _names(connection: Connection, programme_id: int) -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    team = select(workers.c.id, workers.c.name).where(
        workers.c.active, (workers.c.programme_id == programme_id) | workers.c.programme_id.is_(None)
    )
    for row in connection.execute(team):
        names.setdefault(row.name, []).append(row.id)
    return names


def _worker(names: dict[str, list[int]], name: str, place: str) -> int:
    found = names.get(name, [])
    if len(found) == 1:
        return found[0]
    if not found:
        raise RosterFault(
            f"{place} ‘{name}’: 이 사업의 담당자 가운데 없는 이름입니다. 있는 이름: {', '.join(sorted(names))}."
        )
    raise RosterFault(f"{place} ‘{name}’: 같은 이름이 {len(found)}명입니다. 화면에서 직접 넣어 주세요.")


def put_shift(
    store: Store, programme_id: int, shift: Shift, now: datetime, *, account_id: int | None, note: str | None = None
) -> None:
    """One shift, by hand. Raises RosterFault."""
    if shift.ends <= shift.starts:
        raise RosterFault("끝이 시작보다 빠르거나 같습니다. 날짜와 시각을 확인해 주세요.")
    if shift.covers == shift.worker_id:
        raise RosterFault("자기 자신을 대신할 수 없습니다.")
    with store.write() as connection:
        add_shift(connection, programme_id, shift, now, created_by=account_id, note=note)
        _audit(connection, now, account_id, "add_shift", shift.worker_id, shift.kind)


def drop_shift(store: Store, shift_id: int, now: datetime, *, account_id: int | None) -> None:
    """It does not count any more."""
    with store.write() as connection:
        if cancel_shift(connection, shift_id, now):
            _audit(connection, now, account_id, "cancel_shift", shift_id, None)


def put_pattern(
    store: Store,
    programme_id: int,
    worker_id: int,
    role: Role,
    hours: frozenset[Hours],
    now: datetime,
    *,
    account_id: int | None,
) -> None:
    """Standing duty. Raises RosterFault for no hours at all."""
    if not hours:
        raise RosterFault("때를 하나 이상 골라 주세요 (평일 낮, 밤, 주말 낮, 공휴일 낮).")
    with store.write() as connection:
        add_pattern(connection, programme_id, worker_id, role, hours, now)
        _audit(connection, now, account_id, "add_pattern", worker_id, role)


def drop_pattern(store: Store, pattern_id: int, now: datetime, *, account_id: int | None) -> None:
    """It holds no longer."""
    with store.write() as connection:
        if end_pattern(connection, pattern_id, now):
            _audit(connection, now, account_id, "end_pattern", pattern_id, None)


def _audit(
    connection: Connection, now: datetime, account_id: int | None, action: str, subject_id: int, detail: str | None
) -> None:
    row = {"at": now, "actor": f"account/{account_id or 0}", "action": action, "subject": "roster"}
    insert(connection, audit, row | {"subject_id": subject_id, "detail": detail})
