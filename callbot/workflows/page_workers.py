"""Write the pages of one moment of a policy into the outbox; always inside the transaction of their cause.

Critical and what somebody said is paged one by one, at once. Routine waits for the worker's digest. Missed people are paged
one by one until there are so many at once that the cause is the news: then one page a worker, and the list.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.escalate.bundling import CAUSE_KO, Paging, may_bundle, next_digest, storm_cause
from callbot.escalate.hours import HOURS_KO, Hours
from callbot.escalate.page import DISCREET, PageFacts, PageTemplate, page_text
from callbot.escalate.policy import Beat, Severity, severity_of
from callbot.escalate.roster import Meant, who_is_meant
from callbot.escalate.roster_import import ROLE_KO
from callbot.people.person import age_in
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.store.case_rows import Case, add_event
from callbot.store.case_worker_rows import latest
from callbot.store.health_rows import facts, raise_fact
from callbot.store.page_link import link_to
from callbot.store.page_rows import give_link, insert_page
from callbot.store.paging_rows import (
    Storm,
    add_digest_item,
    begin_storm,
    count_into,
    list_on_page,
    missed_since,
    open_storm,
    page_of_key,
    paging_of,
)
from callbot.store.people_rows import name_and_team_facts
from callbot.store.policy_rows import Programme
from callbot.store.roster_rows import holidays_between, roster_of
from callbot.workflows.sms_templates import template_for, text_in_force

NOBODY = "nobody_on_duty"
"""Health fact, with the programme: `nobody_on_duty:3`."""


@dataclass(frozen=True)
class Wording:
    """The words of an SMS that depend on its cause."""

    what: str
    clinical: bool = False
    """`what` names an illness or an act; replaced where the programme wants no such words in an SMS."""
    mark: str = ""
    """`미확인 `, `확인됨 `, or nothing."""
    amends_page_id: int | None = None
    at: datetime | None = None
    """When it happened; None: now."""
    our_fault: bool = False
    """Nobody was called because we could not: a second one of these is a storm."""


@dataclass(frozen=True)
class _Sheet:
    """One moment of one case, with all that its pages say."""

    connection: Connection
    case: Case
    programme: Programme
    wording: Wording
    beat: Beat
    severity: Severity
    paging: Paging
    cause: str
    now: datetime

    def facts(self, link: str = "") -> PageFacts:
        name, birth_year, _ = name_and_team_facts(self.connection, self.case.person_id)
        clinical = self.wording.clinical and not self.programme.clinical_words_in_sms
        return PageFacts(
            district=self.programme.district,
            name=name,
            age=age_in(birth_year, self.now.astimezone(SEOUL).year),
            at=self.wording.at or self.now,
            what=DISCREET if clinical else self.wording.what,
            case_id=self.case.id,
            mark=self.wording.mark,
            link=link,
        )

    def key(self, recipient: int | None) -> str:
        return f"{self.case.id}/{self.cause}/{self.beat.step}/{recipient or 0}"


def page_beat(
    connection: Connection,
    case: Case,
    programme: Programme,
    wording: Wording,
    beat: Beat,
    *,
    hours: Hours,
    cause: str,
    now: datetime,
) -> int:
    """To everybody whom this moment means; how many pages are new. `hours` is what the caller chose the beat by."""
    severity = severity_of(case.kind, case.level)
    paging = paging_of(connection, programme.id)
    sheet = _Sheet(connection, case, programme, wording, beat, severity, paging, cause, now)
    if severity is Severity.ROUTINE and beat.step == 0:
        return _wait_for_digest(sheet)
    recipients = _recipients(sheet, hours)
    if may_bundle(case.kind, severity):
        storm = _storm(sheet)
        if storm is not None:
            return _page_storm(sheet, storm, recipients)
    return sum(write_page(sheet, recipient) for recipient in recipients)


def _recipients(sheet: _Sheet, hours: Hours) -> tuple[int | None, ...]:
    connection, case, now = sheet.connection, sheet.case, sheet.now
    meant = meant_for(connection, sheet.programme.id, case, sheet.beat.to, now)
    if meant.nobody_on_duty:
        add_event(connection, case.id, NOBODY, now, detail=ROLE_KO[sheet.beat.to])
        detail = f"{ROLE_KO[sheet.beat.to]} ({HOURS_KO[hours]})"
        raise_fact(connection, f"{NOBODY}:{sheet.programme.id}", now, detail)
    return meant.worker_ids or (None,)


def meant_for(connection: Connection, programme_id: int, case: Case, role: Role, now: datetime) -> Meant:
    """Whom a step of this case means now; whoever it was given to by hand counts as its caseworker."""
    _, _, assigned = name_and_team_facts(connection, case.person_id)
    assigned = latest(connection, case.id, "reassigned") or assigned
    today = now.astimezone(SEOUL).date()
    holidays = holidays_between(connection, today, today)
    roster = roster_of(connection, programme_id, now)
    return who_is_meant(roster, role, now, assigned=assigned, holidays=holidays)


def write_page(sheet: _Sheet, recipient: int | None) -> bool:
    """One page to one worker; False where it is there already."""
    template = template_for(sheet.case.kind, sheet.severity)
    return _insert(sheet, template, recipient, sheet.key(recipient), sheet.facts()) is not None


def _insert(
    sheet: _Sheet, template: PageTemplate, recipient: int | None, key: str, facts_of_page: PageFacts
) -> int | None:
    row = {
        "case_id": sheet.case.id,
        "step": sheet.beat.step,
        "template": template,
        "channel": sheet.beat.channel,
        "severity": sheet.severity,
        "created_at": sheet.now,
        "amends_page_id": sheet.wording.amends_page_id,
        "worker_id": recipient,
        "dedup_key": key,
    }
    return write(sheet.connection, row, template, facts_of_page, long=sheet.paging.long_pages)


def write(
    connection: Connection, row: dict[str, object], template: PageTemplate, facts_of_page: PageFacts, *, long: bool
) -> int | None:
    """Into the outbox, with its link where there is one; None where it is there already. `row`: the columns of `pages`."""
    text = text_in_force(connection, template)
    page_id = insert_page(connection, row, page_text(text, facts_of_page))
    recipient = row["worker_id"]
    link = link_to(connection, page_id, recipient if isinstance(recipient, int) else None) if page_id else ""
    if page_id is not None and link:
        give_link(connection, page_id, page_text(text, replace(facts_of_page, link=link), long=long))
    return page_id


# --- routine ---------------------------------------------------------------------------------------------------------
def _wait_for_digest(sheet: _Sheet) -> int:
    """For whoever is there when it is told."""
    today = sheet.now.astimezone(SEOUL).date()
    holidays = holidays_between(sheet.connection, today, today + timedelta(days=15))
    due = next_digest(sheet.now, sheet.paging.digest_times, holidays)
    row = {"case_id": sheet.case.id, "what": sheet.facts().what, "at": sheet.now, "due_at": due}
    meant = meant_for(sheet.connection, sheet.programme.id, sheet.case, sheet.beat.to, due)
    for recipient in meant.worker_ids or (None,):
        add_digest_item(sheet.connection, row | {"worker_id": recipient, "dedup_key": sheet.key(recipient)})
    return 0


# --- storms ----------------------------------------------------------------------------------------------------------
def _storm(sheet: _Sheet) -> Storm | None:
    """The storm that this belongs to; begun where this is the one too many."""
    going_on = open_storm(sheet.connection, sheet.programme.id)
    if going_on is not None:
        return going_on
    since = sheet.now - timedelta(minutes=sheet.paging.storm_minutes)
    cause = storm_cause(
        [fact.name for fact in facts(sheet.connection)],
        our_fault=sheet.wording.our_fault,
        recent=missed_since(sheet.connection, sheet.programme.id, since),
        paging=sheet.paging,
    )
    return None if cause is None else begin_storm(sheet.connection, sheet.programme.id, cause, sheet.now)


def _page_storm(sheet: _Sheet, storm: Storm, recipients: tuple[int | None, ...]) -> int:
    """One page a worker, step and hour about the cause; every further case only joins its list."""
    connection, pages, new_case = sheet.connection, 0, False
    since = storm.began_at - timedelta(minutes=sheet.paging.storm_minutes)
    missed = max(missed_since(connection, sheet.programme.id, since), storm.cases + 1)
    facts_of_page = replace(sheet.facts(), what=CAUSE_KO[storm.cause], count=missed)
    hour = int((sheet.now - storm.began_at).total_seconds() // 3600)
    for recipient in recipients:
        key = f"storm/{storm.id}/{hour}/{sheet.beat.step}/{recipient or 0}"
        page_id = _insert(sheet, PageTemplate.STORM, recipient, key, facts_of_page)
        pages += page_id is not None
        listed = page_id or page_of_key(connection, key)
        if listed is not None:
            new_case |= list_on_page(connection, listed, sheet.case.id)
    if new_case and sheet.beat.step == 0:
        count_into(connection, storm, sheet.now)
    add_event(connection, sheet.case.id, "in_storm", sheet.now, detail=CAUSE_KO[storm.cause])
    return pages
