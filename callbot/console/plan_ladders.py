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
from callbot.schedule.ladder import LONGEST_S, MOST_RUNGS, RetryCause, RetryLadder, Rung, read_ladder
from callbot.schedule.ladder_words import CAUSE_KO, DO_KO, Stage, preview
from callbot.store.programme_rows import LadderRow, ladder_row, ladder_rows
from callbot.workflows.change_programme import new_ladder

CAUSES = (RetryCause.DEFAULT, RetryCause.BUSY, RetryCause.OFF, RetryCause.REJECTED, RetryCause.ASKED)
"""Waits that the form shows at once."""
RARE_CAUSES = tuple(cause for cause in RetryCause if cause not in CAUSES)
"""Those behind "다른 까닭"."""
WAITS_KO = CAUSE_KO | {RetryCause.DEFAULT: "안 받으면(기본)", RetryCause.NO_ANSWER: "벨만 울리면"}
ONLY_KO: dict[str, str] = {
    "": "언제나",
    **{cause.value: CAUSE_KO[cause] for cause in RetryCause if cause is not RetryCause.DEFAULT},
}
WHO_KO = {
    "guardian,neighbour": "보호자, 없으면 이웃",
    "neighbour,guardian": "이웃, 없으면 보호자",
    "guardian": "보호자만",
    "neighbour": "이웃만",
}
NUMBER_KO = {"same": "같은 번호", "next": "다음 번호(있으면)"}
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
            "spare_after": round(number(given, "spare_after", "장애 뒤 다시", 0.1, 120) * 60, 3),
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
        rung["only"] = only.split(",")
    if do in {"call_again", "other_number", "contact"}:
        rung |= {"after": _waits(given, row)}
        rung |= {"late": text(given, f"late{row}") or "move", "number": text(given, f"number{row}") or "same"}
    if do == "contact":
        rung["who"] = (text(given, f"who{row}") or next(iter(WHO_KO))).split(",")
    return rung


def _waits(given: Form, row: int) -> dict[str, float]:
    """Seconds by cause; a blank one waits like the default, a blank default half an hour (Rung.delay)."""
    waits = {}
    for cause in RetryCause:
        label = f"{row + 1}번째 칸 {WAITS_KO[cause]}"
        minutes = number(given, f"{cause}{row}", label, 0, LONGEST_S / 60, default=-1)
        if minutes >= 0:
            waits[cause.value] = round(minutes * 60, 3)
    return waits


def shown(rung: Rung | None) -> dict[str, str]:
    """A rung as the form's fields hold it: nothing of it is left out, so that saving an untouched form changes nothing."""
    if rung is None:
        blank = {"do": "", "only": "", "who": next(iter(WHO_KO)), "late": "move", "number": "same"}
        return blank | {cause.value: "" for cause in RetryCause}
    waits = {cause.value: f"{rung.after[cause] / 60:.12g}" if cause in rung.after else "" for cause in RetryCause}
    return {
        "do": rung.do,
        "only": ",".join(rung.only),
        "who": ",".join(rung.who),
        "late": rung.late,
        "number": rung.number,
        **waits,
    }


def _with(options: dict[str, str], words: dict[str, str], rungs: list[dict[str, str]], name: str) -> dict[str, str]:
    """The choices, and combinations that a ladder has and no choice offers ("통화 중·꺼짐")."""
    more = {rung[name] for rung in rungs} - options.keys()
    return options | {each: "·".join(words.get(one, one) for one in each.split(",")) for each in sorted(more)}


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
        rows = [shown(rung) for rung in rungs]
        return self.page(
            request,
            "plan_ladder.html",
            status=status,
            problem=problem,
            given=given or {},
            ladder=ladder,
            version=version,
            stages=self._preview(ladder),
            rungs=rows,
            rare_waits=[any(row[cause] for cause in RARE_CAUSES) for row in rows],
            actions=DO_KO,
            causes=CAUSES,
            rare_causes=RARE_CAUSES,
            waits=WAITS_KO,
            only=_with(ONLY_KO, ONLY_KO, rows, "only"),
            who=_with(WHO_KO, {"guardian": "보호자", "neighbour": "이웃", "self": "본인"}, rows, "who"),
            late=LATE_KO,
            numbers=NUMBER_KO,
        )
