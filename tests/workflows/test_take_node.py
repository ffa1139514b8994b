"""Line processes by name on one database, and leases that outlast a wrong clock."""

from datetime import timedelta

import pytest
from ledger_calls import at, dial
from ledger_fixtures import TUESDAY, Town

from callbot.store.attempt_rows import leases
from callbot.store.database import Store
from callbot.workflows.answer_call import renew_lease
from callbot.workflows.recover import recover
from callbot.workflows.take_node import NodeTaken, leave_node, take_node, tell_node

HERE, THERE = "a:/srv/one", "b:/srv/two"


def test_two_under_one_name(store: Store) -> None:
    """The second is refused, in Korean, with the setting to change; under another name it may work."""
    take_node(store, "line-1", HERE, TUESDAY)
    with pytest.raises(NodeTaken, match="CALLBOT_NODE"):
        take_node(store, "line-1", THERE, TUESDAY + timedelta(seconds=30))
    take_node(store, "line-2", THERE, TUESDAY)


def test_a_restart_is_not_held_up(store: Store) -> None:
    """Killed a second ago at the same place: its successor takes the name at once. Elsewhere, when it has been silent, or
    has left."""
    take_node(store, "line-1", HERE, TUESDAY)
    take_node(store, "line-1", HERE, TUESDAY + timedelta(seconds=1))
    take_node(store, "line-1", THERE, TUESDAY + timedelta(minutes=2))
    assert not tell_node(store, "line-1", HERE, TUESDAY + timedelta(minutes=2), draining=False, held=None)
    leave_node(store, "line-1", HERE)
    with pytest.raises(NodeTaken):
        take_node(store, "line-1", HERE, TUESDAY + timedelta(minutes=2))
    leave_node(store, "line-1", THERE)
    take_node(store, "line-1", HERE, TUESDAY + timedelta(minutes=2))


def test_a_clock_an_hour_ahead(town: Town) -> None:
    """Another process whose clock is ahead takes no living call for dead; one whose lease it has seen unchanged for longer
    than any lease lasts, it ends, also with its clock an hour behind."""
    on_the_line = dial(town).answer(at(0.2))
    order = on_the_line.order
    with town.store.read() as connection:
        seen = leases(connection)
    assert recover(town.store, at(60), unrenewed={}).interrupted == ()
    renew_lease(town.store, order.attempt_id, order.token, at(0.6))
    assert recover(town.store, at(60), unrenewed=seen).interrupted == (), "renewed since it was seen"
    with town.store.read() as connection:
        seen = leases(connection)
    assert recover(town.store, at(-60), unrenewed=seen).interrupted == (order.attempt_id,)
