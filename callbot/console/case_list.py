"""Every open case, worst first; passing one on, giving it to somebody, and writing down for another what they did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console import words
from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields
from callbot.console.gate import viewer_of
from callbot.console.render import SEES_NAMES, Pages
from callbot.console.times import SEOUL
from callbot.escalate.case import CaseState
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.case_rows import StaleCase
from callbot.store.case_worker_rows import worker_of_account
from callbot.store.console_board import open_cases
from callbot.store.console_case_list import Hands, closed_cases, hands_of, programme_of_case, team
from callbot.store.console_cases import case_in_scope
from callbot.store.console_views import BoardRow
from callbot.store.health_rows import facts
from callbot.workflows.handle_case import decline, reassign

VIEWS = (("all", "전체"), ("mine", "내 사건"), ("open", "확인 전"), ("taken", "결과 대기"), ("closed", "끝난 사건"))
NOTICES = {
    "declined": "다음 사람에게 바로 알렸습니다.",
    "reassigned": "다시 배정하고 바로 알렸습니다.",
    "stale": "그사이 다른 담당자가 처리했습니다. 지금 상태를 확인해 주세요.",
}


@dataclass(frozen=True)
class ListedCase:
    """One line."""

    row: BoardRow
    hands: Hands


class CaseListPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """The list."""
        note(self.deps, request, "view_cases")
        chosen = request.query_params.get("show", "all")
        view = chosen if chosen in dict(VIEWS) else "all"
        viewer, now = viewer_of(request), self.deps.clock()
        with self.deps.store.read() as connection:
            rows = open_cases(connection, viewer.account.scope, now)
            hands = hands_of(connection, [row.case_id for row in rows if row.case_id])
            me = worker_of_account(connection, viewer.account.id)
            today = now.astimezone(SEOUL).date()
            closed = closed_cases(connection, viewer.account.scope, now) if view == "closed" else ()
            wrong = [words.health(fact.name, fact.detail) for fact in facts(connection)]
            again = closed_cases(connection, viewer.account.scope, now, follow_up_by=today + timedelta(days=1))
        listed = [ListedCase(row, hands[row.case_id]) for row in rows if row.case_id in hands]
        shown = [one for one in listed if _belongs(one, view, me)]
        return self.pages.response(
            request,
            "cases.html",
            cases=shown,
            closed=closed,
            again=again,
            view=view,
            views=VIEWS,
            counts={name: sum(_belongs(one, name, me) for one in listed) for name, _ in VIEWS},
            wrong=wrong,
            notice=NOTICES.get(request.query_params.get("done", ""), ""),
        )

    async def decline(self, request: Request) -> Response:
        """못 맡음: the next step hears at once."""
        await checked_fields(request)
        case_id = await run_in_threadpool(self._allowed, request)
        account_id = viewer_of(request).account.id

        def act() -> None:
            decline(self.deps.store, case_id, account_id, self.deps.clock())
            note(self.deps, request, "decline_case", subject="case", subject_id=case_id)

        return await self._done(request, act, "/cases?done=declined")

    async def reassign(self, request: Request) -> Response:
        """To another worker of the same programme."""
        given = await checked_fields(request)
        case_id = await run_in_threadpool(self._allowed, request)
        worker_id = await run_in_threadpool(self._member, case_id, given.get("worker_id", ""))
        account_id = viewer_of(request).account.id

        def act() -> None:
            reassign(self.deps.store, case_id, worker_id, self.deps.clock(), account_id=account_id)
            note(self.deps, request, "reassign_case", subject="case", subject_id=case_id)

        return await self._done(request, act, f"/cases/{case_id}?done=reassigned")

    async def _done(self, request: Request, act: Callable[[], None], destination: str) -> Response:
        try:
            await run_in_threadpool(act)
        except (StaleCase, ImpossibleTransition):
            return RedirectResponse(f"/cases/{request.path_params['case_id']}?done=stale", 303)
        self.deps.wake()
        return RedirectResponse(destination, 303)

    def _allowed(self, request: Request) -> int:
        viewer = viewer_of(request)
        case_id: int = request.path_params["case_id"]
        if viewer.account.role not in SEES_NAMES:
            raise HTTPException(403)
        with self.deps.store.read() as connection:
            if not case_in_scope(connection, viewer.account.scope, case_id):
                raise HTTPException(404)
        return case_id

    def _member(self, case_id: int, worker: str) -> int:
        with self.deps.store.read() as connection:
            members = {str(member.id): member.id for member in team(connection, programme_of_case(connection, case_id))}
        if worker not in members:
            raise HTTPException(400)
        return members[worker]


def _belongs(one: ListedCase, view: str, me: int | None) -> bool:
    match view:
        case "mine":
            return me is not None and me in {one.hands.assigned_id, one.hands.taker_id}
        case "open":
            return one.row.kind_state == CaseState.TRIGGERED
        case "taken":
            return one.row.kind_state == CaseState.ACKNOWLEDGED
        case "closed":
            return False
        case _:
            return True
