"""Which trunk a call takes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callbot.dial.breaker import Breaker, BreakerState
from callbot.dial.limits import Limits
from callbot.dial.trunk_choice import NoRoute, NotNow, Route, TrunkNow, TrunkPolicy, choose_trunk, free_channels

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CLOSED = Breaker(since=NOW)
OPEN = Breaker(since=NOW, state=BreakerState.OPEN, probe_at=NOW + timedelta(seconds=30))
DUE_TO_TRY = replace(OPEN, probe_at=NOW)
TRYING = replace(OPEN, state=BreakerState.HALF_OPEN, probe_at=NOW + timedelta(minutes=3))
KT = TrunkNow(TrunkPolicy("kt", Limits(2, 1.0), priority=1, caller_numbers=("0620000000", "0621111111")), CLOSED)
SKB = TrunkNow(TrunkPolicy("skb", Limits(4, 2.0), priority=2, caller_numbers=("07000000000",)), CLOSED)


def chosen(*trunks: TrunkNow, caller: str = "0620000000", **more: object) -> str | NoRoute:
    """The name of the trunk, or why there is none."""
    route = choose_trunk(trunks, caller, NOW, **more)  # type: ignore[arg-type]
    return route.trunk if isinstance(route, Route) else route.why


def test_priority_then_load() -> None:
    """The first by priority; of equals the one with the smaller share of its channels in use."""
    assert chosen(SKB, KT, caller="0") == "kt"
    equal = replace(SKB, policy=replace(SKB.policy, priority=1))
    assert chosen(equal, replace(KT, in_use=1), caller="0") == "skb"


def test_channels() -> None:
    """A full trunk is passed over; with all full there is no call now."""
    full = replace(KT, in_use=2)
    assert chosen(full, SKB) == "skb"
    assert chosen(full, replace(SKB, in_use=4)) is NoRoute.CHANNELS


def test_calls_per_second() -> None:
    """A trunk that has just been dialled on is passed over; with all so, it is said when to ask again."""
    just, half = NOW - timedelta(seconds=0.1), NOW - timedelta(seconds=0.3)
    assert chosen(replace(KT, last_placed=just), SKB) == "skb"
    route = choose_trunk((replace(KT, last_placed=just), replace(SKB, last_placed=half)), "0", NOW)
    assert route == NotNow(NoRoute.RATE, NOW + timedelta(seconds=0.2))


def test_installation() -> None:
    """Limits of the whole installation hold over those of the trunks."""
    assert chosen(replace(KT, in_use=1), replace(SKB, in_use=2), installation=Limits(3)) is NoRoute.CHANNELS
    just = replace(KT, last_placed=NOW - timedelta(seconds=0.4))
    assert chosen(just, SKB, installation=Limits(calls_per_second=1.0)) is NoRoute.RATE


def test_breakers() -> None:
    """An open trunk is passed over; with all open nobody is called; one whose wait is over is tried by one call."""
    assert chosen(replace(KT, breaker=OPEN), SKB) == "skb"
    assert chosen(replace(KT, breaker=OPEN), replace(SKB, breaker=TRYING)) is NoRoute.TRUNKS_DOWN
    assert choose_trunk((replace(KT, breaker=DUE_TO_TRY), SKB), "0620000000", NOW) == Route(
        "kt", "0620000000", probe=True
    )


def test_failover() -> None:
    """A trunk that this attempt has tried is not tried again; when all have been, there is none."""
    assert chosen(KT, SKB, without=frozenset({"kt"})) == "skb"
    assert chosen(KT, SKB, without=frozenset({"kt", "skb"})) is NoRoute.NO_TRUNK
    assert chosen() is NoRoute.NO_TRUNK


def test_the_number_people_know() -> None:
    """The programme's number is shown where a trunk may show it, whatever its priority; else the trunk's first."""
    assert choose_trunk((KT, SKB), "07000000000", NOW) == Route("skb", "07000000000")
    assert choose_trunk((KT, SKB), "0621111111", NOW) == Route("kt", "0621111111")
    assert choose_trunk((KT, SKB), "0629999999", NOW) == Route("kt", "0620000000")
    anything = replace(KT, policy=replace(KT.policy, caller_numbers=()))
    assert choose_trunk((anything,), "0629999999", NOW) == Route("kt", "0629999999")


def test_free_channels() -> None:
    """What may be claimed now: channels of trunks that may be dialled, one for a trunk that is to be tried."""
    assert free_channels((KT, replace(SKB, in_use=1)), NOW, 9) == 5
    assert free_channels((replace(KT, breaker=DUE_TO_TRY), replace(SKB, breaker=OPEN)), NOW, 9) == 1
    assert free_channels((replace(KT, breaker=OPEN),), NOW, 9) == 0
    assert free_channels((replace(KT, in_use=1), SKB), NOW, 9, Limits(3)) == 2


@st.composite
def _trunks(draw: st.DrawFn) -> list[TrunkNow]:
    names = draw(st.lists(st.sampled_from(["kt", "lg", "skb", "v070"]), unique=True, max_size=4))
    return [
        TrunkNow(
            TrunkPolicy(
                name, Limits(draw(st.integers(0, 3)), draw(st.sampled_from([0.0, 1.0]))), draw(st.integers(1, 2))
            ),
            draw(st.sampled_from([CLOSED, OPEN, DUE_TO_TRY, TRYING])),
            draw(st.integers(0, 4)),
            draw(st.sampled_from([None, NOW, NOW - timedelta(seconds=5)])),
        )
        for name in names
    ]


@given(_trunks(), st.integers(0, 6))
def test_never_on_what_may_not_be_dialled(trunks: list[TrunkNow], most: int) -> None:
    """Whatever is chosen has a free channel, a token and a breaker that lets it through; and what cannot be chosen is not
    promised to be free."""
    route = choose_trunk(trunks, "0", NOW, installation=Limits(most))
    if isinstance(route, Route):
        it = next(trunk for trunk in trunks if trunk.policy.name == route.trunk)
        assert it.breaker.may_dial(NOW)
        assert not it.policy.limits.channels or it.in_use < it.policy.limits.channels
        assert it.policy.limits.rate_allows_at(it.last_placed, NOW) <= NOW
        assert not most or sum(trunk.in_use for trunk in trunks) < most
    elif route.why is not NoRoute.RATE:
        assert free_channels(trunks, NOW, 9, Limits(most)) == 0
