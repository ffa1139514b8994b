"""Logging in and out."""

import secrets
import threading
from collections import deque
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields, equal, fields
from callbot.console.gate import cookie_name, viewer_of
from callbot.console.render import Pages
from callbot.store import console_accounts

FORM_COOKIE = "callbot_form"
REFUSED = "로그인하지 못했습니다. 아이디와 비밀번호를 확인해 주세요. 여러 번 틀리면 잠시 로그인할 수 없습니다."
"""The same words for a wrong password, an unknown log-in, one that is switched off, and one that is locked."""
OUTDATED = "화면이 오래되었습니다. 다시 로그인해 주세요."
TRIES_BY_ADDRESS = 30
IN = timedelta(minutes=10)


class Throttle:
    """Failed log-ins by network address: slows down a search over many accounts, which no account's own lock sees."""

    def __init__(self, most: int = TRIES_BY_ADDRESS, within: timedelta = IN) -> None:
        self._most = most
        self._within = within
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def full(self, address: str, now: datetime) -> bool:
        """Whether this address has failed too often lately."""
        with self._lock:
            times = self._failures.get(address, deque())
            while times and times[0] <= now - self._within:
                times.popleft()
            if not times:
                self._failures.pop(address, None)
            return len(times) >= self._most

    def failed(self, address: str, now: datetime) -> None:
        """Count one."""
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=self._most)).append(now)


class LoginPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages
        self.throttle = Throttle()

    def form(self, request: Request) -> Response:
        """The empty form."""
        return self._form(request, local_path(request.query_params.get("next", "")))

    async def log_in(self, request: Request) -> Response:
        """A new session, or the form again."""
        given = await fields(request)
        login, destination = given.get("login", "")[:64], local_path(given.get("next", ""))
        token = request.cookies.get(FORM_COOKIE, "")
        if not token or not equal(given.get("csrf_token", ""), token):
            return self._form(request, destination, login=login, problem=OUTDATED, status=403)
        address = request.client.host if request.client else ""
        if self.throttle.full(address, self.deps.wall()):
            return self._form(request, destination, login=login, problem=REFUSED, status=429)
        session = await run_in_threadpool(self._check, login, given.get("password", "")[:200], address)
        if session is None:
            return self._form(request, destination, login=login, problem=REFUSED, status=401)
        response = RedirectResponse(destination, 303)
        self._set_cookie(response, session)
        response.delete_cookie(FORM_COOKIE, path="/login", secure=self.deps.https, httponly=True, samesite="strict")
        await run_in_threadpool(self._forget_old, request)
        return response

    async def log_out(self, request: Request) -> Response:
        """The session ends on the server too."""
        await checked_fields(request)
        await run_in_threadpool(self._forget_old, request, viewer_of(request).account.id)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(
            cookie_name(https=self.deps.https), path="/", secure=self.deps.https, httponly=True, samesite="lax"
        )
        return response

    def _check(self, login: str, password: str, address: str) -> str | None:
        """A session's token, or None. Never says why not."""
        now = self.deps.wall()
        with self.deps.store.write() as connection:
            attempt = console_accounts.begin_login(connection, login, now)
        right = self.deps.passwords.matches(attempt.password_hash if attempt else None, password)
        with self.deps.store.write() as connection:
            if attempt is None or not right:
                account_id = attempt.account.id if attempt else None
                console_accounts.log_access(connection, now, account_id, "login_failed", address=address)
                self.throttle.failed(address, now)
                return None
            console_accounts.succeed(connection, attempt.account.id, now)
            console_accounts.log_access(connection, now, attempt.account.id, "login", address=address)
            return console_accounts.open_session(connection, attempt.account.id, now, self.deps.lifetime)

    def _forget_old(self, request: Request, leaving: int | None = None) -> None:
        """Whatever session the browser came with is over: a new log-in never continues one."""
        old = request.cookies.get(cookie_name(https=self.deps.https))
        with self.deps.store.write() as connection:
            if old:
                console_accounts.revoke_session(connection, old, self.deps.wall())
            if leaving is not None:
                console_accounts.log_access(connection, self.deps.wall(), leaving, "logout")

    def _set_cookie(self, response: Response, session: str) -> None:
        response.set_cookie(
            cookie_name(https=self.deps.https), session, path="/", secure=self.deps.https, httponly=True, samesite="lax"
        )

    def _form(
        self, request: Request, destination: str, *, login: str = "", problem: str = "", status: int = 200
    ) -> Response:
        token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
        response = self.pages.response(
            request, "login.html", status=status, form_token=token, next=destination, login=login, problem=problem
        )
        response.set_cookie(
            FORM_COOKIE, token, path="/login", secure=self.deps.https, httponly=True, samesite="strict", max_age=3600
        )
        return response


def local_path(text: str) -> str:
    """Where to go after the log-in: a path of ours, never another site.

    >>> local_path("/cases/3"), local_path("//evil.example"), local_path("https://evil.example")
    ('/cases/3', '/today', '/today')
    """
    fine = text.startswith("/") and not text.startswith(("//", "/login", "/logout")) and "\\" not in text
    return text if fine and text.isprintable() and len(text) < 200 else "/today"  # noqa: PLR2004
