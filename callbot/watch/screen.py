"""The watch's own page: its state for everybody on the machine, the list behind a console log-in, without a database."""

import base64
import binascii
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from callbot.console.app import STATIC
from callbot.console.gate import HEADERS
from callbot.console.passwords import Passwords
from callbot.console.times import clock_time, moment
from callbot.watch.missing import HEADER, as_csv, row_of
from callbot.watch.patrol import Round
from callbot.watch.sealed_copy import ListReader, Today

TRIES = 5
REST_S = 60.0
TEMPLATES = Path(__file__).parent / "templates"

log = structlog.get_logger()


class Throttle:
    """Wrong passwords: after five the log-in rests for a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}

    def rests(self, login: str) -> bool:
        """No password is looked at now."""
        count, at = self._failures.get(login, (0, 0.0))
        return count >= TRIES and self._clock() - at < REST_S

    def failed(self, login: str) -> None:
        """One more; names that were never tried before push out the oldest, so that memory stays small."""
        count, at = self._failures.get(login, (0, 0.0))
        if self._clock() - at >= REST_S:
            count = 0
        self._failures[login] = (count + 1, self._clock())
        while len(self._failures) > 1000:  # noqa: PLR2004 - far more than an office has log-ins
            del self._failures[next(iter(self._failures))]

    def succeeded(self, login: str) -> None:
        """Forgotten."""
        self._failures.pop(login, None)


class Screen:
    """Three pages."""

    def __init__(self, last: Callable[[], Round | None], passwords: Passwords | None = None) -> None:
        """`last`: the patrol's last round."""
        self._last = last
        self._passwords = passwords or Passwords()
        self._throttle = Throttle()
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def state(self, _request: Request) -> Response:
        """Alarms, nothing personal; 503 while there are any, for a monitor."""
        last = self._last()
        if last is None:
            return JSONResponse({"ok": False, "alarms": ["no_round_yet"]}, 503, HEADERS)
        body = {
            "ok": not last.alarms,
            "alarms": [
                {"name": one.name, "words": one.words, "since": one.since.isoformat(), "urgent": one.urgent}
                for one in last.alarms
            ],
            "not_heard_today": len(last.today.people) if last.today else None,
            "looked_at": last.sights.now.isoformat(),
        }
        return JSONResponse(body, 503 if last.alarms else 200, HEADERS)

    def list_page(self, request: Request) -> Response:
        """오늘 전화하지 못한 분."""
        reader, last = self._reader(request), self._last()
        if not isinstance(reader, ListReader):
            return reader
        today = last.today if last else None
        if last is None or today is None:
            return HTMLResponse("아직 명단이 없습니다.", 503, HEADERS)
        log.info("watch_list_read", login=reader.login)
        people = [one for one in today.people if reader.programme_id in {None, one.programme_id}]
        html = self._env.get_template("list.html").render(
            header=HEADER,
            rows=[(one.urgent, row_of(one)) for one in people],
            made_at=moment(today.made_at, last.sights.now),
            now=clock_time(last.sights.now),
            alarms=last.alarms,
            stale=last.sights.database is not None,
            district=today.district,
        )
        return HTMLResponse(html, 200, HEADERS | {"cache-control": "no-store"})

    def list_csv(self, request: Request) -> Response:
        """The same for a spreadsheet."""
        reader, last = self._reader(request), self._last()
        if not isinstance(reader, ListReader):
            return reader
        today: Today | None = last.today if last else None
        people = [one for one in today.people if reader.programme_id in {None, one.programme_id}] if today else []
        log.info("watch_csv_read", login=reader.login)
        name = "attachment; filename=not-called.csv"
        return Response(
            as_csv(people), 200, HEADERS | {"content-disposition": name, "cache-control": "no-store"}, "text/csv"
        )

    def _reader(self, request: Request) -> ListReader | Response:
        """The account that the browser sent (HTTP Basic: the only log-in that needs no session, hence no database)."""
        login, password = _basic(request.headers.get("authorization", ""))
        last = self._last()
        readers = last.today.readers if last and last.today else ()
        reader = next((one for one in readers if one.login == login), None)
        if login and self._throttle.rests(login):
            return Response("잠시 뒤에 다시 로그인해 주세요.", 429, HEADERS)
        if login and self._passwords.matches(reader.password_hash if reader else None, password) and reader:
            self._throttle.succeeded(login)
            return reader
        if login:
            self._throttle.failed(login)
        challenge = {"www-authenticate": 'Basic realm="callbot", charset="UTF-8"'}
        return Response("콘솔의 아이디와 비밀번호로 로그인해 주세요.", 401, HEADERS | challenge)


def _basic(header: str) -> tuple[str, str]:
    """Login and password of an Authorization header; empty where there is none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        login, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return login, password


def create_screen(last: Callable[[], Round | None], passwords: Passwords | None = None) -> Starlette:
    """An ASGI app."""
    screen = Screen(last, passwords)
    return Starlette(
        routes=[
            Route("/", screen.list_page),
            Route("/state", screen.state),
            Route("/list.csv", screen.list_csv),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ]
    )
