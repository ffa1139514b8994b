"""A district's own rules: written, tried in the shadow, put in force, given up; each with who and why, in the audit."""

from datetime import datetime

from sqlalchemy import Connection

from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.own_rule_rows import (
    OwnRuleRow,
    add_version,
    end_state,
    in_state,
    make_live,
    one_version,
)
from callbot.store.tables_rules import OwnRuleState
from callbot.understand.lexicon import Lexicon
from callbot.understand.own_rules import OwnRule, RuleChange, changed_rule, with_own


class NoLonger(LookupError):
    """Somebody else has decided about this version meanwhile; the message is Korean."""


def save_own_rule(
    store: Store,
    base: Lexicon,
    change: RuleChange,
    state: OwnRuleState,
    now: datetime,
    *,
    why: str,
    by: str,
    account_id: int | None,
) -> int:
    """A version that replaces the one that stands in `state` (live or shadow). Its id. Raises BadChange."""
    with store.write() as connection:
        own_rule_id = add_version_after(connection, base, change, state, now, why=why, account_id=account_id)
        detail = f"{state}: {why} | {change.model_dump_json(exclude_defaults=True)}"
        add_audit(connection, now, by, "save_own_rule", subject="own_rule", subject_id=own_rule_id, detail=detail)
        return own_rule_id


def add_version_after(
    connection: Connection,
    base: Lexicon,
    change: RuleChange,
    state: OwnRuleState,
    now: datetime,
    *,
    why: str,
    account_id: int | None,
) -> int:
    """The same inside another transaction, without the audit."""
    changed_rule(base, OwnRule(0, 1, change))
    end_state(connection, change.rule, state, now, account_id)
    return add_version(connection, change, state, why, now, account_id)


def promote(store: Store, own_rule_id: int, now: datetime, *, by: str, account_id: int | None) -> None:
    """From the shadow into force, from the next utterance of any call on. Raises NoLonger."""
    with store.write() as connection:
        row = _in_shadow(connection, own_rule_id)
        end_state(connection, row.change.rule, OwnRuleState.LIVE, now, account_id)
        if not make_live(connection, own_rule_id, now):
            raise NoLonger(_GONE)
        add_audit(connection, now, by, "promote_own_rule", subject="own_rule", subject_id=own_rule_id)


def discard(store: Store, own_rule_id: int, now: datetime, *, by: str, account_id: int | None) -> None:
    """No longer in the shadow, or in force: the rule is as it is in the files. Raises NoLonger."""
    with store.write() as connection:
        row = one_version(connection, own_rule_id)
        if row is None or row.state is OwnRuleState.ENDED:
            raise NoLonger(_GONE)
        end_state(connection, row.change.rule, row.state, now, account_id)
        add_audit(connection, now, by, "discard_own_rule", subject="own_rule", subject_id=own_rule_id, detail=row.state)


_GONE = "그사이 다른 관리자가 이 판을 바꾸었습니다. 아래에서 지금 상태를 확인해 주세요."


def _in_shadow(connection: Connection, own_rule_id: int) -> OwnRuleRow:
    row = one_version(connection, own_rule_id)
    if row is None or row.state is not OwnRuleState.SHADOW:
        raise NoLonger(_GONE)
    return row


def lexicon_in_force(connection: Connection, base: Lexicon) -> Lexicon:
    """The files with what the district has put in force."""
    return with_own(base, [row.own for row in in_state(connection, OwnRuleState.LIVE)])
