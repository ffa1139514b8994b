"""A district's own rules: versions, what became of them, and what those in the shadow would have done."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from callbot.store.tables import accounts, workers
from callbot.store.tables_rules import OwnRuleState, own_rules, shadow_findings
from callbot.store.writing import insert, insert_or_leave
from callbot.understand.own_rules import OwnRule, RuleChange


@dataclass(frozen=True)
class OwnRuleRow:
    """One version with its history."""

    id: int
    version: int
    state: OwnRuleState
    change: RuleChange
    why: str
    by: str
    """A worker's name, else the login."""
    created_at: datetime
    live_from: datetime | None
    ended_at: datetime | None
    calls_seen: int

    @property
    def own(self) -> OwnRule:
        """As the lexicon takes it."""
        return OwnRule(self.id, self.version, self.change)


def _rows(connection: Connection, *conditions: Any) -> list[OwnRuleRow]:
    joined = own_rules.outerjoin(accounts, accounts.c.id == own_rules.c.created_by).outerjoin(
        workers, workers.c.id == accounts.c.worker_id
    )
    asked = select(own_rules, accounts.c.login, workers.c.name.label("worker")).select_from(joined)
    found = connection.execute(asked.where(*conditions).order_by(own_rules.c.id.desc()))
    return [_row(row) for row in found]


def _row(row: Row[Any]) -> OwnRuleRow:
    return OwnRuleRow(
        id=row.id,
        version=row.version,
        state=OwnRuleState(row.state),
        change=RuleChange.model_validate(row.change),
        why=row.why or "",
        by=row.worker or row.login or "",
        created_at=row.created_at,
        live_from=row.live_from,
        ended_at=row.ended_at,
        calls_seen=row.calls_seen,
    )


def versions_of(connection: Connection, rule: str) -> list[OwnRuleRow]:
    """Every version of one rule's own changes, the newest first."""
    return _rows(connection, own_rules.c.rule == rule)


def one_version(connection: Connection, own_rule_id: int) -> OwnRuleRow | None:
    """By its id."""
    return next(iter(_rows(connection, own_rules.c.id == own_rule_id)), None)


def in_state(connection: Connection, state: OwnRuleState) -> list[OwnRuleRow]:
    """All that are in force, or in the shadow."""
    return _rows(connection, own_rules.c.state == state)


def rules_changed(connection: Connection) -> dict[str, OwnRuleRow]:
    """The latest version of each rule that the district ever changed."""
    latest: dict[str, OwnRuleRow] = {}
    for row in _rows(connection):
        latest.setdefault(row.change.rule, row)
    return latest


def mark_in_force(connection: Connection) -> tuple[int, ...]:
    """Ids of what is live: cheap to ask, and other than before where something has changed."""
    live = select(own_rules.c.id).where(own_rules.c.state == OwnRuleState.LIVE).order_by(own_rules.c.id)
    return tuple(connection.scalars(live))


def add_version(
    connection: Connection, change: RuleChange, state: OwnRuleState, why: str, now: datetime, account_id: int | None
) -> int:
    """The next version of that rule; its id. The caller has ended what stood in this state."""
    newest = connection.scalar(select(func.max(own_rules.c.version)).where(own_rules.c.rule == change.rule))
    row = {
        "rule": change.rule,
        "version": int(newest or 0) + 1,
        "state": state,
        "change": change.model_dump(mode="json"),
        "why": why,
        "created_at": now,
        "created_by": account_id,
        "live_from": now if state is OwnRuleState.LIVE else None,
    }
    return insert(connection, own_rules, row)


def end_state(connection: Connection, rule: str, state: OwnRuleState, now: datetime, account_id: int | None) -> int:
    """What is live, or in the shadow, of this rule is so no longer; how many (0 or 1)."""
    standing = update(own_rules).where(own_rules.c.rule == rule, own_rules.c.state == state)
    values = {"state": OwnRuleState.ENDED, "ended_at": now, "ended_by": account_id}
    return connection.execute(standing.values(**values)).rowcount


def make_live(connection: Connection, own_rule_id: int, now: datetime) -> bool:
    """From the shadow; False where it is there no longer."""
    shadow = update(own_rules).where(own_rules.c.id == own_rule_id, own_rules.c.state == OwnRuleState.SHADOW)
    return connection.execute(shadow.values(state=OwnRuleState.LIVE, live_from=now)).rowcount == 1


def note_seen(connection: Connection, own_rule_ids: Iterable[int]) -> None:
    """One more call ended beside each of these."""
    seen = update(own_rules).where(own_rules.c.id.in_(list(own_rule_ids)))
    connection.execute(seen.values(calls_seen=own_rules.c.calls_seen + 1))


def add_finding(connection: Connection, own_rule_id: int, call_id: int, levels: tuple[str, str], now: datetime) -> None:
    """A call in which the shadow differed: the level it had, and what it would have had."""
    row = {"own_rule_id": own_rule_id, "call_id": call_id, "was": levels[0], "would": levels[1], "at": now}
    insert_or_leave(connection, shadow_findings, row)


def moves_of(connection: Connection, own_rule_id: int) -> Counter[tuple[str, str]]:
    """How often a call of one level would have had another (or the same, with another finding)."""
    it = shadow_findings.c
    rows = connection.execute(
        select(it.was, it.would, func.count().label("n"))
        .where(it.own_rule_id == own_rule_id)
        .group_by(it.was, it.would)
    )
    return Counter({(row.was, row.would): row.n for row in rows})


def calls_found(connection: Connection, own_rule_id: int, most: int) -> list[tuple[int, str, str]]:
    """(call, was, would), the latest first."""
    it = shadow_findings.c
    rows = connection.execute(
        select(it.call_id, it.was, it.would).where(it.own_rule_id == own_rule_id).order_by(it.id.desc()).limit(most)
    )
    return [(row.call_id, row.was, row.would) for row in rows]
