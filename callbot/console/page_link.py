"""The short link in a page: case number and kind, and one button. No log-in, no name, nothing that was said.

Whoever holds the telephone that the SMS went to may take the case or pass it on, exactly as by replying 1 or 2
(docs/adr). Everything personal, and 오경보, needs a log-in. Opening the link changes nothing: messengers open links too.
"""

from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.deps import ConsoleDeps
from callbot.console.forms import fields
from callbot.console.login import Throttle
from callbot.console.render import Pages
from callbot.escalate.case import CaseState
from callbot.escalate.reply import ReplyCode
from callbot.store.console_case_list import LinkedCase, linked_cases
from callbot.store.page_link import GOOD_FOR, page_of_token
from callbot.workflows.reply_to_page import Replied, reply_to_page

MAY = frozenset({ReplyCode.TAKE, ReplyCode.DECLINE})


@dataclass(frozen=True)
class Opened:
    """What a link leads to."""

    page_id: int
    created_at: datetime
    cases: tuple[LinkedCase, ...]

    @property
    def waiting(self) -> bool:
        """Somebody is still needed."""
        return any(case.state == CaseState.TRIGGERED for case in self.cases)


class LinkPages:
    """The endpoints, open to everybody who has the link."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages
        self.throttle = Throttle()

    def show(self, request: Request) -> Response:
        """Number, kind, level, state, and the buttons."""
        return self._page(request, self._opened(request))

    async def answer(self, request: Request) -> Response:
        """맡음 or 못 맡음, as the worker whom the page went to."""
        given = await fields(request)
        told = await run_in_threadpool(self._answer, request, given.get("code", ""))
        if told is not None and told.changed:
            self.deps.wake()
        return await run_in_threadpool(self._told, request, told)

    def _answer(self, request: Request, code: str) -> Replied | None:
        """None: not one of the buttons, or too late."""
        opened, now = self._opened(request), self.deps.clock()
        if code not in MAY or now - opened.created_at > GOOD_FOR:
            return None
        return reply_to_page(self.deps.store, code=code, now=now, page_reference=str(opened.page_id), via="link")

    def _told(self, request: Request, told: Replied | None) -> Response:
        opened = self._opened(request)
        return self._page(request, opened, told=told.text if told else "", changed=bool(told and told.changed))

    def _opened(self, request: Request) -> Opened:
        """Raises HTTPException 404 for what is no link of ours, and slows down whoever tries many."""
        address = request.client.host if request.client else ""
        if self.throttle.full(address, self.deps.wall()):
            raise HTTPException(429)
        with self.deps.store.read() as connection:
            page_id = page_of_token(connection, request.path_params["token"])
            found = None if page_id is None else linked_cases(connection, page_id)
        if page_id is None or found is None:
            self.throttle.failed(address, self.deps.wall())
            raise HTTPException(404)
        return Opened(page_id, *found)

    def _page(self, request: Request, opened: Opened, *, told: str = "", changed: bool = False) -> Response:
        expired = self.deps.clock() - opened.created_at > GOOD_FOR
        return self.pages.response(
            request,
            "page_link.html",
            status=410 if expired else 200,
            opened=opened,
            expired=expired,
            told=told,
            changed=changed,
        )
