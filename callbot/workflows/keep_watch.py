"""What the hours bring: digests, reminders, the end of a storm, and whether somebody is on duty at all."""

from collections import defaultdict
from datetime import datetime, time

from sqlalchemy import Connection

from callbot.escalate.bundling import CAUSE_KO, storm_over
from callbot.escalate.hours import HOURS_KO, hours_at
from callbot.escalate.page import DISCREET, PageFacts, PageTemplate
from callbot.escalate.policy import Severity
from callbot.escalate.roster import on_duty
from callbot.escalate.roster_import import ROLE_KO
from callbot.people.person import age_in
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.store.case_rows import add_event
from callbot.store.database import Store
from callbot.store.follow_rows import cases_to_follow
from callbot.store.health_rows import clear_fact, raise_fact
from callbot.store.paging_rows import (
    DigestItem,
    cases_of_storm,
    due_items,
    end_storm,
    list_on_page,
    open_storms,
    paging_of,
    recipients_of_storm,
    told,
)
from callbot.store.people_rows import name_and_team_facts
from callbot.store.policy_rows import Programme, all_programmes, programme_of, programme_of_person
from callbot.store.roster_rows import holidays_near, roster_of
from callbot.workflows.notify_person import notify_day_before
from callbot.workflows.page_workers import NOBODY, meant_for, write

REMIND_FROM = time(9, 0)


def keep_watch(store: Store, now: datetime) -> int:
    """All of it, for a tick; how many pages or notices were written. Repeating adds nothing."""
    check_duty(store, now)
    written = tell_digests(store, now) + remind_follow_ups(store, now) + end_storms(store, now)
    return written + notify_day_before(store, now)


def tell_digests(store: Store, now: datetime) -> int:
    """One page to everybody for whom something waits whose time has come; how many pages."""
    with store.write() as connection:
        waiting: dict[tuple[int, int | None], list[DigestItem]] = defaultdict(list)
        for item in due_items(connection, now):
            waiting[item.programme_id, item.worker_id].append(item)
        for (programme_id, worker_id), items in waiting.items():
            _tell(connection, programme_of(connection, programme_id), worker_id, tuple(items), now)
        return len(waiting)


def _tell(
    connection: Connection, programme: Programme, worker_id: int | None, items: tuple[DigestItem, ...], now: datetime
) -> None:
    first = items[0]
    facts = _facts(connection, programme, first.case_id, first.person_id, first.what, now, len(items))
    row = _row(first.case_id, PageTemplate.DIGEST, worker_id, f"digest/{first.id}", now)
    page_id = write(connection, row, PageTemplate.DIGEST, facts, long=paging_of(connection, programme.id).long_pages)
    if page_id is None:
        return
    for case_id in dict.fromkeys(item.case_id for item in items):
        list_on_page(connection, page_id, case_id)
    told(connection, items, page_id)


def remind_follow_ups(store: Store, now: datetime) -> int:
    """A page on the day that was noted when a case was closed; how many cases."""
    local = now.astimezone(SEOUL)
    if local.time() < REMIND_FROM:
        return 0
    with store.write() as connection:
        found = cases_to_follow(connection, local.date())
        for case, key in found:
            programme = programme_of_person(connection, case.person_id)
            meant = meant_for(connection, programme.id, case, Role.CASEWORKER, now)
            facts = _facts(connection, programme, case.id, case.person_id, DISCREET, now, 1)
            for worker_id in meant.worker_ids or (None,):
                row = _row(case.id, PageTemplate.FOLLOW_UP, worker_id, f"{key}/{worker_id or 0}", now)
                write(connection, row, PageTemplate.FOLLOW_UP, facts, long=False)
            add_event(connection, case.id, "follow_up", now)
        return len(found)


def end_storms(store: Store, now: datetime) -> int:
    """A last page with the number of people, when nobody new was missed for a while; how many storms ended."""
    ended = 0
    with store.write() as connection:
        for storm in open_storms(connection):
            programme = programme_of(connection, storm.programme_id)
            paging = paging_of(connection, programme.id)
            listed = cases_of_storm(connection, storm.id)
            if not storm_over(storm.last_at, now, paging):
                continue
            end_storm(connection, storm, now)
            ended += 1
            if not listed:
                continue
            case_id, person_id = listed[0]
            facts = _facts(connection, programme, case_id, person_id, CAUSE_KO[storm.cause], now, len(listed))
            for worker_id in recipients_of_storm(connection, storm.id):
                key = f"storm/{storm.id}/over/{worker_id or 0}"
                row = _row(case_id, PageTemplate.STORM_OVER, worker_id, key, now)
                page_id = write(connection, row, PageTemplate.STORM_OVER, facts, long=paging.long_pages)
                for listed_id, _ in listed if page_id is not None else ():
                    list_on_page(connection, page_id or 0, listed_id)
    return ended


def check_duty(store: Store, now: datetime) -> int:
    """Raise or clear `nobody_on_duty:<programme>`: is there somebody now for every step that could be taken now?"""
    missing = 0
    with store.write() as connection:
        hours = hours_at(now, holidays_near(connection, now))
        for programme in all_programmes(connection).values():
            roster = roster_of(connection, programme.id, now)
            roles = [role for role in Role if programme.policy.means(role, hours)]
            gone = [ROLE_KO[role] for role in roles if not on_duty(roster, role, now, hours)]
            name = f"{NOBODY}:{programme.id}"
            if gone:
                missing += 1
                raise_fact(connection, name, now, f"{'·'.join(gone)} ({HOURS_KO[hours]})")
            else:
                clear_fact(connection, name)
    return missing


def _facts(
    connection: Connection, programme: Programme, case_id: int, person_id: int, what: str, now: datetime, count: int
) -> PageFacts:
    name, birth_year, _ = name_and_team_facts(connection, person_id)
    age = age_in(birth_year, now.astimezone(SEOUL).year)
    return PageFacts(programme.district, name, age, now, what, case_id, count=count)


def _row(case_id: int, template: PageTemplate, worker_id: int | None, key: str, now: datetime) -> dict[str, object]:
    return {
        "case_id": case_id,
        "step": 0,
        "template": template,
        "channel": "sms",
        "severity": Severity.ROUTINE,
        "created_at": now,
        "worker_id": worker_id,
        "dedup_key": key,
    }
