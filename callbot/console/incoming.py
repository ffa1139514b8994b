"""걸려 온 전화: who rang us back, and what came of it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.render import SEES_NAMES, Pages
from callbot.people.numbers import masked
from callbot.store.console_incoming import incoming_lines


class IncomingPages:
    """The endpoint."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """The newest first. Of a caller whom nobody knows only the number's ends are shown."""
        account = viewer_of(request).account
        if account.role not in SEES_NAMES:
            raise HTTPException(403)
        note(self.deps, request, "view_incoming")
        with self.deps.store.read() as connection:
            lines = incoming_lines(connection, account.scope, self.deps.clock())
        rows = [(line, masked(line.e164) if line.e164 else "번호 숨김") for line in lines]
        return self.pages.response(request, "incoming.html", rows=rows)
