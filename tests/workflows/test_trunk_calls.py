"""Trunks in the ledger, on both databases: choice, failover within an attempt, and a breaker that uses up nobody's attempts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, build_town
from sqlalchemy import select, update

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.limits import Limits
from callbot.dial.progress import CallEvidence
from callbot.dial.trunk_choice import NoRoute, TrunkPolicy
from callbot.people.enrolment import Enrolment
from callbot.store.database import Store
from callbot.store.health_rows import facts
from callbot.store.invariants import violations
from callbot.store.ring_rows import ring_seconds
from callbot.store.tables import attempts, due_contacts, holds, persons, programmes
from callbot.store.tables_dial import trunk_calls, trunk_states
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.import_people import import_people
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, place_due
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import recover
from callbot.workflows.trunk_calls import (
    DialLater,
    Trunks,
    declare_trunks,
    dial_by_trunk,
    end_trunk_call,
    free_on_trunks,
    give_claim_back,
    note_reachable,
    note_trunk_ok,
)

TRUNKS = Trunks((TrunkPolicy("kt", Limits(2)), TrunkPolicy("skb", Limits(2), priority=2)))
ONE = Trunks((TrunkPolicy("kt", Limits(9)),))
REFUSED = CallEvidence(tech_cause=503, cause=34, dial_status="CONGESTION")
SILENT = CallEvidence(dial_status="NOANSWER")
BUSY = CallEvidence(tech_cause=486, cause=17)


def district(store: Store, people: int, trunks: Trunks = TRUNKS) -> None:
    """People with real-looking numbers, due now."""
    town = build_town(store, people=0)
    rows = [
        Enrolment(name="김순자", numbers=(f"+82109999{number:04}",), weekdays=(2,), consent=True, worker="한담당")
        for number in range(people)
    ]
    import_people(store, rows, TUESDAY, town.programme_id)
    plan_week(store, TUESDAY)
    declare_trunks(store, trunks, TUESDAY)


def claim(store: Store, most: int = 1, minutes: float = 0) -> list[ClaimedAttempt]:
    """What is due then."""
    return place_due(store, TUESDAY + timedelta(minutes=minutes), most, "one", trunk=True)


def dial(store: Store, claimed: ClaimedAttempt, trunks: Trunks = TRUNKS, minutes: float = 0) -> DialOrder:
    """On a trunk."""
    order = dial_by_trunk(store, claimed, TUESDAY + timedelta(minutes=minutes), trunks)
    assert isinstance(order, DialOrder)
    return order


def fail(store: Store, order: DialOrder, trunks: Trunks, evidence: CallEvidence = REFUSED, minutes: float = 0) -> None:
    """The call fails for good."""
    now = TUESDAY + timedelta(minutes=minutes)
    end = end_trunk_call(store, order, evidence, now, trunks)
    assert end.again is None
    finish_attempt(store, order.attempt_id, order.token, AttemptEnd.NETWORK_FAILURE, now, trunk_down=end.trunk_down)


def states(store: Store) -> dict[str, str]:
    """Of the breakers."""
    with store.read() as connection:
        return {row.trunk: row.state for row in connection.execute(select(trunk_states))}


def sound(store: Store, minutes: float = 0) -> bool:
    """No promise of the ledger is broken."""
    with store.read() as connection:
        return violations(connection, TUESDAY + timedelta(minutes=minutes)) == []


def test_failover_within_an_attempt(store: Store) -> None:
    """Refused by the first trunk: the same attempt goes on by the second, under a key of its own; each call has its row."""
    district(store, 1)
    [claimed] = claim(store)
    first = dial(store, claimed)
    assert first.route is not None
    assert (first.route.trunk, first.key, first.position) == ("kt", claimed.key, 1)

    second = end_trunk_call(store, first, REFUSED, TUESDAY, TRUNKS).again

    assert second is not None
    assert second.route is not None
    assert (second.route.trunk, second.key, second.attempt_key) == ("skb", f"{claimed.key}.2", claimed.key)
    assert end_trunk_call(store, second, REFUSED, TUESDAY, TRUNKS).again is None, "no third trunk, and none twice"
    with store.read() as connection:
        rows = connection.execute(select(trunk_calls.c.trunk, trunk_calls.c.result, trunk_calls.c.tech_cause)).all()
        assert sorted(map(tuple, rows)) == [("kt", "fault", 503), ("skb", "fault", 503)]
        assert connection.scalars(select(attempts.c.state)).all() == ["dialling"]
    assert sound(store)


@pytest.mark.parametrize(
    "evidence", [SILENT, BUSY, CallEvidence(tech_cause=503, ringing_seen=True), CallEvidence(lost=True)]
)
def test_what_may_have_rung_is_not_dialled_again(store: Store, evidence: CallEvidence) -> None:
    """Silence, a busy phone, a call that rang or was lost: this attempt is over."""
    district(store, 1)
    order = dial(store, claim(store)[0])
    assert end_trunk_call(store, order, evidence, TUESDAY, TRUNKS).again is None


def test_consent_withdrawn_between_two_trunks(store: Store) -> None:
    """The guard is asked again before the next trunk."""
    district(store, 1)
    order = dial(store, claim(store)[0])
    with store.write() as connection:
        person = connection.scalars(select(due_contacts.c.person_id)).one()
        connection.execute(
            holds.insert().values(person_id=person, reason="do_not_call", starts_at=TUESDAY - timedelta(minutes=1))
        )
    assert end_trunk_call(store, order, REFUSED, TUESDAY, TRUNKS).again is None


def test_a_broken_trunk_uses_up_nobodys_attempts(store: Store) -> None:
    """The third failure in a row opens it: from then on nothing is claimed, no rung is used, one fact is told; when one call
    gets through, everybody is called as if nothing had been."""
    district(store, 6, ONE)
    for order in [dial(store, claimed, ONE) for claimed in claim(store, 3)]:
        fail(store, order, ONE)
    assert states(store) == {"kt": "open"}
    assert free_on_trunks(store, ONE, TUESDAY, 9) == 0
    with store.read() as connection:
        rungs = connection.scalars(select(due_contacts.c.rungs_used).order_by(due_contacts.c.id)).all()
        assert [fact.name for fact in facts(connection)] == ["all_trunks_down"]
        last = connection.execute(select(due_contacts).order_by(due_contacts.c.id).offset(2)).first()
    assert rungs == [0] * 6
    assert last is not None
    assert last.next_attempt_at == TUESDAY + timedelta(minutes=1)

    assert free_on_trunks(store, ONE, TUESDAY + timedelta(minutes=1), 9) == 1, "one call may try"
    probe = dial(store, claim(store, 1, minutes=1)[0], ONE, minutes=1)
    assert probe.route is not None
    assert probe.route.probe
    assert free_on_trunks(store, ONE, TUESDAY + timedelta(minutes=1), 9) == 0, "and no other beside it"
    fail(store, probe, ONE, minutes=1)
    assert states(store) == {"kt": "open"}

    assert free_on_trunks(store, ONE, TUESDAY + timedelta(minutes=1, seconds=59), 9) == 0, "the wait has doubled"
    probe = dial(store, claim(store, 1, minutes=3)[0], ONE, minutes=3)
    note_trunk_ok(store, probe, TUESDAY + timedelta(minutes=3), ONE)
    assert states(store) == {"kt": "closed"}
    with store.read() as connection:
        assert facts(connection) == ()
        used = connection.scalars(select(due_contacts.c.rungs_used).order_by(due_contacts.c.id)).all()
    assert used == [0] * 6
    assert free_on_trunks(store, ONE, TUESDAY + timedelta(minutes=3), 9) == 8
    assert sound(store, 3)


def test_it_survives_a_restart(store: Store) -> None:
    """The state is the ledger's: declaring the same trunks again changes nothing; one that is gone is no longer dialled."""
    district(store, 1)
    note_reachable(store, "kt", False, TUESDAY, TRUNKS)
    declare_trunks(store, TRUNKS, TUESDAY + timedelta(seconds=5))
    assert states(store) == {"kt": "open", "skb": "closed"}
    with store.read() as connection:
        assert connection.scalars(select(trunk_states.c.since).where(trunk_states.c.trunk == "kt")).one() == TUESDAY
        assert facts(connection) == ()
    declare_trunks(store, ONE, TUESDAY)
    with pytest.raises(DialLater) as later:
        dial(store, claim(store)[0], ONE)
    assert later.value.not_now.why is NoRoute.TRUNKS_DOWN
    with store.read() as connection:
        assert [fact.name for fact in facts(connection)] == ["all_trunks_down"]


def test_registration_lost_and_found(store: Store) -> None:
    """Lost: calls take the other trunk. Found: one call tries at once, and its ringing closes the breaker."""
    district(store, 3)
    note_reachable(store, "kt", False, TUESDAY, TRUNKS)
    claimed = claim(store, 3)
    first = dial(store, claimed[0])
    assert first.route is not None
    assert first.route.trunk == "skb"
    note_reachable(store, "kt", True, TUESDAY, TRUNKS)
    probe = dial(store, claimed[1])
    assert probe.route is not None
    assert (probe.route.trunk, probe.route.probe) == ("kt", True)
    note_trunk_ok(store, probe, TUESDAY, TRUNKS)
    assert states(store) == {"kt": "closed", "skb": "closed"}


def test_no_trunk_now(store: Store) -> None:
    """Nothing is written; the claim can be given back, and the person is due again under the same attempt number."""
    district(store, 1, ONE)
    note_reachable(store, "kt", False, TUESDAY, ONE)
    [claimed] = claim(store)
    with pytest.raises(DialLater):
        dial(store, claimed, ONE)
    with store.read() as connection:
        assert connection.execute(select(attempts.c.state, attempts.c.dialling_at)).one() == ("claimed", None)
    assert give_claim_back(store, claimed, TUESDAY, timedelta(seconds=15))
    assert not give_claim_back(store, claimed, TUESDAY, timedelta(seconds=15))
    [again] = claim(store, 1, minutes=0.25)
    assert (again.attempt_id, again.number) == (claimed.attempt_id, 1)
    assert sound(store, 1)


def test_channels_are_never_exceeded(store: Store) -> None:
    """Eight threads dial for two processes on trunks of two and one channels: never more than three calls at once, and each
    channel is free again when its call, or its dead owner, is done with."""
    trunks = Trunks((TrunkPolicy("kt", Limits(2)), TrunkPolicy("skb", Limits(1))))
    district(store, 8, trunks)
    claimed = claim(store, 8)

    def place(one: ClaimedAttempt) -> DialOrder | None:
        try:
            return dial(store, one, trunks)
        except DialLater:
            return None

    with ThreadPoolExecutor(8) as threads:
        orders = [order for order in threads.map(place, claimed) if order is not None]
    assert sorted(order.route.trunk for order in orders if order.route) == ["kt", "kt", "skb"]
    fail(store, orders[0], trunks, BUSY)
    assert sum(place(one) is not None for one in claimed if one.key not in {order.key for order in orders}) == 1
    recover(store, TUESDAY, frozenset(), "one")
    with store.read() as connection:
        assert (
            connection.scalars(select(attempts.c.end).where(attempts.c.end == "interrupted")).all()
            == ["interrupted"] * 3
        )
    assert free_on_trunks(store, trunks, TUESDAY, 9) == 3


def test_calls_per_second_over_two_processes(store: Store) -> None:
    """One call a second, whoever places it: the second is told when."""
    trunks = Trunks((TrunkPolicy("kt", Limits(9, 1.0)),))
    district(store, 2, trunks)
    one, two = claim(store, 2)
    dial(store, one, trunks)
    with pytest.raises(DialLater) as later:
        dial(store, two, trunks)
    assert later.value.not_now.again_at == TUESDAY + timedelta(seconds=1)
    dial(store, two, trunks, minutes=1 / 60)


def test_ring_time(store: Store) -> None:
    """The person's own, else the programme's, within limits; else the installation's."""
    district(store, 2)
    one, two = claim(store, 2)
    assert dial(store, one).ring_s is None
    with store.write() as connection:
        for table, ring_s, expected in ((programmes, 40.0, 40.0), (persons, 60.0, 60.0), (persons, 500.0, 90.0)):
            connection.execute(update(table).values(ring_s=ring_s))
            assert ring_seconds(connection, two.person_id) == expected
    assert dial(store, two).ring_s == 90.0
