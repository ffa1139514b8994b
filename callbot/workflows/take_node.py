"""A line process takes its name. Two under one name would each end the other's calls as its dead predecessor's."""

from datetime import datetime, timedelta

from callbot.store.database import Store
from callbot.store.node_rows import forget_node, node_named, node_seen, write_node

FRESH = timedelta(seconds=60)
"""Six heartbeats; a name whose holder was seen within this is taken (also by a clock that runs ahead)."""


class NodeTaken(Exception):
    """Another process works under this name; the message is Korean and says what to change."""


def take_node(store: Store, node: str, place: str, now: datetime) -> None:
    """Raises NodeTaken.

    `place`: machine and data directory. There the kernel's lock (instance_lock) already keeps two apart, so a name left
    behind by a killed predecessor of the same place is taken over at once.
    """
    with store.write() as connection:
        known = node_named(connection, node)
        if known is not None and known.place != place and abs(now - known.seen_at) < FRESH:
            raise NodeTaken(
                f"이 데이터베이스에서 이미 {node!r}(이)라는 이름으로 일하는 프로세스가 있습니다({known.place}). "
                "설정 node (CALLBOT_NODE)를 다른 이름으로 바꾸거나, 그 프로세스를 먼저 끝내 주세요."
            )
        write_node(connection, node, place, now)


def tell_node(store: Store, node: str, place: str, now: datetime, *, draining: bool, held: str | None) -> bool:
    """The heartbeat; False: the name has been taken by another place, and this process must place no more calls."""
    with store.write() as connection:
        return node_seen(connection, node, place, now, state="draining" if draining else "running", held=held)


def leave_node(store: Store, node: str, place: str) -> None:
    """The name is free."""
    with store.write() as connection:
        forget_node(connection, node, place)
