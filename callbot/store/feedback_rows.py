"""Findings of closed cases with the outcome that a caseworker recorded."""

from datetime import datetime

from sqlalchemy import Connection, select

from callbot.assess.feedback import Labelled, Verdict
from callbot.escalate.case import CaseKind, CaseOutcome
from callbot.store.tables import cases, signals
from callbot.understand.meaning import Category, Level

VERDICTS: dict[CaseOutcome, Verdict] = {
    CaseOutcome.FALSE_ALARM: Verdict.FALSE,
    CaseOutcome.CONFIRMED_BY_PHONE: Verdict.TRUE,
    CaseOutcome.VISITED: Verdict.TRUE,
    CaseOutcome.CALLED_119: Verdict.TRUE,
    CaseOutcome.HOSPITALISED: Verdict.TRUE,
    CaseOutcome.DEAD: Verdict.TRUE,
    CaseOutcome.SERVICE_ARRANGED: Verdict.TRUE,
}
"""Any other outcome is unclear."""


def labelled(connection: Connection, since: datetime, until: datetime) -> list[Labelled]:
    """Of cases of distress that were closed in the period; the order is that of the ledger."""
    rows = connection.execute(
        select(
            signals.c.rule, signals.c.rule_version, signals.c.category, signals.c.level, cases.c.outcome, signals.c.id
        )
        .join(cases, cases.c.id == signals.c.case_id)
        .where(
            cases.c.kind == CaseKind.DISTRESS, cases.c.outcome.is_not(None), cases.c.closed_at >= since,
            cases.c.closed_at < until,
        )
        .order_by(signals.c.id)
    )  # fmt: skip
    return [
        Labelled(
            row.rule,
            row.rule_version,
            Category(row.category),
            Level(row.level),
            VERDICTS.get(CaseOutcome(row.outcome), Verdict.UNCLEAR),
        )
        for row in rows
    ]
