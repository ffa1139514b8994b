from datetime import timedelta

from ledger_fixtures import TUESDAY, Town

from callbot.store.invariants import violations
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week


def test_plan_claim_dial(town: Town) -> None:
    assert plan_week(town.store, TUESDAY).new == 1
    assert plan_week(town.store, TUESDAY).new == 0
    [claimed] = place_due(town.store, TUESDAY, 3, "one")
    assert place_due(town.store, TUESDAY, 3, "two") == []
    order = start_dialling(town.store, claimed, TUESDAY)
    assert isinstance(order, DialOrder)
    assert order.dialled == "01000000001"
    with town.store.read() as c:
        assert violations(c, TUESDAY) == []
