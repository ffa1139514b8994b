"""Error pages in Korean; never a trace, never what was asked for."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from callbot.console.render import Pages

LOG = structlog.get_logger()
TEXTS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("요청을 이해하지 못했습니다", "입력한 내용을 확인하고 다시 해 주세요."),
        401: ("로그인이 필요합니다", "다시 로그인해 주세요."),
        403: ("볼 수 없는 화면입니다", "권한이 없거나 화면이 오래되었습니다. 새로 고친 뒤 다시 해 주세요."),
        404: ("찾는 것이 없습니다", "주소가 틀렸거나 볼 수 없는 내용입니다."),
        405: ("쓸 수 없는 방식입니다", "화면의 단추를 눌러 주세요."),
        413: ("보낸 내용이 너무 큽니다", "내용을 줄여서 다시 보내 주세요."),
        429: ("잠시 뒤에 다시 해 주세요", "로그인 시도가 너무 많습니다."),
        500: ("문제가 생겼습니다", "잠시 뒤에 다시 해 주세요. 급하면 대상자에게 바로 전화해 주세요."),
    }
)
Handler = Callable[[Request, Exception], Response | Awaitable[Response]]


class Errors:
    """Renders them."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def page(self, request: Request, code: int) -> Response:
        """A page for a browser, a line for everything else."""
        code = code if code in TEXTS else 400 if code < 500 else 500  # noqa: PLR2004
        title, text = TEXTS[code]
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(f"{title}. {text}", code)
        return self.pages.response(request, "error.html", status=code, code=code, title=title, text=text)

    def handlers(self) -> dict[Any, Handler]:
        """For Starlette."""
        return {HTTPException: self._http, 500: self._fault}

    def _http(self, request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 500
        return self.page(request, code)

    def _fault(self, request: Request, error: Exception) -> Response:
        LOG.error("console_fault", path=request.scope["path"], error=type(error).__name__)
        return self.page(request, 500)
