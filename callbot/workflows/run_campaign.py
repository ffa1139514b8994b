"""A purpose campaign: drafted with its forecast, started once, stopped at any time."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from callbot.schedule.campaign import (
    CampaignFilter,
    CampaignState,
    Candidate,
    Forecast,
    Line,
    Purpose,
    forecast,
    last_closing,
    planned_times,
    worst_first,
)
from callbot.schedule.due_contact import Disposition, DueState
from callbot.schedule.ladder import RetryLadder
from callbot.schedule.window import Window
from callbot.store.audit_rows import add_audit
from callbot.store.campaign_rows import (
    Campaign,
    Eligible,
    campaign,
    change_campaign,
    eligible,
    measured_line,
    unended_of_campaign,
)
from callbot.store.database import Store
from callbot.store.due_rows import insert_due, locked_due
from callbot.store.tables_schedule import campaigns
from callbot.store.writing import insert
from callbot.workflows.settle import finish_due

BATCH = 2000


class CampaignRefused(Exception):
    """Nothing was started or stopped; the message is one Korean sentence."""


@dataclass(frozen=True)
class CampaignWish:
    """As it was filled in."""

    programme_id: int
    name: str
    purpose: Purpose
    script_name: str
    by: CampaignFilter
    ladder: RetryLadder
    window: Window
    channels: int
    deadline: datetime


@dataclass(frozen=True)
class Outlook:
    """What a campaign would do if it were started now."""

    people: tuple[Candidate, ...]
    """Worst first."""
    everybody: Eligible
    line: Line
    measured: int
    """Attempts that `line` was measured on; 0: published figures."""
    forecast: Forecast


def draft_campaign(store: Store, wish: CampaignWish, now: datetime, *, by: str) -> int:
    """Write it down; nobody is called. Its id."""
    with store.write() as connection:
        row = {
            "programme_id": wish.programme_id,
            "name": wish.name,
            "purpose": wish.purpose,
            "state": CampaignState.DRAFT,
            "script_name": wish.script_name,
            "filter": wish.by.model_dump(mode="json"),
            "ladder": wish.ladder.model_dump(mode="json"),
            "window_from": f"{wish.window.opens:%H:%M}",
            "window_until": f"{wish.window.closes:%H:%M}",
            "channels": wish.channels,
            "deadline": wish.deadline,
            "created_at": now,
            "created_by": by,
        }
        campaign_id = insert(connection, campaigns, row)
        add_audit(connection, now, by, "draft_campaign", subject="campaign", subject_id=campaign_id, detail=wish.name)
        return campaign_id


def outlook(store: Store, found: Campaign, now: datetime) -> Outlook:
    """Whom it would call, worst first, and how long that takes."""
    with store.read() as connection:
        everybody = eligible(connection, store.keys, found.programme_id, found.by, now)
        line, measured = measured_line(connection, found.channels, now)
    people = tuple(worst_first(everybody.candidates, found.by, now))
    expected = forecast(len(people), line, found.ladder, found.window, start=now, deadline=found.deadline)
    return Outlook(people, everybody, line, measured, expected)


def start_campaign(store: Store, campaign_id: int, now: datetime, *, by: str) -> int:
    """Write one due contact for everybody it means, worst first, at the pace of the forecast; how many.

    All in one transaction: a campaign runs for everybody or has not started. Raises CampaignRefused.
    """
    with store.read() as connection:
        found = campaign(connection, campaign_id)
    if found is None or found.state is not CampaignState.DRAFT:
        raise CampaignRefused("이미 시작했거나 멈춘 캠페인입니다.")
    view = outlook(store, found, now)
    expires = last_closing(found.window, now, found.deadline)
    if expires is None or found.window is None:
        raise CampaignRefused("마감까지 통화할 수 있는 시간이 없습니다. 마감이나 통화 시간대를 고쳐 주세요.")
    if not view.people:
        raise CampaignRefused("조건에 맞는 분이 없습니다. 조건을 넓혀 주세요.")
    times = planned_times(len(view.people), view.line, found.ladder, found.window, start=now, deadline=found.deadline)
    rows = [_row(found, one, at, expires, now) for one, at in zip(view.people, times, strict=True)]
    with store.write() as connection:
        values = {"state": CampaignState.RUNNING, "started_at": now, "started_by": by, "forecast": _shown(view)}
        if not change_campaign(connection, found, **values):
            raise CampaignRefused("다른 분이 방금 시작했습니다.")
        for first in range(0, len(rows), BATCH):
            insert_due(connection, rows[first : first + BATCH])
        detail = f"{len(rows)}명"
        add_audit(connection, now, by, "start_campaign", subject="campaign", subject_id=campaign_id, detail=detail)
    return len(rows)


def stop_campaign(store: Store, campaign_id: int, now: datetime, *, by: str) -> int:
    """Nobody else is called for it. Whoever is on the line now is not cut off. How many contacts ended. Raises
    CampaignRefused."""
    with store.write() as connection:
        found = campaign(connection, campaign_id, locked=True)
        if found is None or found.state is CampaignState.STOPPED:
            raise CampaignRefused("이미 멈춘 캠페인입니다.")
        change_campaign(connection, found, state=CampaignState.STOPPED, stopped_at=now, stopped_by=by)
        add_audit(connection, now, by, "stop_campaign", subject="campaign", subject_id=campaign_id)
        ended = 0
        for due_id in unended_of_campaign(connection, campaign_id):
            due = locked_due(connection, due_id)
            if due.next_attempt_at is not None:  # else an attempt is under way: its end suspends the contact
                finish_due(connection, due, Disposition.SUSPENDED, "campaign_stopped", now)
                ended += 1
        return ended


def _row(found: Campaign, one: Candidate, at: datetime, expires: datetime, now: datetime) -> dict[str, Any]:
    window = found.window or Window()
    return {
        "person_id": one.person_id,
        "schedule_id": None,
        "campaign_id": found.id,
        "slot": f"c{found.id}",
        "state": DueState.PLANNED,
        "planned_at": at,
        "next_attempt_at": at,
        "expires_at": expires,
        "window_from": f"{window.opens:%H:%M}",
        "window_until": f"{window.closes:%H:%M}",
        "ladder": found.ladder.model_dump(mode="json"),
        "script_name": found.script_name,
        "created_at": now,
    }


def _shown(view: Outlook) -> dict[str, Any]:
    """The forecast as it stood when it was started, to be compared with what came."""
    times = {"first_round_at", "done_at"}
    plain = {name: value for name, value in asdict(view.forecast).items() if name not in times}
    ends = {name: at.isoformat() if at else None for name, at in _ends(view.forecast).items()}
    return plain | ends | asdict(view.line) | {"measured": view.measured}


def _ends(expected: Forecast) -> dict[str, datetime | None]:
    return {"first_round_at": expected.first_round_at, "done_at": expected.done_at}
