"""The 일정 section's front page, everybody on hold, and proposed hours."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.plan_base import PlanPages
from callbot.store import console_plan, learned_rows
from callbot.store.programme_rows import programme_rows


class PlanLists(PlanPages):
    """The endpoints."""

    def hub(self, request: Request) -> Response:
        """Where everything is."""
        scope = self.scope(request)
        with self.deps.store.read() as connection:
            holds = console_plan.hold_lines(connection, scope, self.now())
            proposed = learned_rows.proposals(connection, scope, self.now())
            programmes = programme_rows(connection, scope.programme_id)
        return self.page(request, "plan.html", holds=holds, proposed=proposed, programmes=programmes)

    def holds(self, request: Request) -> Response:
        """Who is not called, the first to end first."""
        note(self.deps, request, "view_holds")
        with self.deps.store.read() as connection:
            holds = console_plan.hold_lines(connection, self.scope(request), self.now())
        soon = self.now() + timedelta(days=3)
        return self.page(request, "plan_holds.html", holds=holds, soon=soon)

    def hours(self, request: Request) -> Response:
        """Whose calls would be answered at another hour."""
        note(self.deps, request, "view_hours")
        scope = self.scope(request)
        with self.deps.store.read() as connection:
            proposed = learned_rows.proposals(connection, scope, self.now())[:200]
            people = console_plan.whos(connection, scope, [each.person_id for each in proposed], self.now())
        rows = [(people[each.person_id], each) for each in proposed if each.person_id in people]
        return self.page(request, "plan_hours.html", rows=rows)
