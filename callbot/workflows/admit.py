"""Why a line process places no call, written where the watch reads it."""

from datetime import datetime

from callbot.dial.admission import Held
from callbot.store.database import Store
from callbot.store.health_rows import clear_fact, facts, raise_fact


def tell_held(store: Store, node: str, held: Held | None, now: datetime) -> None:
    """`no_new_calls:<node>` stands, with the reason, for as long as it holds; a look costs no write."""
    name = f"no_new_calls:{node}"
    with store.read() as connection:
        known = {fact.name: fact.detail for fact in facts(connection)}.get(name)
    if known == held:
        return
    with store.write() as connection:
        if held is None:
            clear_fact(connection, name)
        else:
            raise_fact(connection, name, now, held)
