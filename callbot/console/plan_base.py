"""What every page of the 일정 section needs: who may, where to go back to, and a Korean sentence for what went wrong."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.read_form import BadForm, Form
from callbot.console.render import SEES_NAMES, Pages
from callbot.console.times import SEOUL
from callbot.console.wide_forms import checked_wide_form
from callbot.people.numbers import BadNumber
from callbot.schedule.ladder import LadderError
from callbot.store.console_scope import Scope
from callbot.workflows.change_numbers import NumberKnown
from callbot.workflows.remember import CannotBeAskedAbout
from callbot.workflows.run_campaign import CampaignRefused

SUPERVISES = frozenset({"supervisor"})
"""Who edits programmes, ladders and campaigns; caseworkers look at them, and edit their people."""
MENDABLE = (BadForm, BadNumber, NumberKnown, LadderError, CampaignRefused, CannotBeAskedAbout)
"""What a form can get wrong: each is one Korean sentence."""


class PlanPages:
    """Base of the endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def scope(self, request: Request, roles: frozenset[str] = SEES_NAMES) -> Scope:
        """Whose data the viewer may see. Raises HTTPException 403 for another role."""
        account = viewer_of(request).account
        if account.role not in roles:
            raise HTTPException(403)
        return account.scope

    def by(self, request: Request) -> str:
        """For the audit."""
        return viewer_of(request).account.login

    def now(self) -> datetime:
        """Of the ledger."""
        return self.deps.clock()

    def today(self) -> date:
        """In Seoul."""
        return self.now().astimezone(SEOUL).date()

    def holidays(self) -> Mapping[date, str]:
        """Around today."""
        return self.deps.holidays(self.today().year)

    async def change(
        self,
        request: Request,
        act: Callable[[Form], str],
        again: Callable[[str, Form], Response],
        *,
        action: str,
        subject: str | None = None,
        subject_id: int | None = None,
    ) -> Response:
        """Read the form, act on it in a thread, write the access log, wake the workers, and go where `act` says; a mistake
        is shown on the page again with what was typed."""
        given = (await checked_wide_form(request)).lists

        def acting() -> str:
            where = act(given)
            note(self.deps, request, action, subject=subject, subject_id=subject_id)
            return where

        try:
            where = await run_in_threadpool(acting)
        except MENDABLE as error:
            return await run_in_threadpool(again, str(error), given)
        self.deps.wake()
        return RedirectResponse(where, 303)

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """With notice and problem filled in where they are not given."""
        done = request.query_params.get("done", "")
        blank: dict[str, Any] = {"notice": DONE.get(done, ""), "problem": "", "supervises": self.supervises(request)}
        return self.pages.response(request, template, status=status, **(blank | context))

    def supervises(self, request: Request) -> bool:
        """May edit programmes, ladders and campaigns."""
        return viewer_of(request).account.role in SUPERVISES


PROBLEMS = {
    "memory": "그 말로는 여쭐 수 없습니다. 12자 안의 한글 낱말로, 약·돈 이야기 없이 적어 주세요 (예: 무릎, 손주분).",
}
DONE = {
    "schedule": "일정을 고쳤습니다. 이번 주에 아직 걸지 않은 전화도 새 일정을 따릅니다.",
    "hold": "통화를 쉽니다. 울리고 있던 전화도 바로 멈춥니다.",
    "extend": "쉬는 기간을 고쳤습니다.",
    "consent": "동의를 기록했습니다.",
    "number": "번호를 고쳤습니다.",
    "memory": "고쳤습니다. 다음 전화부터 그대로 여쭙니다.",
    "forgotten": "지웠습니다. 다시 여쭙지 않습니다.",
    "ticket": "요청을 처리했습니다.",
    "script": "대본을 골랐습니다. 다음 전화부터 씁니다.",
    "tags": "꼬리표를 고쳤습니다.",
    "talk": "다음 통화부터 이렇게 말합니다.",
    "hour": "결정을 기록했습니다.",
    "programme": "사업 설정을 고쳤습니다.",
    "day": "날을 고쳤습니다. 다음 계획부터 반영됩니다.",
    "ladder": "새 판을 저장했습니다. 쓰려면 사업 설정에서 고르세요.",
    "draft": "아직 아무에게도 전화하지 않습니다. 예측을 보고 시작하세요.",
    "started": "시작했습니다. 급한 분부터 전화합니다.",
    "stopped": "멈췄습니다. 통화 중인 분은 끊지 않습니다.",
}
