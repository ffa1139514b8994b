"""One call at once, to somebody enrolled: an ad-hoc due contact, claimed in the transaction that plans it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from callbot.dial.guard import Circumstances, Refusal, refusal
from callbot.people.numbers import national
from callbot.schedule.due_contact import DueState
from callbot.schedule.ladder import RetryLadder
from callbot.schedule.window import SEOUL, Window
from callbot.store.attempt_rows import claim
from callbot.store.database import Store
from callbot.store.due_rows import insert_due, locked_due, open_due, under_way, window_of_person
from callbot.store.people_rows import NumberRow, consent_to_call, held, is_active, own_numbers, persons_with_number
from callbot.store.policy_rows import programme_of_person
from callbot.store.tables import due_contacts
from callbot.workflows.place_due import CLAIM_LEASE, ClaimedAttempt

ONCE = RetryLadder(name="지금 한 번", rungs=())
"""Nobody who was called by hand is called again by the machine; a missed call opens a case as always."""

REASONS: dict[Refusal, str] = {
    Refusal.HELD: "통화 보류 중인 분입니다. 콘솔에서 보류를 풀어 주세요.",
    Refusal.NO_CONSENT: "유효한 동의가 없습니다. 동의를 기록한 뒤 다시 걸어 주세요.",
    Refusal.NOT_ACTIVE: "사업에서 나갔거나 시작일 전, 종료일 뒤인 분입니다.",
    Refusal.STOPPED: "멈춘 캠페인입니다.",
    Refusal.NO_NUMBER: "본인 번호로 등록된 번호가 아닙니다.",
    Refusal.NOT_A_PERSONS: "개인의 전화번호가 아니라서(긴급·대표·유료·국외 번호) 걸 수 없습니다.",
    Refusal.NOT_VIRTUAL: "전화 회선이 설정되지 않아 가상 번호(010-0000-NNNN)에만 걸 수 있습니다. docs/operations/trunk.md를 보세요.",
    Refusal.WINDOW_CLOSED: "지금은 이분의 통화 가능 시간이 아닙니다.",
    Refusal.EXPIRED: "지금은 이분의 통화 가능 시간이 아닙니다.",
}


class CallRefused(Exception):
    """Nobody was called and nothing was written; the message is one Korean sentence."""


def call_now(
    store: Store, e164: str, now: datetime, owner: str, *, trunk: bool = False, script: str | None = None
) -> ClaimedAttempt:
    """Plan and claim one attempt for whoever has this number. Raises CallRefused, with nothing written.

    `script`: instead of the programme's. The same guards as for every call; `start_dialling` asks them once more.
    """
    with store.write() as connection:
        return _claimed(connection, _judged(connection, store, e164, now, trunk=trunk), now, owner, script)


def check_call(store: Store, e164: str, now: datetime, *, trunk: bool = False) -> int:
    """Whether `call_now` would place a call; the person's id. Raises CallRefused."""
    with store.read() as connection:
        return _judged(connection, store, e164, now, trunk=trunk).person_id


@dataclass(frozen=True)
class _Plan:
    person_id: int
    number: NumberRow
    position: int
    window: Window
    expires_at: datetime
    script: str


def _judged(connection: Connection, store: Store, e164: str, now: datetime, *, trunk: bool) -> _Plan:
    person_id, position, number = _meant(connection, store, e164)
    programme = programme_of_person(connection, person_id)
    window = window_of_person(connection, person_id, programme.window)
    hours = window.on(now.astimezone(SEOUL).date()) if window is not None else None
    reason = refusal(
        Circumstances(
            e164=number.e164,
            active=is_active(connection, person_id, now),
            held=held(connection, person_id, now),
            consent=consent_to_call(connection, person_id, now),
            window=window,
            expires_at=hours[1] if hours is not None else now,
            trunk=trunk,
        ),
        now,
    )
    if reason is not None or window is None or hours is None:
        raise CallRefused(f"{national(e164)}: {REASONS[reason or Refusal.WINDOW_CLOSED]}")
    return _Plan(person_id, number, position, window, hours[1], programme.script_name)


def _meant(connection: Connection, store: Store, e164: str) -> tuple[int, int, NumberRow]:
    """The one person whose own number it is, and which of theirs it is."""
    found = [
        (person_id, position, number)
        for person_id in persons_with_number(connection, store.keys, e164)
        for position, number in enumerate(own_numbers(connection, person_id))
        if number.e164 == e164
    ]
    if not found:
        raise CallRefused(f"{national(e164)}: 등록된 분의 번호가 아닙니다. 먼저 callbot import로 등록해 주세요.")
    if len(found) > 1:
        raise CallRefused(f"{national(e164)}: {len(found)}명이 함께 쓰는 번호라서 누구에게 걸지 알 수 없습니다.")
    if under_way(connection, found[0][0]):
        raise CallRefused(f"{national(e164)}: 지금 이분과 통화하고 있습니다.")
    return found[0]


def _claimed(connection: Connection, plan: _Plan, now: datetime, owner: str, script: str | None) -> ClaimedAttempt:
    slot = f"now-{now.isoformat(timespec='seconds')}"
    row = {
        "person_id": plan.person_id,
        "schedule_id": None,
        "slot": slot,
        "state": DueState.PLANNED,
        "planned_at": now,
        "next_attempt_at": now,
        "expires_at": plan.expires_at,
        "window_from": f"{plan.window.opens:%H:%M}",
        "window_until": f"{plan.window.closes:%H:%M}",
        "ladder": ONCE.model_dump(mode="json"),
        "script_name": script or plan.script,
        "number_position": plan.position,
        "created_at": now,
    }
    if not insert_due(connection, [row]):
        raise CallRefused(f"{national(plan.number.e164)}: 방금 이분께 걸었습니다. 잠시 뒤에 다시 해 주세요.")
    mine = (due_contacts.c.person_id == plan.person_id) & (due_contacts.c.slot == slot)
    due = locked_due(connection, connection.scalars(select(due_contacts.c.id).where(mine)).one())
    attempt = claim(
        connection,
        due.id,
        due.attempts_used,
        person_number_id=plan.number.id,
        owner=owner,
        lease_until=now + CLAIM_LEASE,
        now=now,
    )
    open_due(connection, due, attempt.number)
    return ClaimedAttempt(attempt.id, due.id, plan.person_id, attempt.number, attempt.key, attempt.token)
