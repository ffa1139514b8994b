"""What a retry ladder needs to decide, and what its rungs do that are no calls; inside the transaction of the attempt's end."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.case import CaseKind
from callbot.escalate.notice import NoticeTemplate
from callbot.people.numbers import Relation
from callbot.schedule.ladder import Effect, Reach, next_midnight
from callbot.store.attempt_rows import ends_of
from callbot.store.due_rows import DueContact
from callbot.store.people_rows import NumberRow, contact_numbers, own_numbers
from callbot.store.reach_rows import last_attempt, numbers_called, rings_since, unrung_failures
from callbot.understand.meaning import Level
from callbot.workflows.notify_person import notify_person
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording

DAY = timedelta(days=1)


def contacts_left(connection: Connection, due: DueContact, now: datetime) -> tuple[NumberRow, ...]:
    """Guardians and neighbours that the person agreed to, and that this due contact has not called yet."""
    called = numbers_called(connection, due.id)
    return tuple(each for each in contact_numbers(connection, due.person_id, now) if each.id not in called)


def reach_of(connection: Connection, due: DueContact, contacts: tuple[NumberRow, ...], now: datetime) -> Reach:
    """As it stands after the attempt that has just ended."""
    last = last_attempt(connection, due.id)
    today = next_midnight(now) - DAY
    return Reach(
        other_own=due.number_position + 1 < len(own_numbers(connection, due.person_id)),
        contacts=tuple(each.relation for each in contacts),
        rings_today=rings_since(connection, due.person_id, today),
        spared=unrung_failures(connection, due.id) if last is not None and last[1] else 0,
    )


def take_effects(connection: Connection, due: DueContact, effects: tuple[Effect, ...], now: datetime) -> None:
    """Tell the caseworker, ask for a visit, text the person: each once a rung."""
    for effect in effects:
        if effect is Effect.PAGE:
            open_missed(connection, due, "재시도 중", now)
        elif effect is Effect.VISIT:
            _ask_for_visit(connection, due, now)
        elif effect is Effect.SMS:
            key = f"rung/{due.id}/{due.rungs_used}"
            notify_person(connection, due.person_id, NoticeTemplate.MISSED, now, key)


def open_missed(connection: Connection, due: DueContact, words: str, now: datetime) -> None:
    """Not reached so far; the ladder goes on."""
    tried = len(ends_of(connection, due.id))
    matter = Matter(
        person_id=due.person_id,
        kind=CaseKind.MISSED,
        level=Level.UNASSESSABLE,
        wording=Wording(f"{tried}회 시도({words})"),
        summary=f"{tried}회 시도했으나 아직 통화하지 못했습니다. 계속 전화합니다.",
        cause=f"due/{due.id}/rung/{due.rungs_used}",
        due_contact_id=due.id,
    )
    join_case(connection, matter, now)


def _ask_for_visit(connection: Connection, due: DueContact, now: datetime) -> None:
    tried = len([end for end in ends_of(connection, due.id) if end is not AttemptEnd.WINDOW_CLOSED])
    matter = Matter(
        person_id=due.person_id,
        kind=CaseKind.MISSED,
        level=Level.HIGH,
        wording=Wording(f"방문 요청({tried}회 시도)"),
        summary=f"방문 요청: {tried}회 시도했으나 통화하지 못했습니다. 찾아가 확인해 주세요.",
        cause=f"due/{due.id}/visit",
        due_contact_id=due.id,
    )
    join_case(connection, matter, now)


def own_number(numbers: tuple[NumberRow, ...], position: int) -> NumberRow | None:
    """The person's own number that the ladder has come to; None: there is none."""
    return numbers[min(position, len(numbers) - 1)] if numbers else None


def number_to_call(connection: Connection, due: DueContact, now: datetime) -> NumberRow | None:
    """Whom the next attempt rings: a guardian or neighbour where the ladder says so and the person still agrees, else the
    person."""
    if due.call_number_id is not None:
        allowed = contact_numbers(connection, due.person_id, now)
        contact = next((each for each in allowed if each.id == due.call_number_id), None)
        if contact is not None:
            return contact
    return own_number(own_numbers(connection, due.person_id), due.number_position)


def may_ring_today(connection: Connection, due: DueContact, number: NumberRow, now: datetime) -> bool:
    """The person's own phones have not rung too often today, whatever for."""
    if number.relation is not Relation.SELF:
        return True
    return rings_since(connection, due.person_id, next_midnight(now) - DAY) < due.ladder.most_a_day
