"""A person's memories, and the list of requests: seen, edited, deleted, closed."""

import re
from collections.abc import Callable
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.plan_base import PlanPages
from callbot.console.read_form import Form, chosen, day, text
from callbot.console.render import Pages
from callbot.escalate.ticket import CHOSEN, TicketOutcome, TicketState
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store import console_people
from callbot.store.ticket_rows import tickets
from callbot.understand.meaning import MemoryKind
from callbot.workflows.handle_ticket import move_on
from callbot.workflows.remember import delete_memory, edit_memory, note_memory, silence_memory

_PERSON = re.compile(r"/people/[1-9][0-9]{0,8}")


def memory_routes(deps: ConsoleDeps, pages: Pages) -> list[BaseRoute]:
    """Each needs a log-in; who may do what is asked by the pages themselves."""
    memory, wishes = MemoryPages(deps, pages), TicketPages(deps, pages)
    return [
        Route("/people/{person_id:id}/memories", memory.add, methods=["POST"]),
        Route("/people/{person_id:id}/memories/{memory_id:id}", memory.edit, methods=["POST"]),
        Route("/requests", wishes.list, methods=["GET"]),
        Route("/requests/{ticket_id:id}", wishes.move, methods=["POST"]),
    ]


class MemoryPages(PlanPages):
    """What the next call may ask about."""

    async def add(self, request: Request) -> Response:
        """Something that the worker knows of."""

        def act(given: Form) -> str:
            kind, about, due_on = _read(given)
            note_memory(self.deps.store, self._id(request), kind, about, due_on, self.now(), by=self.by(request))
            return "memory"

        return await self._change(request, act, "add_memory")

    async def edit(self, request: Request) -> Response:
        """Other words, not to be spoken of, or gone."""

        def act(given: Form) -> str:
            memory_id: int = request.path_params["memory_id"]
            person, store, now, by = self._id(request), self.deps.store, self.now(), self.by(request)
            what = chosen(given, "what", "할 일", ("save", "silence", "delete"))
            if what == "save":
                there = edit_memory(store, person, memory_id, *_read(given), now, by=by)
            else:
                there = (silence_memory if what == "silence" else delete_memory)(store, person, memory_id, now, by=by)
            if not there:
                raise HTTPException(404)
            return "memory" if what == "save" else "forgotten"

        return await self._change(request, act, "edit_memory")

    async def _change(self, request: Request, act: Callable[[Form], str], action: str) -> Response:
        person_id: int = request.path_params["person_id"]
        page = f"/people/{person_id}"

        def again(_problem: str, _given: Form) -> Response:
            return RedirectResponse(f"{page}?problem=memory#memory", 303)

        def acting(given: Form) -> str:
            return f"{page}?done={act(given)}#memory"

        return await self.change(request, acting, again, action=action, subject="person", subject_id=person_id)

    def _id(self, request: Request) -> int:
        """Of a person in scope. Raises HTTPException."""
        scope = self.scope(request)
        with self.deps.store.read() as connection:
            person = console_people.person(connection, scope, request.path_params["person_id"], self.now())
        if person is None:
            raise HTTPException(404)
        return person.row.who.id


class TicketPages(PlanPages):
    """Requests with the person's own words."""

    def list(self, request: Request) -> Response:
        """Those that wait, the oldest first; or those that are closed."""
        scope, closed = self.scope(request), request.query_params.get("closed") == "1"
        note(self.deps, request, "view_requests")
        with self.deps.store.read() as connection:
            found = tickets(connection, scope, closed=closed)
        return self.page(request, "requests.html", tickets=found, closed=closed, outcomes=CHOSEN)

    async def move(self, request: Request) -> Response:
        """Handed on, closed with an outcome, or taken up again."""
        ticket_id: int = request.path_params["ticket_id"]

        def act(given: Form) -> str:
            state = TicketState(chosen(given, "what", "할 일", tuple(TicketState)))
            closes = state is TicketState.CLOSED
            outcome = TicketOutcome(chosen(given, "outcome", "결과", CHOSEN)) if closes else None
            remark = text(given, "note", "메모", most=200) if text(given, "note") else None
            scope, by = self.scope(request), self.by(request)
            try:
                there = move_on(
                    self.deps.store, scope, ticket_id, state, self.now(), by=by, outcome=outcome, note=remark
                )
            except ImpossibleTransition as error:
                raise HTTPException(409) from error
            if not there:
                raise HTTPException(404)
            back = text(given, "back")
            return f"{back}?done=ticket#tickets" if _PERSON.fullmatch(back) else "/requests?done=ticket"

        def again(problem: str, _given: Form) -> Response:
            scope = self.scope(request)
            with self.deps.store.read() as connection:
                found = tickets(connection, scope)
            shown = {"tickets": found, "closed": False, "outcomes": CHOSEN, "problem": problem}
            return self.page(request, "requests.html", status=400, **shown)

        return await self.change(request, act, again, action="move_ticket", subject="request", subject_id=ticket_id)


def _read(given: Form) -> tuple[MemoryKind, str, date | None]:
    kind = MemoryKind(chosen(given, "kind", "어떤 일", tuple(MemoryKind)))
    return kind, text(given, "about", "무엇", most=40), day(given, "due_on", "그날")
