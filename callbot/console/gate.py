"""The gate before every page: who is it, may they, and what the browser is told to allow. Closed unless named open."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callbot.console.deps import ConsoleDeps
from callbot.store import console_accounts
from callbot.store.console_accounts import Account, Session

OPEN_PATHS = frozenset({"/login", "/healthz"})
OPEN_PREFIX = "/static/"
LINK_PREFIX = "/p/"
"""The short links in pages: they prove themselves (console/page_link.py)."""
SILENT_PATHS = frozenset({"/today/rows"})
"""Fetched by a timer, not by a human: they do not keep a session alive."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
TOUCH_EVERY_S = 30


@dataclass(frozen=True)
class Viewer:
    """Who is looking."""

    account: Account
    csrf_token: str
    address: str | None


def cookie_name(*, https: bool) -> str:
    """`__Host-` binds a cookie to this host, and works on TLS only."""
    return "__Host-callbot" if https else "callbot"


def viewer_of(request: Request) -> Viewer:
    """The viewer whom the gate let in."""
    viewer = request.scope["callbot.viewer"]
    if not isinstance(viewer, Viewer):
        raise TypeError("this path is open to everybody: it has no viewer")
    return viewer


def same_origin(headers: Headers, https: bool) -> bool:
    """Whether a browser sent this from one of our own pages. What names no origin at all is no browser's form."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin)[:2] == ("https" if https else "http", headers.get("host", ""))


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, deps: ConsoleDeps, refuse: Callable[[Request, int], Response]) -> None:
        self.app = app
        self.deps = deps
        self.refuse = refuse
        """The page for a status code."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope["callbot.viewer"] = None
        refusal = await self._refusal(request)
        await (refusal or self.app)(scope, receive, self._with_headers(send, request.url.path))

    async def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if request.method not in {"GET", "HEAD", "POST"}:
            return self.refuse(request, 405)
        if request.method == "POST" and not same_origin(request.headers, self.deps.https):
            return self.refuse(request, 403)
        if path in OPEN_PATHS or path.startswith((OPEN_PREFIX, LINK_PREFIX)):
            return None
        session = await self._session(request)
        if session is None:
            return self._to_login(request)
        address = request.client.host if request.client else None
        request.scope["callbot.viewer"] = Viewer(session.account, session.csrf_token, address)
        return None

    async def _session(self, request: Request) -> Session | None:
        token = request.cookies.get(cookie_name(https=self.deps.https))
        if not token:
            return None
        return await run_in_threadpool(self._look_up, token, request.url.path not in SILENT_PATHS)

    def _look_up(self, token: str, human: bool) -> Session | None:
        now = self.deps.wall()
        with self.deps.store.read() as connection:
            session = console_accounts.find_session(connection, token, now, self.deps.idle)
        if session and human and (now - session.last_seen_at).total_seconds() > TOUCH_EVERY_S:
            with self.deps.store.write() as connection:
                console_accounts.touch_session(connection, session.id, now)
        return session

    def _to_login(self, request: Request) -> Response:
        wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if not wants_page or request.url.path in SILENT_PATHS:
            return self.refuse(request, 401)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/login" if here == "/" else f"/login?next={quote(here)}", 303)

    def _with_headers(self, send: Send, path: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not path.startswith(OPEN_PREFIX):
                    headers["cache-control"] = "no-store"
                if self.deps.https:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        return sending
