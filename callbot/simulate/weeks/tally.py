"""What came of all the weeks, as one JSON object: the ledger's own figures, the work they make, and every broken promise."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, func, select

from callbot.simulate.weeks.evidence import Evidence
from callbot.store.tables import attempts, calls, cases, due_contacts, pages

MISSED = ("not_reached", "failed_by_us")


def tally(connection: Connection, evidence: Evidence) -> dict[str, Any]:
    """Counts of the ledger and of the world; they can be added up (`groups.py`)."""
    dispositions = _by(connection, due_contacts.c.disposition)
    kinds = _by(connection, cases.c.kind)
    page_count = _by(connection, pages.c.severity)
    return {
        "due": sum(dispositions.values()),
        "dispositions": dispositions,
        "attempts": connection.scalar(select(func.count()).select_from(attempts)) or 0,
        "attempt_ends": _by(connection, attempts.c.end),
        "calls": connection.scalar(select(func.count()).select_from(calls)) or 0,
        "call_levels": _by(connection, calls.c.level),
        "cases": sum(kinds.values()),
        "cases_by_kind": kinds,
        "cases_by_level": _by(connection, cases.c.level),
        "pages": sum(page_count.values()),
        "pages_by_severity": page_count,
        "page_states": _by(connection, pages.c.state),
        "said": dict(sorted(evidence.said.items())),
        "rings": dict(sorted(evidence.by_end.items())),
        "violations": dict(sorted(evidence.violations.items())),
    }


def work_of(counted: dict[str, Any], *, people: int, weeks: int, workers: int) -> dict[str, Any]:
    """`per_caseworker` and `per_1000_people_a_week` are the product's core figures."""
    dispositions, kinds, severities = counted["dispositions"], counted["cases_by_kind"], counted["pages_by_severity"]
    person_weeks = max(people * weeks, 1)
    return {
        "missed_share": _share(
            sum(dispositions.get(name, 0) for name in MISSED), counted["due"] - dispositions.get("suspended", 0)
        ),
        "per_caseworker": {
            "caseworkers": workers,
            "people": round(people / workers, 1),
            "cases_a_week": round(counted["cases"] / workers / weeks, 2),
            "pages_a_week": round(counted["pages"] / workers / weeks, 2),
        },
        "per_1000_people_a_week": {
            "cases": _per_1000(counted["cases"], person_weeks),
            "pages": _per_1000(counted["pages"], person_weeks),
            **{f"cases_{kind}": _per_1000(count, person_weeks) for kind, count in kinds.items()},
            **{f"pages_{severity}": _per_1000(count, person_weeks) for severity, count in severities.items()},
        },
    }


def _by(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(word): count for word, count in rows if word is not None}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _per_1000(count: int, person_weeks: int) -> float:
    return round(1000 * count / person_weeks, 2)


def provider_promises(evidence: Evidence, states: Counter[str]) -> None:
    """After the last page had its time: what stands as sent was handed over."""
    unsent = sum(states[state] for state in ("pending", "claimed", "unknown"))
    if unsent:
        evidence.break_promise("outbox: pages that nobody sent", str(unsent))
