"""Whoever must not be called any more is not rung any more: their phone is silenced while it still rings.

A conversation that has begun is left alone: it is short, its words matter, and to hang up on somebody in mid-sentence would
frighten more than it protects (ADR 0024).
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from callbot.people.consent import ConsentKind
from callbot.people.numbers import Relation
from callbot.store.database import Store
from callbot.store.people_rows import consents_of
from callbot.store.reach_rows import Unanswered, campaign_stopped, unanswered_of
from callbot.workflows.settle import must_not_be_called

log = structlog.get_logger()


def keys_to_silence(store: Store, keys: Iterable[str], now: datetime) -> list[str]:
    """Of these attempts, those that are dialled or ringing for somebody who must not be called at `now`."""
    with store.read() as connection:
        return [one.key for one in unanswered_of(connection, keys) if _in_vain(connection, one, now)]


def _in_vain(connection: Connection, one: Unanswered, now: datetime) -> bool:
    if must_not_be_called(connection, one.person_id, now) or campaign_stopped(connection, one.campaign_id):
        return True
    others = one.relation is not Relation.SELF
    return others and ConsentKind.THIRD_PARTY not in consents_of(connection, one.person_id, now)


async def silence(keys: Iterable[str], hang_up: Callable[[str], Awaitable[None]]) -> None:
    """Hang them up; each ends like any other attempt, and its due contact as suspended."""
    for key in keys:
        log.info("ringing_stopped", attempt_key=key)
        await hang_up(key)
