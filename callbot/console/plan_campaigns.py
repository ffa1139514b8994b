"""Campaigns: filter and forecast before anybody is called, then progress, and a button that stops it."""

from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.plan_base import SUPERVISES, PlanPages
from callbot.console.plan_programmes import ladder_options
from callbot.console.read_form import BadForm, Form, chosen, clock, day, text, whole, window
from callbot.console.times import SEOUL
from callbot.schedule.campaign import PURPOSE_KO, CampaignFilter, CampaignState, Purpose
from callbot.schedule.window import Window, read_window
from callbot.store import console_plan
from callbot.store.campaign_rows import Campaign, Progress, campaign, campaigns_of, progress_of
from callbot.store.programme_rows import LadderRow, ladder_rows, programme_rows
from callbot.store.schedule_rows import all_tags
from callbot.workflows.run_campaign import (
    CampaignWish,
    draft_campaign,
    outlook,
    start_campaign,
    stop_campaign,
)

RANKS = {"0": "상관없음", "1": "관찰 이상", "2": "높음 이상", "3": "긴급"}
NOTHING_YET = Progress(0, 0, 0, {}, 0)
LISTED = 60
WEEKLY = "weekly-checkin"
"""Stands first: used until a purpose has a script of its own."""


class CampaignPages(PlanPages):
    """The endpoints."""

    def list(self, request: Request) -> Response:
        """Newest first."""
        scope = self.scope(request)
        note(self.deps, request, "view_campaigns")
        with self.deps.store.read() as connection:
            found = campaigns_of(connection, scope.programme_id)
            progress = progress_of(connection, [each.id for each in found])
        rows = [(each, progress.get(each.id, NOTHING_YET)) for each in found]
        return self.page(request, "plan_campaigns.html", rows=rows, purposes=PURPOSE_KO)

    def new(self, request: Request) -> Response:
        """An empty form."""
        self.scope(request, SUPERVISES)
        return self._form(request)

    async def draft(self, request: Request) -> Response:
        """Write it down; the next page shows whom it means and how long it takes."""
        scope = self.scope(request, SUPERVISES)

        def act(given: Form) -> str:
            wish = self._wish(given, scope.programme_id)
            campaign_id = draft_campaign(self.deps.store, wish, self.now(), by=self.by(request))
            return f"/plan/campaigns/{campaign_id}?done=draft"

        def again(problem: str, given: Form) -> Response:
            return self._form(request, problem=problem, given=given, status=400)

        return await self.change(request, act, again, action="draft_campaign", subject="campaign")

    def one(self, request: Request) -> Response:
        """A draft with its forecast, or how far it has come."""
        found = self._campaign(request)
        note(self.deps, request, "view_campaign", subject="campaign", subject_id=found.id)
        return self._one(request, found)

    async def start(self, request: Request) -> Response:
        """From now on people are called."""

        def act(_given: Form) -> str:
            start_campaign(self.deps.store, self._campaign(request).id, self.now(), by=self.by(request))
            return f"/plan/campaigns/{request.path_params['campaign_id']}?done=started"

        return await self._turn(request, act, "start_campaign")

    async def stop(self, request: Request) -> Response:
        """Nobody else is called."""

        def act(_given: Form) -> str:
            stop_campaign(self.deps.store, self._campaign(request).id, self.now(), by=self.by(request))
            return f"/plan/campaigns/{request.path_params['campaign_id']}?done=stopped"

        return await self._turn(request, act, "stop_campaign")

    # -- the inside ----------------------------------------------------------------------------------------------------

    async def _turn(self, request: Request, act, action: str) -> Response:  # type: ignore[no-untyped-def]
        self.scope(request, SUPERVISES)

        def again(problem: str, _given: Form) -> Response:
            return self._one(request, self._campaign(request), problem=problem, status=409)

        campaign_id = request.path_params["campaign_id"]
        return await self.change(request, act, again, action=action, subject="campaign", subject_id=campaign_id)

    def _campaign(self, request: Request) -> Campaign:
        scope = self.scope(request)
        with self.deps.store.read() as connection:
            found = campaign(connection, request.path_params["campaign_id"])
        if found is None or scope.programme_id not in {None, found.programme_id}:
            raise HTTPException(404)
        return found

    def _wish(self, given: Form, only: int | None) -> CampaignWish:
        with self.deps.store.read() as connection:
            programmes = {str(each.id): each for each in programme_rows(connection, only)}
            ladders = {_key(row): row for row in ladder_rows(connection)}
        programme = programmes[chosen(given, "programme", "사업", tuple(programmes))]
        hours = read_window(programme.window_from, programme.window_until) or Window()
        last = day(given, "deadline_day", "마감일")
        if last is None:
            raise BadForm("마감일을 골라 주세요.")
        deadline = datetime.combine(last, clock(given, "deadline_time", "마감 시각"), SEOUL)
        if deadline <= self.now():
            raise BadForm("마감이 이미 지났습니다. 앞으로의 날짜와 시각으로 적어 주세요.")
        return CampaignWish(
            programme.id,
            text(given, "name", "이름", most=60),
            Purpose(chosen(given, "purpose", "목적", tuple(Purpose))),
            chosen(given, "script", "대본", self.deps.scripts),
            _filter(given),
            ladders[chosen(given, "ladder", "재시도 사다리", tuple(ladders))].ladder,
            window(given, "window", "통화 시간대", hours) or hours,
            whole(given, "channels", "회선", 1, self.deps.channels),
            deadline,
        )

    def _form(self, request: Request, *, problem: str = "", given: Form | None = None, status: int = 200) -> Response:
        scope = self.scope(request, SUPERVISES)
        with self.deps.store.read() as connection:
            programmes = programme_rows(connection, scope.programme_id)
            ladders = ladder_rows(connection)
            tags = all_tags(connection)
        return self.page(
            request,
            "plan_campaign_new.html",
            status=status,
            problem=problem,
            given=given or {},
            programme_options=[(str(each.id), each.name) for each in programmes],
            script_options=[(name, name) for name in sorted(self.deps.scripts, key=lambda one: one != WEEKLY)],
            ladder_options=ladder_options(ladders),
            purposes=PURPOSE_KO,
            tags=tags,
            ranks=RANKS,
            channels=self.deps.channels,
            tomorrow=(self.today() + timedelta(days=1)).isoformat(),
        )

    def _one(self, request: Request, found: Campaign, *, problem: str = "", status: int = 200) -> Response:
        now = self.now()
        view = outlook(self.deps.store, found, now) if found.state is CampaignState.DRAFT else None
        with self.deps.store.read() as connection:
            progress = progress_of(connection, [found.id]).get(found.id, NOTHING_YET)
            listed = view.people[:LISTED] if view else ()
            people = console_plan.whos(connection, self.scope(request), [each.person_id for each in listed], now)
        return self.page(
            request,
            "plan_campaign.html",
            status=status,
            problem=problem,
            campaign=found,
            progress=progress,
            view=view,
            rows=[(people[each.person_id], each) for each in listed if each.person_id in people],
            purposes=PURPOSE_KO,
            ranks=RANKS,
        )


def _filter(given: Form) -> CampaignFilter:
    low, high = whole(given, "age_from", "나이", 0, 130, default=0), whole(given, "age_to", "나이", 0, 130, default=130)
    if low > high:
        raise BadForm(f"나이의 아래({low})가 위({high})보다 클 수 없습니다.")
    silent = whole(given, "no_contact_days", "연락 없던 날수", 0, 365, default=0)
    return CampaignFilter(
        age_from=low or None,
        age_to=None if high == 130 else high,  # noqa: PLR2004 - no upper end
        tags=tuple(given.get("tag", ())),
        recent_rank=int(chosen(given, "recent_rank", "최근 위험", tuple(RANKS))),
        no_contact_days=silent or None,
    )


def _key(row: LadderRow) -> str:
    return "default" if row.id is None else str(row.id)
