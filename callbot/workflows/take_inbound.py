"""What people answer to a page: kept first, then acted on, each once however often a provider reports it."""

from collections.abc import Callable
from datetime import datetime

from callbot.store.database import Store
from callbot.store.receipt_rows import Inbound, handled_inbound, keep_inbound, unhandled_inbound

Act = Callable[[Inbound, datetime], str]
"""Does what the answer says and names the result in one word. Doing it twice must change nothing: a crash repeats it."""


def take_inbound(store: Store, message: Inbound, act: Act, now: datetime) -> bool:
    """False: known already."""
    with store.write() as connection:
        inbound_id = keep_inbound(connection, store.keys, message, now)
    if inbound_id is None:
        return False
    _handle(store, inbound_id, message, act, now)
    return True


def handle_left_over(store: Store, act: Act, now: datetime) -> int:
    """Those that were kept by a process that died before it acted; how many."""
    with store.read() as connection:
        left = unhandled_inbound(connection)
    for inbound_id, message, came in left:
        if (now - came).total_seconds() > 1.0:  # a younger one is being handled this moment
            _handle(store, inbound_id, message, act, now)
    return len(left)


def _handle(store: Store, inbound_id: int, message: Inbound, act: Act, now: datetime) -> None:
    outcome = act(message, now)
    with store.write() as connection:
        handled_inbound(connection, inbound_id, outcome, now)
