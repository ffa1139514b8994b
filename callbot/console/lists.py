"""Today, the inbox, the people."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console import words
from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields
from callbot.console.gate import viewer_of
from callbot.console.plan_base import DONE, PROBLEMS
from callbot.console.render import SEES_NAMES, Pages, as_of
from callbot.escalate.ticket import CHOSEN
from callbot.store import console_board, console_pages, console_people
from callbot.store.console_people_views import PersonCard
from callbot.store.health_rows import facts
from callbot.store.memory_rows import memories_of
from callbot.store.ticket_rows import tickets
from callbot.workflows.hold_person import lift_hold


class ListPages:
    """The endpoints. Starlette runs plain functions in threads, so the database may be asked here."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def today(self, request: Request) -> Response:
        """The board."""
        note(self.deps, request, "view_board")
        return self._board(request, "today.html")

    def today_rows(self, request: Request) -> Response:
        """What the board's page fetches again and again."""
        return self._board(request, "today_rows.html")

    def _board(self, request: Request, template: str) -> Response:
        now = self.deps.clock()
        with self.deps.store.read() as connection:
            board = console_board.board(connection, viewer_of(request).account.scope, now)
            wrong = [words.health(fact.name, fact.detail) for fact in facts(connection)]
        return self.pages.response(request, template, headers={"X-As-Of": as_of(now)}, board=board, wrong=wrong)

    def inbox(self, request: Request) -> Response:
        """Pages to workers."""
        note(self.deps, request, "view_inbox")
        with self.deps.store.read() as connection:
            pages = console_pages.inbox(connection, viewer_of(request).account.scope)
        return self.pages.response(request, "inbox.html", pages=pages)

    def people(self, request: Request) -> Response:
        """Everybody. Names are encrypted, so the search happens here and not in SQL."""
        note(self.deps, request, "view_people")
        viewer = viewer_of(request)
        query = request.query_params.get("q", "").strip()[:40] if viewer.account.role in SEES_NAMES else ""
        left = request.query_params.get("left") == "1"
        with self.deps.store.read() as connection:
            everybody = console_people.people(connection, viewer.account.scope, self.deps.clock(), active=not left)
        found = [row for row in everybody if query in row.who.name or query in row.who.address]
        return self.pages.response(request, "people.html", people=found, total=len(everybody), query=query, left=left)

    def person(self, request: Request) -> Response:
        """One person."""
        person = self._person(request)
        note(self.deps, request, "view_person", subject="person", subject_id=person.row.who.id)
        with self.deps.store.read() as connection:
            memories = memories_of(connection, person.row.who.id)
            wishes = tickets(connection, viewer_of(request).account.scope, person_id=person.row.who.id)
        done, problem = (request.query_params.get(name, "") for name in ("done", "problem"))
        return self.pages.response(
            request,
            "person.html",
            person=person,
            memories=memories,
            tickets=wishes,
            kinds=words.MEMORY_KINDS,
            outcomes=CHOSEN,
            notice=DONE.get(done, ""),
            problem=PROBLEMS.get(problem, ""),
        )

    def _person(self, request: Request) -> PersonCard:
        viewer = viewer_of(request)
        if viewer.account.role not in SEES_NAMES:
            raise HTTPException(403)
        person_id: int = request.path_params["person_id"]
        with self.deps.store.read() as connection:
            person = console_people.person(connection, viewer.account.scope, person_id, self.deps.clock())
        if person is None:
            raise HTTPException(404)
        return person

    async def lift_hold(self, request: Request) -> Response:
        """Calls to this person may start again."""
        await checked_fields(request)
        await run_in_threadpool(self._lift, request)
        self.deps.wake()
        return RedirectResponse(f"/people/{request.path_params['person_id']}", 303)

    def _lift(self, request: Request) -> None:
        person_id = self._person(request).row.who.id
        lift_hold(self.deps.store, person_id, self.deps.clock())
        note(self.deps, request, "lift_hold", subject="person", subject_id=person_id)
