"""업무량: pages by worker and day with their precision, the budget, and the settings of bundling."""

from datetime import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.office import chosen_programme, supervisor_of
from callbot.console.render import Pages
from callbot.console.wide_forms import WideForm, checked_wide_form
from callbot.escalate.bundling import Paging
from callbot.store.console_office import a_week, workload
from callbot.store.paging_rows import paging_of, set_paging

LIMITS = {
    "storm_count": ("한꺼번에 알리는 사람 수", 2, 500),
    "storm_minutes": ("한꺼번에로 보는 시간(분)", 1, 240),
    "page_budget": ("하루 알림 수", 1, 500),
}


class WorkloadPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """Eight days."""
        note(self.deps, request, "view_workload")
        programme, _ = chosen_programme(self.deps.store, request, "")
        since, until = a_week(self.deps.clock())
        with self.deps.store.read() as connection:
            lines = workload(connection, viewer_of(request).account.scope, since, until)
            budget = paging_of(connection, programme.id).page_budget
        over = [line for line in lines if line.pages > budget and line.worker_id is not None]
        decided = sum(line.true + line.false for line in lines)
        precision = sum(line.true for line in lines) / decided if decided else None
        return self.pages.response(request, "workload.html", lines=lines, budget=budget, over=over, precision=precision)

    def paging(self, request: Request) -> Response:
        """The settings."""
        programme, _ = chosen_programme(self.deps.store, request, request.query_params.get("programme", ""))
        with self.deps.store.read() as connection:
            paging = paging_of(connection, programme.id)
        return self._form(request, as_form(paging), notice="저장했습니다." if request.query_params.get("done") else "")

    async def set_paging(self, request: Request) -> Response:
        """A supervisor changes them."""
        form = await checked_wide_form(request)
        return await run_in_threadpool(self._set, request, form)

    def _set(self, request: Request, form: WideForm) -> Response:
        viewer = supervisor_of(request)
        programme, _ = chosen_programme(self.deps.store, request, form.text("programme"))
        try:
            paging = read_paging(form)
        except ValueError as error:
            given = {name: values[-1] for name, values in form.lists.items()}
            return self._form(request, as_form(Paging()) | given, problem=str(error), status=400)
        with self.deps.store.write() as connection:
            set_paging(connection, programme.id, paging, self.deps.clock(), account_id=viewer.account.id)
        note(self.deps, request, "set_paging", subject="programme", subject_id=programme.id)
        return RedirectResponse(f"/paging?programme={programme.id}&done=1", 303)

    def _form(
        self, request: Request, given: dict[str, str], *, notice: str = "", problem: str = "", status: int = 200
    ) -> Response:
        asked = given.get("programme") or request.query_params.get("programme", "")
        programme, known = chosen_programme(self.deps.store, request, asked)
        return self.pages.response(
            request,
            "paging.html",
            status=status,
            given=given,
            notice=notice,
            problem=problem,
            programme=programme,
            programmes=known,
            limits=LIMITS,
            may_edit=viewer_of(request).account.role == "supervisor",
        )


def as_form(paging: Paging) -> dict[str, str]:
    """Settings as fields."""
    return {
        "digest_times": ", ".join(f"{clock:%H:%M}" for clock in paging.digest_times),
        "storm_count": str(paging.storm_count),
        "storm_minutes": str(paging.storm_minutes),
        "page_budget": str(paging.page_budget),
        "long_pages": "1" if paging.long_pages else "",
        "notify_day_before": "1" if paging.notify_day_before else "",
        "notify_missed": "1" if paging.notify_missed else "",
    }


def read_paging(form: WideForm) -> Paging:
    """From the form. Raises ValueError in Korean."""
    words = [word for word in form.text("digest_times").replace(",", " ").split() if word]
    try:
        times = tuple(sorted({time.fromisoformat(word) for word in words}))
    except ValueError as error:
        raise ValueError(f"일반 알림 시각 ‘{form.text('digest_times')}’: 09:30, 16:30처럼 적어 주세요.") from error
    if not 1 <= len(times) <= 6:  # noqa: PLR2004
        raise ValueError("일반 알림 시각을 한 번에서 여섯 번까지 적어 주세요.")
    numbers = {}
    for name, (what, least, most) in LIMITS.items():
        text = form.text(name)
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"{what} ‘{text}’: {least}에서 {most} 사이로 적어 주세요.")
        numbers[name] = int(text)
    return Paging(
        times,
        numbers["storm_count"],
        numbers["storm_minutes"],
        numbers["page_budget"],
        bool(form.text("long_pages")),
        bool(form.text("notify_day_before")),
        bool(form.text("notify_missed")),
    )
