"""Retry ladders: a form of rungs, the preview in words, versions."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.plan_base import MENDABLE, SUPERVISES, PlanPages
from callbot.console.read_form import BadForm, Form, number, start_of, text, whole
from callbot.console.wide_forms import checked_wide_form
from callbot.schedule.ladder import MOST_RUNGS, RetryCause, RetryLadder, Rung, read_ladder
from callbot.schedule.ladder_words import CAUSE_KO, DO_KO, Stage, preview
from callbot.store.programme_rows import LadderRow, ladder_row, ladder_rows
from callbot.workflows.change_programme import new_ladder

CAUSES = (RetryCause.DEFAULT, RetryCause.BUSY, RetryCause.OFF, RetryCause.REJECTED, RetryCause.ASKED)
"""Waits that the form offers; others of a ladder are kept as they are only when it is not edited here."""
WAITS_KO = {cause: CAUSE_KO[cause] if cause is not RetryCause.DEFAULT else "안 받으면(기본)" for cause in CAUSES}
ONLY_KO: dict[str, str] = {
    "": "언제나",
    **{cause.value: CAUSE_KO[cause] for cause in CAUSES if cause is not RetryCause.DEFAULT},
}
WHO_KO = {"both": "보호자, 없으면 이웃", "guardian": "보호자만", "neighbour": "이웃만"}
LATE_KO = {"move": "다음 통화 시간으로 미룸", "drop": "건너뜀"}
ROWS = 8
TEN = 10


def read_rungs(given: Form) -> RetryLadder:
    """From the form. Raises BadForm or LadderError."""
    rungs = [rung for row in range(MOST_RUNGS) if (rung := _rung(given, row)) is not None]
    return read_ladder(
        {
            "name": text(given, "name", "이름", most=40),
            "days": whole(given, "days", "며칠에 걸쳐", 1, 3),
            "most_a_day": whole(given, "most_a_day", "하루 최대", 1, 10),
            "spare": whole(given, "spare", "우리 쪽 장애", 0, 10),
            "spare_after": number(given, "spare_after", "장애 뒤 다시", 1, 120) * 60,
            "rungs": rungs,
        }
    )


def _rung(given: Form, row: int) -> dict[str, Any] | None:
    do = text(given, f"do{row}")
    if not do:
        return None
    if do not in DO_KO:
        raise BadForm(f"{row + 1}번째 칸에서 할 일을 골라 주세요.")
    rung: dict[str, Any] = {"do": do}
    if only := text(given, f"only{row}"):
        rung["only"] = [only]
    if do in {"call_again", "other_number", "contact"}:
        waits = {}
        for cause in CAUSES:
            label = f"{row + 1}번째 칸 {WAITS_KO[cause]}"
            minutes = number(
                given, f"{cause}{row}", label, 0, 1440, default=-1 if cause is not RetryCause.DEFAULT else 30
            )
            if minutes >= 0:
                waits[cause.value] = minutes * 60
        rung |= {"after": waits, "late": text(given, f"late{row}") or "move"}
    if do == "contact":
        who = text(given, f"who{row}") or "both"
        rung["who"] = ["guardian", "neighbour"] if who == "both" else [who]
    return rung


def shown(rung: Rung | None) -> dict[str, str]:
    """A rung as the form's fields hold it."""
    if rung is None:
        return {"do": "", "only": "", "who": "both", "late": "move", **{cause.value: "" for cause in CAUSES}}
    waits = {cause.value: f"{rung.after[cause] / 60:g}" if cause in rung.after else "" for cause in CAUSES}
    who = rung.who[0].value if len(rung.who) == 1 else "both"
    return {"do": rung.do, "only": rung.only[0] if rung.only else "", "who": who, "late": rung.late, **waits}


class LadderPages(PlanPages):
    """The endpoints."""

    def list(self, request: Request) -> Response:
        """Every version with its preview, by name."""
        self.scope(request)
        note(self.deps, request, "view_ladders")
        with self.deps.store.read() as connection:
            rows = ladder_rows(connection)
        return self.page(request, "plan_ladders.html", rows=[(row, self._preview(row.ladder)) for row in rows])

    def edit(self, request: Request) -> Response:
        """A form filled with one version; whatever is saved is a new one."""
        self.scope(request, SUPERVISES)
        row = self._row(request)
        return self._page(request, row.ladder, version=row.version)

    async def save(self, request: Request) -> Response:
        """Preview, or publish."""
        self.scope(request, SUPERVISES)
        row = await run_in_threadpool(self._row, request)
        given = (await checked_wide_form(request)).lists
        try:
            ladder = read_rungs(given)
        except MENDABLE as error:
            return await run_in_threadpool(self._page, request, row.ladder, problem=str(error), given=given, status=400)
        if text(given, "what") != "publish":
            return await run_in_threadpool(self._page, request, ladder, given=given)

        def act(_given: Form) -> str:
            new_ladder(self.deps.store, ladder, self.now(), by=self.by(request))
            return "/plan/ladders?done=ladder"

        def again(problem: str, _given: Form) -> Response:
            return self._page(request, ladder, problem=problem, given=given, status=400)

        return await self.change(request, act, again, action="publish_ladder", subject="ladder")

    def _row(self, request: Request) -> LadderRow:
        ladder_id = request.path_params.get("ladder_id")
        with self.deps.store.read() as connection:
            found = ladder_row(connection, ladder_id)
        if found is None:
            raise HTTPException(404)
        return found

    def _preview(self, ladder: RetryLadder) -> tuple[Stage, ...]:
        return preview(ladder, start_of(self.today()).replace(hour=TEN))

    def _page(
        self,
        request: Request,
        ladder: RetryLadder,
        *,
        version: int = 0,
        problem: str = "",
        given: Form | None = None,
        status: int = 200,
    ) -> Response:
        rungs: list[Rung | None] = [*ladder.rungs]
        rungs += [None] * max(min(MOST_RUNGS, max(ROWS, len(rungs) + 2)) - len(rungs), 0)
        return self.page(
            request,
            "plan_ladder.html",
            status=status,
            problem=problem,
            given=given or {},
            ladder=ladder,
            version=version,
            stages=self._preview(ladder),
            rungs=[shown(rung) for rung in rungs],
            actions=DO_KO,
            causes=CAUSES,
            waits=WAITS_KO,
            only=ONLY_KO,
            who=WHO_KO,
            late=LATE_KO,
        )
