"""당직표: the week at a glance, who is away, who stands in; gaps and overlaps said before they matter."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.adapters.calendar_file import read_calendar
from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.office import chosen_programme, read_moment, supervisor_of, week_of
from callbot.console.render import Pages
from callbot.console.roster_week import AHEAD, week
from callbot.console.times import SEOUL
from callbot.console.wide_forms import WideForm, checked_wide_form
from callbot.escalate.hours import HOURS_KO, Hours
from callbot.escalate.roster import SHIFT_KO, Shift, ShiftKind
from callbot.escalate.roster_import import ROLE_KO, RosterFault, ShiftDraft, of_calendar, read_csv
from callbot.people.team import Role
from callbot.store.console_case_list import team, worker_names
from callbot.store.console_office import patterns, shift_in_scope, shifts
from callbot.store.tables_escalate import roster_patterns, roster_shifts
from callbot.workflows.edit_roster import drop_pattern, drop_shift, import_roster, put_pattern, put_shift

SAVED = "당직표를 고쳤습니다."


class RosterPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """The week, and everything to change it with."""
        note(self.deps, request, "view_roster")
        return self._page(request, notice=SAVED if request.query_params.get("done") else "")

    async def change(self, request: Request) -> Response:
        """One of the forms of the page."""
        form = await checked_wide_form(request)
        return await run_in_threadpool(self._change, request, form)

    def _change(self, request: Request, form: WideForm) -> Response:
        viewer = supervisor_of(request)
        programme, _ = chosen_programme(self.deps.store, request, form.text("programme"))
        try:
            said = self._apply(request, form, programme.id, viewer.account.id)
        except ValueError as error:  # RosterFault, and words that are no role, kind or hours
            problem = str(error) if isinstance(error, RosterFault) else "고른 값을 확인해 주세요."
            return self._page(request, problem=problem, status=400)
        note(self.deps, request, "change_roster", subject="programme", subject_id=programme.id)
        if said:
            return self._page(request, notice=said)
        return RedirectResponse(f"/roster?programme={programme.id}&week={form.text('week')[:10]}&done=1", 303)

    def _apply(self, request: Request, form: WideForm, programme_id: int, account_id: int) -> str:
        """What to say; empty: only that it is done. Raises ValueError."""
        store, now = self.deps.store, self.deps.clock()
        match form.text("act"):
            case "pattern":
                hours = frozenset(Hours(text) for text in form.lists.get("hours", ()))
                worker = self._member(programme_id, form.text("worker_id"))
                put_pattern(store, programme_id, worker, Role(form.text("role")), hours, now, account_id=account_id)
            case "shift":
                put_shift(store, programme_id, self._shift(programme_id, form), now, account_id=account_id)
            case "drop_pattern":
                drop_pattern(store, self._own(request, roster_patterns, form), now, account_id=account_id)
            case "drop_shift":
                drop_shift(store, self._own(request, roster_shifts, form), now, account_id=account_id)
            case "import":
                drafts, source = drafts_of(form.file, form.file_name)
                done = import_roster(store, programme_id, drafts, now, account_id=account_id, source=source)
                return f"{done.added}건을 넣었습니다." + (f" {done.known}건은 이미 있었습니다." if done.known else "")
            case _:
                raise HTTPException(400)
        return ""

    def _shift(self, programme_id: int, form: WideForm) -> Shift:
        kind = ShiftKind(form.text("kind"))
        starts, ends = read_moment(form.text("starts"), "시작"), read_moment(form.text("ends"), "끝")
        worker = self._member(programme_id, form.text("worker_id"))
        role = Role(form.text("role") or Role.DUTY) if kind is ShiftKind.DUTY else None
        if kind is not ShiftKind.STAND_IN:
            return Shift(worker, kind, starts, ends, role)
        if not form.text("covers"):
            raise RosterFault("대직은 누구 대신인지 골라 주세요.")
        return Shift(worker, kind, starts, ends, None, self._member(programme_id, form.text("covers")))

    def _member(self, programme_id: int, worker: str) -> int:
        with self.deps.store.read() as connection:
            members = {str(member.id): member.id for member in team(connection, programme_id)}
        if worker not in members:
            raise RosterFault("사람을 골라 주세요.")
        return members[worker]

    def _own(self, request: Request, table: sa.Table, form: WideForm) -> int:
        number = int(form.text("id")) if form.text("id").isdecimal() and len(form.text("id")) < 10 else 0  # noqa: PLR2004
        with self.deps.store.read() as connection:
            if not shift_in_scope(connection, viewer_of(request).account.scope, table, number):
                raise HTTPException(404)
        return number

    def _page(self, request: Request, *, notice: str = "", problem: str = "", status: int = 200) -> Response:
        now = self.deps.clock()
        today = now.astimezone(SEOUL).date()
        programme, known = chosen_programme(self.deps.store, request, request.query_params.get("programme", ""))
        monday = week_of(request.query_params.get("week", ""), today)
        first = datetime.combine(monday, datetime.min.time(), SEOUL)
        since, until = min(first, now), max(first + timedelta(days=8), now + AHEAD)
        with self.deps.store.read() as connection:
            context: dict[str, Any] = {
                "week": week(connection, programme.id, monday, now),
                "patterns": patterns(connection, programme.id),
                "shifts": shifts(connection, programme.id, since, until),
                "names": worker_names(connection),
                "team": team(connection, programme.id),
            }
        return self.pages.response(
            request,
            "roster.html",
            status=status,
            notice=notice,
            problem=problem,
            programme=programme,
            programmes=known,
            monday=monday,
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            today=today,
            role_words=ROLE_KO,
            hours_words=HOURS_KO,
            kind_words=SHIFT_KO,
            may_edit=viewer_of(request).account.role == "supervisor",
            **context,
        )


def drafts_of(data: bytes, name: str) -> tuple[tuple[ShiftDraft, ...], str]:
    """Shifts of an uploaded file, and what it was (csv, ics). Raises RosterFault."""
    if not data:
        raise RosterFault("파일을 골라 주세요 (.csv 또는 .ics).")
    if name.lower().endswith(".ics") or data.lstrip().startswith(b"BEGIN:VCALENDAR"):
        return of_calendar(read_calendar(data)), "ics"
    for codec in ("utf-8-sig", "cp949"):
        try:
            return read_csv(data.decode(codec)), "csv"
        except UnicodeDecodeError:
            continue
    raise RosterFault("CSV 파일의 글자를 읽을 수 없습니다. UTF-8이나 엑셀 기본(cp949)으로 저장해 주세요.")
