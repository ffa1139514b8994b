"""Digests, storms, notices: told once, in time, to the right people; on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from ledger_calls import at, dial
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select

from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.bundling import Paging
from callbot.escalate.case import CaseKind, CaseOutcome
from callbot.escalate.notice import NoticeTemplate
from callbot.people.consent import ConsentKind
from callbot.schedule.ladder import Effect
from callbot.schedule.window import SEOUL
from callbot.store.database import Store
from callbot.store.due_rows import locked_due
from callbot.store.health_rows import raise_fact
from callbot.store.invariants import violations
from callbot.store.paging_rows import begin_storm, end_storm, set_paging
from callbot.store.tables import cases, consents, due_contacts, pages
from callbot.store.tables_escalate import digest_items, page_cases, storms
from callbot.store.tables_sending import notices
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import climb, close_case
from callbot.workflows.hold_person import give_consent
from callbot.workflows.keep_watch import end_storms, keep_watch, tell_digests
from callbot.workflows.know_place import know_place
from callbot.workflows.ladder_steps import take_effects
from callbot.workflows.notify_person import notify_day_before, notify_missed, notify_person, take_sms_reply
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.plan_week import plan_week
from callbot.workflows.reply_to_page import ReplyResult, reply_to_page

MINUTE = timedelta(minutes=1)
HALF_PAST_FOUR = datetime(2026, 11, 24, 16, 30, tzinfo=SEOUL)


def rows(town: Town, table) -> list:  # type: ignore[no-untyped-def,type-arg]
    with town.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def happened(
    town: Town, person: int, kind: CaseKind, level: Level, now: datetime = TUESDAY, *, our_fault: bool = False
) -> int:
    wording = Wording("쌀 요청" if kind is CaseKind.REQUEST else "3회 시도", our_fault=our_fault)
    matter = Matter(town.person_ids[person], kind, level, wording, "까닭", f"{kind}/{now}")
    return open_case(town.store, matter, now).case_id


def kept(town: Town, now: datetime) -> None:
    with town.store.read() as connection:
        assert violations(connection, now) == []


MakeTown = Callable[[int], Town]


def test_routine_waits_for_its_digest(make_town: MakeTown) -> None:
    """Three requests at 10:00 are one page at 16:30, which lists them; it is told once; nothing is forgotten meanwhile."""
    town = make_town(3)
    for person in range(3):
        happened(town, person, CaseKind.REQUEST, Level.WATCH)
    assert (rows(town, pages), len(rows(town, digest_items))) == ([], 3)
    kept(town, TUESDAY)
    assert tell_digests(town.store, HALF_PAST_FOUR - MINUTE) == 0
    assert [tell_digests(town.store, HALF_PAST_FOUR), tell_digests(town.store, HALF_PAST_FOUR)] == [1, 0]
    [page] = rows(town, pages)
    assert page.body.startswith("[동구안부]오늘볼일 3건: 박O수(82) 쌀 요청 외 2")
    assert (page.severity, page.worker_id) == ("routine", town.caseworker_id)
    assert len(rows(town, page_cases)) == 3


def test_a_digest_can_be_taken_as_a_whole(make_town: MakeTown) -> None:
    """1 takes all three; `1 #2` takes that one."""
    town = make_town(3)
    ids = [happened(town, person, CaseKind.REQUEST, Level.WATCH) for person in range(3)]
    tell_digests(town.store, HALF_PAST_FOUR)
    phone, now = "01000009001", HALF_PAST_FOUR + MINUTE
    assert reply_to_page(town.store, code=f"1 #{ids[1]}", now=now, worker_phone=phone).case_ids == (ids[1],)
    told = reply_to_page(town.store, code="1", now=now, worker_phone=phone)
    assert (told.result, told.case_ids) == (ReplyResult.TAKEN, (ids[0], ids[2]))


def test_critical_and_high_never_wait(make_town: MakeTown) -> None:
    """Also in the middle of a storm."""
    town = make_town(8)
    with town.store.write() as connection:
        raise_fact(connection, "trunk_down:main", TUESDAY)
    happened(town, 0, CaseKind.DISTRESS, Level.EMERGENCY)
    happened(town, 1, CaseKind.MISSED, Level.EMERGENCY)
    happened(town, 2, CaseKind.REPORT, Level.HIGH)
    assert [page.severity for page in rows(town, pages)] == ["critical", "critical", "high"]
    assert rows(town, storms) == []


@pytest.mark.parametrize("people", [60])
def test_a_storm_is_one_page_and_a_list(make_town: MakeTown, people: int) -> None:
    """Sixty people missed within six minutes: four single pages, then one about it; all sixty are in the ledger and, from
    the fifth on, on its list. Half an hour later the lead gets one page, not sixty. When it is quiet, one last page."""
    town = make_town(people)
    for person in range(people):
        happened(town, person, CaseKind.MISSED, Level.UNASSESSABLE, TUESDAY + person * timedelta(seconds=6))
    found = rows(town, pages)
    assert [page.template for page in found] == ["missed"] * 4 + ["storm"]
    assert "미응답 급증: 5명이상 통화못함" in found[-1].body
    assert len(rows(town, cases)) == people
    assert len(rows(town, page_cases)) == people - 4
    kept(town, TUESDAY + 6 * MINUTE)
    for minute in range(30, 38):
        climb(town.store, TUESDAY + minute * MINUTE)
    lead = [page.template for page in rows(town, pages) if page.worker_id == town.lead_id]
    assert lead == ["storm"]
    assert end_storms(town.store, TUESDAY + 40 * MINUTE) == 1
    last = rows(town, pages)[-1]
    assert last.template == "storm_over"
    assert f"모두 {people}명" in last.body
    assert end_storms(town.store, TUESDAY + 60 * MINUTE) == 0


def test_what_we_could_not_call_is_our_own_storm(make_town: MakeTown) -> None:
    """The second one says 시스템 장애."""
    town = make_town(3)
    for person in range(3):
        happened(town, person, CaseKind.MISSED, Level.UNASSESSABLE, our_fault=True)
    assert [page.template for page in rows(town, pages)] == ["missed", "storm"]
    assert "시스템 장애" in rows(town, pages)[1].body


def test_a_known_trouble_bundles_from_the_first(make_town: MakeTown) -> None:
    """A trunk is down: one page about it, hourly while it lasts; it is said when it is over."""
    town = make_town(4)
    with town.store.write() as connection:
        raise_fact(connection, "trunk_down:main", TUESDAY)
    for person, minute in enumerate((0, 10, 20, 70)):
        happened(town, person, CaseKind.MISSED, Level.UNASSESSABLE, TUESDAY + minute * MINUTE)
    bodies = [page.body for page in rows(town, pages)]
    assert len(bodies) == 2
    assert all("전화 회선 장애" in body for body in bodies)


def test_a_storm_of_another_programme_is_not_ours(make_town: MakeTown) -> None:
    """Bundling is by programme, and by its own numbers."""
    town = make_town(3)
    with town.store.write() as connection:
        set_paging(connection, town.programme_id, replace(Paging(), storm_count=2, storm_minutes=5), TUESDAY)
    happened(town, 0, CaseKind.MISSED, Level.UNASSESSABLE)
    happened(town, 1, CaseKind.MISSED, Level.UNASSESSABLE, TUESDAY + 6 * MINUTE)
    happened(town, 2, CaseKind.MISSED, Level.UNASSESSABLE, TUESDAY + 7 * MINUTE)
    assert [page.template for page in rows(town, pages)] == ["missed", "missed", "storm"]


def test_a_page_carries_its_link(town: Town) -> None:
    """Where the console has an address: signed, of this page, within 90 bytes."""
    know_place(town.store, {}, "https://ab.go.kr/")
    happened(town, 0, CaseKind.MISSED, Level.UNASSESSABLE)
    [page] = rows(town, pages)
    assert f"https://ab.go.kr/p/{page.id}" in page.body
    assert page.body_bytes == len(page.body.encode("cp949")) <= 90


def test_holidays_are_written_down_once(store: Store) -> None:
    """The calendar is asked again and again."""
    days = {datetime(2026, 12, 25, tzinfo=SEOUL).date(): "기독탄신일"}
    assert [know_place(store, days, ""), know_place(store, days, "")] == [1, 0]


# --- notices ---------------------------------------------------------------------------------------------------------
def agree(town: Town) -> None:
    give_consent(town.store, town.person_ids[0], TUESDAY - MINUTE, (ConsentKind.SMS,))


def notify(town: Town, now: datetime = TUESDAY, key: str = "k") -> bool:
    with town.store.write() as connection:
        return notify_person(connection, town.person_ids[0], NoticeTemplate.MISSED, now, key)


def test_only_who_agreed_is_written_to(town: Town) -> None:
    """Without consent for SMS nothing; with it once a key; after 수신거부 nothing again, from the same moment."""
    assert notify(town) is False
    agree(town)
    assert [notify(town), notify(town), notify(town, key="k2")] == [True, False, True]
    assert take_sms_reply(town.store, "010-0000-0001", "수신거부", TUESDAY + MINUTE) == town.person_ids[0]
    assert notify(town, TUESDAY + 2 * MINUTE, "k3") is False
    last = rows(town, notices)[-1]
    assert (last.template, "보내지 않습니다" in last.body) == ("notice_opted_out", True)
    assert rows(town, consents)[-1].by == "sms"
    assert take_sms_reply(town.store, "010-0000-0001", "거부", TUESDAY + 3 * MINUTE) == town.person_ids[0]
    assert len(rows(town, notices)) == 3


def test_other_replies_are_no_refusal(town: Town) -> None:
    """Nothing is withdrawn by a thank-you, or from an unknown number."""
    agree(town)
    assert take_sms_reply(town.store, "010-0000-0001", "네 고맙습니다", TUESDAY) is None
    assert take_sms_reply(town.store, "010-9999-9999", "거부", TUESDAY) is None
    assert take_sms_reply(town.store, "?", "거부", TUESDAY) is None
    assert notify(town) is True


def test_never_at_night(town: Town) -> None:
    """At 21:00 it would wait for the morning; after a missed call that is too late, so it is not written at all."""
    agree(town)
    assert notify(town, datetime(2026, 11, 24, 21, 0, tzinfo=SEOUL)) is False
    assert notify(town, datetime(2026, 11, 25, 3, 0, tzinfo=SEOUL)) is True
    [notice] = rows(town, notices)
    assert notice.next_try_at == datetime(2026, 11, 25, 8, 0, tzinfo=SEOUL)
    assert notice.not_after == datetime(2026, 11, 25, 9, 0, tzinfo=SEOUL)


def test_the_evening_before(town: Town) -> None:
    """Monday from 17:00 to 21:00, to those who are called on Tuesday, once, where the programme wants it."""
    agree(town)
    monday = datetime(2026, 11, 23, 17, 0, tzinfo=SEOUL)
    give_consent(town.store, town.person_ids[0], monday - MINUTE, (ConsentKind.SMS,))
    plan_week(town.store, monday)
    assert notify_day_before(town.store, monday) == 0
    with town.store.write() as connection:
        set_paging(connection, town.programme_id, replace(Paging(), notify_day_before=True), monday)
    assert notify_day_before(town.store, monday - MINUTE) == 0
    assert [notify_day_before(town.store, monday), notify_day_before(town.store, monday + MINUTE)] == [1, 0]
    [notice] = rows(town, notices)
    assert notice.body == "[광주광역시 동구청]내일 10:00쯤 AI안부전화 062-000-0000로 드립니다. 거부는 '거부' 회신"
    assert keep_watch(town.store, monday + 2 * MINUTE) == 0


def test_after_a_missed_call(town: Town) -> None:
    """Once a due contact, where the programme wants it; not while a hold is in force."""
    agree(town)
    with town.store.write() as connection:
        assert notify_missed(connection, town.person_ids[0], 7, TUESDAY) is False
        set_paging(connection, town.programme_id, replace(Paging(), notify_missed=True), TUESDAY)
        assert notify_missed(connection, town.person_ids[0], 7, TUESDAY) is True
        assert notify_missed(connection, town.person_ids[0], 7, TUESDAY) is False


def test_closing_what_waits_for_a_digest(town: Town) -> None:
    """A case that was closed before its digest is not told as something to do."""
    case_id = happened(town, 0, CaseKind.REQUEST, Level.WATCH)
    close_case(town.store, case_id, CaseOutcome.VISITED, "", TUESDAY)
    assert tell_digests(town.store, HALF_PAST_FOUR) == 0
    assert rows(town, pages) == []


def test_a_rung_texts_the_person(town: Town) -> None:
    """`do: sms` in a retry ladder: one text a rung, with the number to call back."""
    agree(town)
    plan_week(town.store, TUESDAY)
    with town.store.write() as connection:
        [due_id] = connection.scalars(select(due_contacts.c.id)).all()
        due = locked_due(connection, due_id)
        take_effects(connection, due, (Effect.SMS, Effect.SMS), TUESDAY)
    [notice] = rows(town, notices)
    assert "062-000-0000" in notice.body


def test_giving_up_texts_the_person_where_it_is_wished(town: Town) -> None:
    """After the last missed call, in the same transaction as the case; one text, however many calls there were."""
    agree(town)
    with town.store.write() as connection:
        set_paging(connection, town.programme_id, replace(Paging(), notify_missed=True), TUESDAY)
    for minutes in (0, 31, 122):
        assert rows(town, notices) == []
        dial(town, at(minutes)).fail(AttemptEnd.NO_ANSWER, at(minutes + 0.5))
    assert [row.template for row in rows(town, notices)] == ["notice_missed"]
    assert [row.kind for row in rows(town, cases)] == ["missed"]


def test_two_storms_never_begin_at_once(town: Town) -> None:
    """Whoever comes second joins the one that has begun."""
    with town.store.write() as connection:
        first = begin_storm(connection, town.programme_id, "many", TUESDAY)
        assert begin_storm(connection, town.programme_id, "trunk", TUESDAY) == first
        end_storm(connection, first, TUESDAY)
        assert begin_storm(connection, town.programme_id, "trunk", TUESDAY).id != first.id
