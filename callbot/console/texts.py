"""문자 문구: every SMS template with its bytes as the provider counts them, edited by a supervisor, kept as versions."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields
from callbot.console.gate import viewer_of
from callbot.console.office import supervisor_of
from callbot.console.render import Pages
from callbot.escalate.notice import NoticeTemplate
from callbot.escalate.page import SMS_BYTES, PageTemplate
from callbot.escalate.text_check import TEXT_KO, check_text
from callbot.store.paging_rows import edited_text, save_text, text_versions
from callbot.workflows.sms_templates import template_text, text_in_force

LONGEST_TEXT = 1000
PAGE_NAMES = (
    ("tag", "구 이름"), ("who", "가린 이름(나이)"), ("time", "시각"), ("what", "내용"), ("case", "사건 번호"),
    ("mark", "미확인·확인됨"), ("count", "사람 수"), ("link", "짧은 주소"), ("reply", "회신 안내"),
)  # fmt: skip
NOTICE_NAMES = (("tag", "기관 이름"), ("number", "발신 번호"), ("time", "통화 시각"), ("stop", "거부 낱말"))


class TextPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """All of them."""
        with self.deps.store.read() as connection:
            lines = [
                (
                    template,
                    name,
                    check_text(template, text_in_force(connection, template)),
                    bool(edited_text(connection, template)),
                )
                for template, name in TEXT_KO.items()
            ]
        return self.pages.response(request, "texts.html", lines=lines, limit=SMS_BYTES)

    def one(self, request: Request) -> Response:
        """The editor of one."""
        template = self._template(request)
        with self.deps.store.read() as connection:
            text = text_in_force(connection, template)
        saved = "문구를 저장했습니다. 다음 문자부터 씁니다." if request.query_params.get("done") else ""
        return self._editor(request, template, text.strip(), notice=saved)

    async def save(self, request: Request) -> Response:
        """A new version; an empty box goes back to the shipped text."""
        given = await checked_fields(request)
        return await run_in_threadpool(self._save, request, given.get("text", ""), given.get("act", ""))

    def _save(self, request: Request, text: str, act: str) -> Response:
        viewer = supervisor_of(request)
        template = self._template(request)
        if act == "reset":
            text = ""
        else:
            checked = check_text(template, text)
            if checked.problems or len(text) > LONGEST_TEXT:
                too_long = f"문구가 {len(text)}자입니다. {LONGEST_TEXT}자 안으로 줄여 주세요."
                problem = " ".join(checked.problems) or too_long
                return self._editor(request, template, text, problem=problem, status=400)
        with self.deps.store.write() as connection:
            save_text(connection, template, text, self.deps.clock(), account_id=viewer.account.id)
        note(self.deps, request, "edit_text")
        return RedirectResponse(f"/texts/{template}?done=1", 303)

    async def check(self, request: Request) -> Response:
        """Bytes and preview of what stands in the editor, as JSON; nothing is written."""
        given = await checked_fields(request)
        checked = check_text(self._template(request), given.get("text", "")[:LONGEST_TEXT])
        return JSONResponse(
            {
                "usual": checked.usual,
                "usual_bytes": checked.usual_bytes,
                "longest": checked.longest,
                "longest_bytes": checked.longest_bytes,
                "problems": checked.problems,
                "remarks": checked.remarks,
            }
        )

    def _template(self, request: Request) -> PageTemplate | NoticeTemplate:
        name = request.path_params["name"]
        found = next((template for template in TEXT_KO if template == name), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _editor(
        self,
        request: Request,
        template: PageTemplate | NoticeTemplate,
        text: str,
        *,
        notice: str = "",
        problem: str = "",
        status: int = 200,
    ) -> Response:
        with self.deps.store.read() as connection:
            versions = text_versions(connection, template)
        return self.pages.response(
            request,
            "text.html",
            status=status,
            notice=notice,
            problem=problem,
            text_id=template,
            name=TEXT_KO[template],
            text=text,
            shipped=template_text(template).strip(),
            checked=check_text(template, text),
            limit=SMS_BYTES,
            names=NOTICE_NAMES if isinstance(template, NoticeTemplate) else PAGE_NAMES,
            versions=versions,
            may_edit=viewer_of(request).account.role == "supervisor",
        )
