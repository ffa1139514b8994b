"""주간 정확도: what caseworkers found of what fired in a week, by category and by rule; and levels that might be changed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from callbot.assess.feedback import ENOUGH_LABELS, SURELY_WRONG, Proposal, precision, proposals
from callbot.console.access import note
from callbot.console.office import week_of
from callbot.console.plan_base import PlanPages
from callbot.console.read_form import start_of
from callbot.store.feedback_rows import labelled
from callbot.store.rule_figures import firings_at
from callbot.workflows.analyse_calls import KEPT

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Suggested:
    """A proposal, and what it would have changed of the last 90 days."""

    proposal: Proposal
    calls: int
    """Calls in which the rule found something at its present level; labelled or not."""


@dataclass(frozen=True)
class Report:
    """One week, Monday to Sunday."""

    monday: date
    labels: int
    figures: dict[str, Any]
    """As `callbot export precision` gives them."""
    suggested: tuple[Suggested, ...]
    """From the outcomes of 90 days: a week has too few."""


def weekly_report(connection: Connection, monday: date, now: datetime) -> Report:
    """Of cases closed in that week."""
    since = start_of(monday)
    labels = labelled(connection, since, since + WEEK)
    lately = now - KEPT
    suggested = [
        Suggested(each, firings_at(connection, each.rule, each.now, lately))
        for each in proposals(labelled(connection, lately, now + timedelta(seconds=1)))
    ]
    return Report(monday, len(labels), precision(labels), tuple(suggested))


class RuleReportPages(PlanPages):
    """The endpoint."""

    def show(self, request: Request) -> Response:
        """The week asked for, else this one."""
        self.scope(request)
        note(self.deps, request, "view_rule_report")
        monday = week_of(request.query_params.get("week", ""), self.today())
        with self.deps.store.read() as connection:
            report = weekly_report(connection, monday, self.now())
        return self.page(
            request,
            "rule_report.html",
            report=report,
            before=monday - WEEK,
            after=monday + WEEK,
            enough=ENOUGH_LABELS,
            wrong=SURELY_WRONG,
        )
