"""운영: what a supervisor keeps in order, in one place; and who may."""

from datetime import date, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.deps import ConsoleDeps
from callbot.console.gate import Viewer, viewer_of
from callbot.console.render import Pages
from callbot.console.times import SEOUL
from callbot.escalate.roster_import import RosterFault
from callbot.store.console_office import ProgrammeLine, programmes_in
from callbot.store.database import Store

LINKS = (
    ("/requests", "요청", "통화에서 하신 부탁: 접수, 전달함, 마침"),
    ("/plan", "일정", "통화 쉼, 시간 제안, 캠페인, 재시도 사다리, 사업 설정"),
    ("/roster", "당직표", "누가 언제 알림을 받는지, 휴가와 대직"),
    ("/policies", "호출 정책", "알림을 받을 차례, 기다리는 시간, 결과 기한"),
    ("/texts", "문자 문구", "담당자와 대상자에게 가는 문자"),
    ("/paging", "모아 보내기·예산", "일반 알림 시각, 한꺼번에 알리는 기준, 하루 알림 수"),
    ("/rules", "판단 규칙", "무엇에 울리는지, 예문, 정확도, 우리 말 더하기"),
    ("/workload", "업무량", "담당자별 알림 수와 정확도"),
    ("/incoming", "걸려 온 전화", "되걸어 오신 분, 모르는 번호, 그 결과"),
    ("/sms", "문자 시험 발송", "제공자 확인과 시험 문자 한 통"),
)


def supervisor_of(request: Request) -> Viewer:
    """Whoever may change how staff is paged. Raises HTTPException 403."""
    viewer = viewer_of(request)
    if viewer.account.role != "supervisor":
        raise HTTPException(403)
    return viewer


def chosen_programme(store: Store, request: Request, given: str) -> tuple[ProgrammeLine, tuple[ProgrammeLine, ...]]:
    """The programme that a page is about, and those that the viewer may choose. Raises HTTPException 404."""
    with store.read() as connection:
        known = programmes_in(connection, viewer_of(request).account.scope)
    if not known:
        raise HTTPException(404)
    found = next((one for one in known if str(one.id) == given), None)
    if found is None and given:
        raise HTTPException(404)
    return found or known[0], known


def read_moment(text: str, what: str) -> datetime:
    """From `<input type="datetime-local">`, in Seoul. Raises RosterFault."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SEOUL)
    except ValueError as error:
        raise RosterFault(f"{what}을(를) 2026-12-01 18:00처럼 적어 주세요.") from error


def week_of(text: str, today: date) -> date:
    """The Monday of the week asked for, else of this one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    return day - timedelta(days=day.isoweekday() - 1)


class OfficePages:
    """The endpoint."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """The list of what there is."""
        return self.pages.response(request, "office.html", links=LINKS)
