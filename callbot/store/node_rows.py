"""Line processes on this database, by the name that stands in their leases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from callbot.store.tables_dial import line_nodes
from callbot.store.writing import upsert


@dataclass(frozen=True)
class LineNode:
    """One process that works, or did lately."""

    node: str
    place: str
    """Machine and data directory."""
    seen_at: datetime
    state: str
    """`running` or `draining`."""


def node_named(connection: Connection, node: str) -> LineNode | None:
    """Locked, where it is known."""
    row = connection.execute(select(line_nodes).where(line_nodes.c.node == node).with_for_update()).first()
    return None if row is None else LineNode(row.node, row.place, row.seen_at, row.state)


def write_node(connection: Connection, node: str, place: str, now: datetime) -> None:
    """It begins to work."""
    row = {"node": node, "place": place, "started_at": now, "seen_at": now, "state": "running", "held": None}
    upsert(connection, line_nodes, row, ("node",))


def node_seen(connection: Connection, node: str, place: str, now: datetime, *, state: str, held: str | None) -> bool:
    """It lives; False: somebody else carries its name now."""
    changed = connection.execute(
        update(line_nodes)
        .where(line_nodes.c.node == node, line_nodes.c.place == place)
        .values(seen_at=now, state=state, held=held)
    )
    return changed.rowcount == 1


def forget_node(connection: Connection, node: str, place: str) -> None:
    """It ended on purpose."""
    connection.execute(delete(line_nodes).where(line_nodes.c.node == node, line_nodes.c.place == place))
