"""Campaigns: their rows, who may be called for one, and how far it has come."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select, update

from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import REQUIRED_TO_CALL
from callbot.people.numbers import Relation
from callbot.people.person import age_in
from callbot.schedule.campaign import CampaignFilter, CampaignState, Candidate, Line, Purpose
from callbot.schedule.due_contact import Disposition, DueState
from callbot.schedule.ladder import RetryLadder, read_ladder
from callbot.schedule.window import SEOUL, Window, read_window
from callbot.store.keys import Keyring
from callbot.store.tables import attempts, calls, cases, consents, due_contacts, holds, person_numbers, persons
from callbot.store.tables_schedule import campaigns, person_tags

MEASURED_OVER = timedelta(days=28)
LEAST_MEASURED = 30
"""Attempts, before the ledger's own figures are believed more than the published ones."""
LOOK_BACK = timedelta(days=60)
MISSED = (Disposition.NOT_REACHED, Disposition.FAILED_BY_US)


@dataclass(frozen=True)
class Campaign:
    """One campaign."""

    id: int
    programme_id: int
    name: str
    purpose: Purpose
    state: CampaignState
    script_name: str
    by: CampaignFilter
    ladder: RetryLadder
    window: Window | None
    channels: int
    deadline: datetime
    forecast: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        id=row.id,
        programme_id=row.programme_id,
        name=row.name,
        purpose=Purpose(row.purpose),
        state=CampaignState(row.state),
        script_name=row.script_name,
        by=CampaignFilter.model_validate(row.filter),
        ladder=read_ladder(row.ladder),
        window=read_window(row.window_from, row.window_until),
        channels=row.channels,
        deadline=row.deadline,
        forecast=row.forecast,
        created_at=row.created_at,
        started_at=row.started_at,
        stopped_at=row.stopped_at,
    )


def campaign(connection: Connection, campaign_id: int, *, locked: bool = False) -> Campaign | None:
    """One; None: there is no such campaign."""
    asked = select(campaigns).where(campaigns.c.id == campaign_id)
    row = connection.execute(asked.with_for_update() if locked else asked).one_or_none()
    return None if row is None else _campaign(row)


def campaigns_of(connection: Connection, programme_id: int | None, most: int = 100) -> list[Campaign]:
    """Newest first; None: of every programme."""
    asked = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.id.desc()).limit(most)
    if programme_id is not None:
        asked = asked.where(campaigns.c.programme_id == programme_id)
    return [_campaign(row) for row in connection.execute(asked)]


def change_campaign(connection: Connection, found: Campaign, **values: Any) -> int:
    """Write, if it still stands where it was read; 0: somebody was quicker."""
    mine = and_(campaigns.c.id == found.id, campaigns.c.state == found.state)
    return connection.execute(update(campaigns).where(mine).values(**values)).rowcount


def unended_of_campaign(connection: Connection, campaign_id: int) -> list[int]:
    """Ids of its contacts without a disposition; locked."""
    it = due_contacts.c
    found = select(it.id).where(it.campaign_id == campaign_id, it.state != DueState.ENDED).with_for_update()
    return list(connection.scalars(found))


@dataclass(frozen=True)
class Eligible:
    """Everybody in a programme as a campaign sees them."""

    candidates: tuple[Candidate, ...]
    held: int
    without_consent: int
    without_number: int


def eligible(connection: Connection, keys: Keyring, programme_id: int, by: CampaignFilter, now: datetime) -> Eligible:
    """Whoever may be called, each with what filter and order need: a handful of statements, however many they are.
    Whoever may not be called is counted, if the filter could mean them, too."""
    today = now.astimezone(SEOUL).date()
    it = persons.c
    here = select(it.id).where(
        it.programme_id == programme_id, it.active, or_(it.starts_on.is_(None), it.starts_on <= today),
        or_(it.ends_on.is_(None), it.ends_on >= today),
    )  # fmt: skip
    ages = {row.id: row.birth_year for row in connection.execute(select(it.id, it.birth_year).where(it.id.in_(here)))}
    held = set(connection.scalars(select(holds.c.person_id).where(_held_at(now), holds.c.person_id.in_(here))))
    agreed = _agreed(connection, now)
    numbered = set(
        connection.scalars(
            select(person_numbers.c.person_id).where(
                person_numbers.c.active, person_numbers.c.relation == Relation.SELF
            )
        )
    )
    callable_ids = (agreed & numbered) - held
    facts = _Facts(connection, keys, by, now)
    may = [
        facts.of(person_id, age_in(birth_year, today.year))
        for person_id, birth_year in ages.items()
        if person_id in callable_ids
    ]
    return Eligible(
        tuple(may),
        held=len(held & ages.keys()),
        without_consent=len(ages.keys() - agreed),
        without_number=len(ages.keys() - numbered),
    )


def _held_at(now: datetime) -> Any:
    it = holds.c
    return and_(
        it.starts_at <= now, or_(it.until.is_(None), it.until > now), or_(it.lifted_at.is_(None), it.lifted_at > now)
    )


def _agreed(connection: Connection, now: datetime) -> set[int]:
    """Everybody whose consent to being called is in force: the latest entry of each kind, a withdrawal first."""
    it = consents.c
    newest = func.row_number().over(partition_by=(it.person_id, it.kind), order_by=(it.at.desc(), it.given.asc()))
    ranked = (
        select(it.person_id, it.given, newest.label("place"))
        .where(it.kind.in_(list(REQUIRED_TO_CALL)), it.at <= now)
        .subquery()
    )
    agreed = (
        select(ranked.c.person_id)
        .where(ranked.c.place == 1, ranked.c.given)
        .group_by(ranked.c.person_id)
        .having(func.count() == len(REQUIRED_TO_CALL))
    )
    return set(connection.scalars(agreed))


class _Facts:
    """What is known of everybody, a statement a fact."""

    def __init__(self, connection: Connection, keys: Keyring, by: CampaignFilter, now: datetime) -> None:
        rank = case({"emergency": 3, "high": 2, "watch": 1}, value=calls.c.level, else_=0)
        recent = select(calls.c.person_id, func.max(rank)).where(
            calls.c.answered_at >= now - timedelta(days=by.recent_days), calls.c.level.is_not(None)
        )
        self.recent = _pairs(connection, recent.group_by(calls.c.person_id))
        case_rank = case({"emergency": 3, "high": 2, "watch": 1}, value=cases.c.level, else_=0)
        opened = select(cases.c.person_id, func.max(case_rank)).where(cases.c.state != "closed")
        self.open = _pairs(connection, opened.group_by(cases.c.person_id))
        last = func.max(calls.c.answered_at, type_=calls.c.answered_at.type)
        heard = select(calls.c.person_id, last).where(calls.c.who == "person").group_by(calls.c.person_id)
        self.heard: dict[int, datetime] = {row[0]: row[1] for row in connection.execute(heard)}
        self.missed = _missed(connection, now)
        self.tags: dict[int, set[str]] = defaultdict(set)
        if by.tags:
            wanted = {keys.blind(f"tag/{tag}"): tag for tag in by.tags}
            tagged = select(person_tags.c.person_id, person_tags.c.tag_index)
            for row in connection.execute(tagged.where(person_tags.c.tag_index.in_(list(wanted)))):
                self.tags[row.person_id].add(wanted[row.tag_index])

    def of(self, person_id: int, age: int | None) -> Candidate:
        return Candidate(
            person_id,
            age=age,
            tags=frozenset(self.tags.get(person_id, ())),
            recent_rank=self.recent.get(person_id, 0),
            open_rank=self.open.get(person_id, 0),
            missed_in_a_row=self.missed.get(person_id, 0),
            last_contact=self.heard.get(person_id),
        )


def _pairs(connection: Connection, asked: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(asked)}


def _missed(connection: Connection, now: datetime) -> dict[int, int]:
    """Missed in a row, of late; holds are passed over."""
    it = due_contacts.c
    ended = (
        select(it.person_id, it.disposition)
        .where(it.state == DueState.ENDED, it.disposition != Disposition.SUSPENDED, it.planned_at >= now - LOOK_BACK)
        .order_by(it.person_id, it.planned_at.desc())
    )
    missed: dict[int, int] = {}
    over: set[int] = set()
    for row in connection.execute(ended):
        if row.disposition in MISSED and row.person_id not in over:
            missed[row.person_id] = missed.get(row.person_id, 0) + 1
        else:
            over.add(row.person_id)
    return missed


def measured_line(connection: Connection, channels: int, now: datetime) -> tuple[Line, int]:
    """Mean length of a call and rate of answers of the last four weeks; and of how many attempts (0: published figures)."""
    it = attempts.c
    since = and_(it.dialling_at >= now - MEASURED_OVER, it.relation == Relation.SELF, it.end.is_not(None))
    tried = connection.scalar(select(func.count()).where(since)) or 0
    if tried < LEAST_MEASURED:
        return Line(channels), 0
    answered = connection.scalar(select(func.count()).where(since, it.end == AttemptEnd.PERSON)) or 0
    lasted = connection.scalar(
        select(func.avg(calls.c.seconds)).where(calls.c.answered_at >= now - MEASURED_OVER, calls.c.who == "person")
    )
    usual = Line(channels)
    return Line(channels, float(lasted or usual.call_s), max(answered / tried, 0.05)), tried


@dataclass(frozen=True)
class Progress:
    """How far a campaign has come."""

    total: int
    waiting: int
    under_way: int
    """Tried at least once and not over."""
    ended: dict[str, int]
    """Disposition -> how many."""
    covered: int
    """Of the suspended: the regular call of the day stood for it."""

    @property
    def done(self) -> bool:
        return self.total > 0 and not self.waiting and not self.under_way


def progress_of(connection: Connection, campaign_ids: Iterable[int]) -> dict[int, Progress]:
    """By campaign."""
    it = due_contacts.c
    asked = (
        select(it.campaign_id, it.state, it.disposition, it.why, func.count().label("n"))
        .where(it.campaign_id.in_(list(campaign_ids)))
        .group_by(it.campaign_id, it.state, it.disposition, it.why)
    )
    found: dict[int, list[tuple[str, str | None, bool, int]]] = defaultdict(list)
    for campaign_id, state, disposition, why, n in connection.execute(asked):
        found[campaign_id].append((state, disposition, why == "covered", n))
    return {campaign_id: _progress(rows) for campaign_id, rows in found.items()}


def _progress(rows: list[tuple[str, str | None, bool, int]]) -> Progress:
    ended: dict[str, int] = defaultdict(int)
    for _, disposition, _, n in rows:
        if disposition is not None:
            ended[disposition] += n
    return Progress(
        total=sum(n for *_, n in rows),
        waiting=sum(n for state, *_, n in rows if state == DueState.PLANNED),
        under_way=sum(n for state, *_, n in rows if state == DueState.OPEN),
        ended=dict(ended),
        covered=sum(n for _, _, covered, n in rows if covered),
    )
