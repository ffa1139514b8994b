"""Programmes: hours, holidays, extra rounds, the ladder in force; and days of one's own."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.plan_base import SUPERVISES, PlanPages
from callbot.console.read_form import BadForm, Form, chosen, day, number, text, window
from callbot.schedule.festivals import RoundDay, rounds
from callbot.schedule.week import HolidayRule
from callbot.store.calendar_rows import calendar, own_days
from callbot.store.programme_rows import LadderRow, ProgrammeRow, ladder_rows, programme_rows
from callbot.workflows.change_programme import ProgrammeWish, edit_programme, no_own_day, own_day

RULES = {
    HolidayRule.SHIFT: "그 주의 다른 평일로 옮겨 겁니다",
    HolidayRule.SKIP: "공휴일에는 걸지 않습니다(그 주 전화를 건너뜀)",
    HolidayRule.CALL: "공휴일에도 그대로 겁니다",
}
RING_S = (10, 90)
"""Seconds. Below, an old person does not reach the phone; above, the network's own time-out comes first."""
ROUNDS = {RoundDay.BEFORE: "연휴 앞 마지막 평일", RoundDay.ON: "명절 당일", RoundDay.AFTER: "연휴 뒤 첫 평일"}


class ProgrammePages(PlanPages):
    """The endpoints."""

    def edit(self, request: Request) -> Response:
        """One programme."""
        programme = self._programme(request)
        note(self.deps, request, "view_programme", subject="programme", subject_id=programme.id)
        return self._page(request, programme)

    async def save(self, request: Request) -> Response:
        """Everything at once."""
        self.scope(request, SUPERVISES)
        programme = self._programme(request)

        def act(given: Form) -> str:
            hours = window(given, "window", "통화 시간대")
            if hours is None:
                raise BadForm("통화 시간대를 적어 주세요 (예: 09:00부터 18:00까지).")
            wanted = tuple(each for each in RoundDay if each in given.get("round", ()))
            ladders = self._ladders()
            ladder = chosen(given, "ladder", "재시도 사다리", [_key(row) for row in ladders])
            wish = ProgrammeWish(
                f"{hours.opens:%H:%M}",
                f"{hours.closes:%H:%M}",
                chosen(given, "holiday_rule", "공휴일", tuple(HolidayRule)),
                wanted,
                next(row.id for row in ladders if _key(row) == ladder),
                number(given, "ring_s", "벨을 울리는 시간(초)", *RING_S) if text(given, "ring_s") else None,
                chosen(given, "script", "대본", self.deps.scripts) if "script" in given else None,
            )
            edit_programme(self.deps.store, programme.id, wish, self.now(), by=self.by(request))
            return f"/plan/programmes/{programme.id}?done=programme"

        return await self.change(
            request, act, self._again(request), action="edit_programme", subject="programme", subject_id=programme.id
        )

    async def own_day(self, request: Request) -> Response:
        """A temporary holiday, a holiday that is worked, or neither any more."""
        self.scope(request, SUPERVISES)
        programme = self._programme(request)

        def act(given: Form) -> str:
            on = day(given, "day", "날짜")
            if on is None:
                raise BadForm("날짜를 골라 주세요.")
            if text(given, "what") == "forget":
                no_own_day(self.deps.store, on, self.now(), by=self.by(request))
            else:
                name, free = text(given, "name", "이름", most=40), text(given, "what") == "free"
                own_day(self.deps.store, on, name, self.now(), free=free, by=self.by(request))
            return f"/plan/programmes/{programme.id}?done=day#days"

        return await self.change(request, act, self._again(request), action="edit_own_day", subject="day")

    def _again(self, request: Request):  # type: ignore[no-untyped-def]
        return lambda problem, given: self._page(
            request, self._programme(request), problem=problem, given=given, status=400
        )

    def _ladders(self) -> list[LadderRow]:
        with self.deps.store.read() as connection:
            return ladder_rows(connection)

    def _programme(self, request: Request) -> ProgrammeRow:
        scope, programme_id = self.scope(request), request.path_params["programme_id"]
        if scope.programme_id not in {None, programme_id}:
            raise HTTPException(404)
        with self.deps.store.read() as connection:
            found = programme_rows(connection, programme_id)
        if not found:
            raise HTTPException(404)
        return found[0]

    def _page(
        self,
        request: Request,
        programme: ProgrammeRow,
        *,
        problem: str = "",
        given: Form | None = None,
        status: int = 200,
    ) -> Response:
        with self.deps.store.read() as connection:
            known = calendar(connection, self.holidays())
            own = own_days(connection)
        coming = [(on, name) for on, name in sorted(known.items()) if on >= self.today()][:8]
        festive = [each for each in rounds(known, list(RoundDay)) if each.day >= self.today()][:6]
        return self.page(
            request,
            "plan_programme.html",
            status=status,
            problem=problem,
            given=given or {},
            programme=programme,
            ladder_options=ladder_options(self._ladders()),
            ladder_key=str(programme.ladder_id or "default"),
            rules=RULES,
            script_options=[(name, name) for name in sorted({programme.script_name, *self.deps.scripts})],
            ring_bounds=RING_S,
            rounds=ROUNDS,
            coming=coming,
            festive=festive,
            own=own,
        )


def ladder_options(rows: list[LadderRow]) -> list[tuple[str, str]]:
    """For a choice: key and words."""
    return [(_key(row), f"{row.name} {row.version}판" if row.version else f"{row.name} (기본값)") for row in rows]


def _key(row: LadderRow) -> str:
    return "default" if row.id is None else str(row.id)
