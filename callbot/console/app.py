"""The console: a Starlette app over the store. `create_app` is all that the service needs."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from callbot.console.audio import Audio
from callbot.console.cases import CasePages
from callbot.console.deps import ConsoleDeps
from callbot.console.errors import Errors
from callbot.console.gate import Gate
from callbot.console.lists import ListPages
from callbot.console.login import LoginPages
from callbot.console.memory_pages import memory_routes
from callbot.console.paging_routes import paging_routes
from callbot.console.planning_routes import planning_routes
from callbot.console.render import Pages

STATIC = Path(__file__).parent / "static"
LARGEST_FORM = 64 * 1024


class IdConvertor(Convertor[int]):
    """A row's number, short enough for any database's integer; anything else is 404."""

    regex = "[1-9][0-9]{0,8}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("id", IdConvertor())


def create_app(deps: ConsoleDeps) -> Starlette:
    """An ASGI app; run it in one process (the throttle of log-ins by address is kept in memory)."""
    pages = Pages(deps)
    errors = Errors(pages)
    return Starlette(
        routes=routes(deps, pages),
        middleware=[Middleware(Gate, deps=deps, refuse=errors.page)],
        exception_handlers=errors.handlers(),
        max_body_size=LARGEST_FORM,
    )


def routes(deps: ConsoleDeps, pages: Pages) -> list[BaseRoute]:
    """Every path. Whatever is not named open in gate.py needs a log-in."""
    login, lists, cases, audio = LoginPages(deps, pages), ListPages(deps, pages), CasePages(deps, pages), Audio(deps)
    return [
        Route("/", lambda _request: RedirectResponse("/today", 303)),
        Route("/login", login.form, methods=["GET"]),
        Route("/login", login.log_in, methods=["POST"]),
        Route("/logout", login.log_out, methods=["POST"]),
        Route("/today", lists.today),
        Route("/today/rows", lists.today_rows),
        Route("/inbox", lists.inbox),
        Route("/people", lists.people),
        Route("/people/{person_id:id}", lists.person, methods=["GET"]),
        Route("/people/{person_id:id}/lift-hold", lists.lift_hold, methods=["POST"]),
        Route("/cases/{case_id:id}", cases.card, methods=["GET"]),
        Route("/cases/{case_id:id}/acknowledge", cases.acknowledge, methods=["POST"]),
        Route("/cases/{case_id:id}/close", cases.close, methods=["POST"]),
        *planning_routes(deps, pages),
        *memory_routes(deps, pages),
        Route("/calls/{call_id:id}/audio", audio.serve, methods=["GET"]),
        *paging_routes(deps, pages),
        Route("/healthz", Health(deps).check),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]


class Health:
    """For a monitor: says only whether the console and its database answer."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self.deps = deps

    def check(self, _request: Request) -> Response:
        """200, or an exception becomes 500."""
        with self.deps.store.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        return PlainTextResponse("ok")
