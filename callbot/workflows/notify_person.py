"""A text message to the person: written here, sent by the outbox, never at night, never to whoever does not want one."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.escalate.notice import NoticeFacts, NoticeTemplate, day_before, not_at_night, notice_text, wants_no_sms
from callbot.people.consent import ConsentKind
from callbot.people.numbers import BadNumber, is_virtual, national, parse_number
from callbot.store.database import Store
from callbot.store.notice_facts import (
    dues_on,
    facts_of_person,
    has_mobile,
    person_of_number,
    sms_consent,
)
from callbot.store.notice_rows import insert_notice
from callbot.store.paging_rows import paging_of
from callbot.store.people_rows import add_consents, held
from callbot.workflows.sms_templates import text_in_force

USEFUL_FOR: dict[NoticeTemplate, timedelta] = {
    NoticeTemplate.DAY_BEFORE: timedelta(hours=15),
    NoticeTemplate.MISSED: timedelta(hours=6),
    NoticeTemplate.OPTED_OUT: timedelta(days=2),
}
"""A notice that could not be sent for so long is not sent any more."""


def notify_person(
    connection: Connection,
    person_id: int,
    template: NoticeTemplate,
    now: datetime,
    dedup_key: str,
    *,
    about: datetime | None = None,
) -> bool:
    """Write the notice inside the caller's transaction; True where it is new and will go out.

    False, and nothing is written: consent for SMS is not in force, a hold, no number that can take an SMS, the same
    `dedup_key` again, or it would be morning before it could be sent and too late then. `about`: the call that it speaks of.
    """
    if template is not NoticeTemplate.OPTED_OUT and not sms_consent(connection, person_id, now):
        return False
    if held(connection, person_id, now) or not has_mobile(connection, person_id):
        return False
    at, last = not_at_night(now), now + USEFUL_FOR[template]
    if at >= last:
        return False
    person = facts_of_person(connection, person_id)
    facts = NoticeFacts(person.district, _shown(person.caller_number), about or now)
    text = notice_text(text_in_force(connection, template), facts)
    written = insert_notice(
        connection,
        person_id=person_id,
        template=template,
        text=text,
        dedup_key=dedup_key,
        now=now,
        not_before=at if at > now else None,
        not_after=last,
    )
    return written is not None


def notify_day_before(store: Store, now: datetime) -> int:
    """Write to everybody who is called tomorrow, in the evening; how many notices. For a tick: repeating adds nothing."""
    first, last = day_before(now + timedelta(days=1))
    if not first <= now < last:
        return 0
    written = 0
    with store.read() as connection:
        tomorrow = dues_on(connection, now + timedelta(days=1))
        programmes = {due.programme_id for due in tomorrow}
        wanted = {each for each in programmes if paging_of(connection, each).notify_day_before}
    for due in tomorrow:
        if due.programme_id not in wanted:
            continue
        with store.write() as connection:
            key = f"day_before/{due.due_contact_id}"
            written += notify_person(
                connection, due.person_id, NoticeTemplate.DAY_BEFORE, now, key, about=due.planned_at
            )
    return written


def notify_missed(connection: Connection, person_id: int, due_contact_id: int, now: datetime) -> bool:
    """After a call that nobody took, once a due contact, where the programme wants it."""
    person = facts_of_person(connection, person_id)
    if not paging_of(connection, person.programme_id).notify_missed:
        return False
    return notify_person(connection, person_id, NoticeTemplate.MISSED, now, f"missed/{due_contact_id}")


def take_sms_reply(store: Store, from_phone: str, text: str, now: datetime) -> int | None:
    """A person's own reply to a notice: 수신거부 withdraws consent for SMS the same moment, and says so once more.

    The person's id; None: not such a reply, or nobody has this number.
    """
    if not wants_no_sms(text):
        return None
    try:
        e164 = parse_number(from_phone)
    except BadNumber:
        return None
    with store.write() as connection:
        person_id = person_of_number(connection, store.keys, e164)
        if person_id is None:
            return None
        if sms_consent(connection, person_id, now):
            add_consents(connection, person_id, (ConsentKind.SMS,), given=False, now=now, by="sms")
            key = f"opted_out/{person_id}/{now:%Y%m%d%H%M}"
            notify_person(connection, person_id, NoticeTemplate.OPTED_OUT, now, key)
        return person_id


def _shown(number: str) -> str:
    """As it is written on the person's telephone."""
    try:
        e164 = parse_number(number)
    except BadNumber:
        return number
    return number if is_virtual(e164) else national(e164)
