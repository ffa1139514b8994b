"""What the watch calls wrong, as tables of what it saw."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.store.health_rows import Heartbeat
from callbot.store.watch_rows import Dialling, Queue
from callbot.watch.alarms import Limits, alarms
from callbot.watch.sights import Sights, Trunk

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Seoul."""


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def beat(seconds_ago: float = 3, **more: object) -> Heartbeat:
    return Heartbeat("serve:line-1", ago(seconds=seconds_ago), ago(hours=3), **more)


def seen(**what: object) -> Sights:
    return Sights(**{"now": NOW, "watching_since": ago(hours=2), "heartbeats": (beat(),)} | what)


def names(sights: Sights) -> list[str]:
    return [alarm.name.split(":", 1)[0] for alarm in alarms(sights)]


WAITING = Dialling(True, 12, ago(minutes=30), ago(minutes=25), ago(minutes=40))
CASES = {
    "all is well": (seen(), []),
    "a heartbeat of 59 s ago is none too old": (seen(heartbeats=(beat(59),)), []),
    "killed: no heartbeat for a minute": (seen(heartbeats=(beat(61),)), ["service_down"]),
    "one of two line processes lives": (
        seen(heartbeats=(beat(600), Heartbeat("serve:line-2", ago(seconds=4), ago(hours=1)))),
        [],
    ),
    "never started, the watch has just begun": (seen(heartbeats=(), watching_since=ago(seconds=100)), []),
    "never started": (seen(heartbeats=()), ["service_down"]),
    "stopped on purpose, a deploy": (
        seen(heartbeats=(beat(120, stopped_at=ago(minutes=2)),), dialling=WAITING),
        ["no_calls"],
    ),
    "stopped on purpose, for long, and people wait": (
        seen(heartbeats=(beat(900, stopped_at=ago(minutes=15)),), dialling=Dialling(True, 3, ago(minutes=14))),
        ["service_stopped"],
    ),
    "stopped at night": (seen(heartbeats=(beat(9000, stopped_at=ago(hours=9)),)), []),
    "the database is gone": (seen(database="OperationalError", database_down_since=ago(seconds=40)), ["database_down"]),
    "the database hiccups": (seen(database="OperationalError", database_down_since=ago(seconds=5)), []),
    "a queue at ten o'clock is ordinary": (
        seen(dialling=Dialling(True, 40, ago(minutes=50), ago(minutes=1), ago(minutes=1))),
        [],
    ),
    "a queue of more than an hour": (
        seen(dialling=Dialling(True, 40, ago(minutes=61), ago(minutes=1), ago(minutes=1))),
        ["calls_overdue"],
    ),
    "people wait and no attempt of anybody ends": (seen(dialling=WAITING), ["no_calls"]),
    "nobody waits": (seen(dialling=Dialling(True, 0, None, ago(hours=5), None)), []),
    "an emergency's page stands in the outbox": (
        seen(queue=Queue(1, ago(seconds=61), ago(seconds=61))),
        ["critical_page_stuck"],
    ),
    "other pages may wait for minutes": (seen(queue=Queue(9, None, ago(minutes=14))), []),
    "but not for a quarter of an hour": (seen(queue=Queue(9, None, ago(minutes=16))), ["pages_stuck"]),
    "pages that a provider refused": (seen(queue=Queue(0, None, None, failed=2)), ["pages_failed"]),
    "a trunk down for a minute": (seen(trunks=(Trunk("kt", "open", ago(seconds=70)),)), ["trunk_down"]),
    "ears down": (seen(heartbeats=(beat(figures={"ears_down_s": 31.0}),)), ["ears_down"]),
    "ears restarting": (seen(heartbeats=(beat(figures={"ears_down_s": 4.0}),)), []),
    "the exchange is lost": (seen(heartbeats=(beat(figures={"asterisk_down_s": 45}),)), ["asterisk_down"]),
    "a tick hangs": (
        seen(heartbeats=(beat(figures={"ticks": {"place": {"age_s": 95.0, "every_s": 1.0, "failures": 0}}}),)),
        ["tick_late"],
    ),
    "a slow tick is not late before five of its intervals": (
        seen(heartbeats=(beat(figures={"ticks": {"plan": {"age_s": 2900.0, "every_s": 600.0, "failures": 0}}}),)),
        [],
    ),
    "a tick fails again and again": (
        seen(heartbeats=(beat(figures={"ticks": {"pages": {"age_s": 0.2, "every_s": 1.0, "failures": 3}}}),)),
        ["tick_failing"],
    ),
    "a promise of the ledger is broken": (seen(violations=(("no_attempt_hangs", 1),)), ["invariant"]),
    "nobody is on duty": (seen(facts=(("nobody_on_duty:3", ago(minutes=1), ""),)), ["fact"]),
    "its own alarms are not alarmed about": (seen(facts=(("alarm:disk_low", ago(minutes=1), ""),)), []),
    "the disk fills": (seen(disk_free_mb=900, disk_free_share=0.2), ["disk_low"]),
    "a small disk with room": (seen(disk_free_mb=5000, disk_free_share=0.3), []),
}


@pytest.mark.parametrize(("sights", "expected"), CASES.values(), ids=CASES)
def test_what_is_wrong(sights: Sights, expected: list[str]) -> None:
    """Exactly these alarms."""
    assert names(sights) == expected


def test_a_killed_service_is_noticed_within_90_seconds() -> None:
    """Heartbeats come every 5 s and looks every 10 s: the oldest unnoticed heartbeat is 60 + 10 s old."""
    from callbot.heartbeat import EVERY_S
    from callbot.watch.patrol import EVERY_S as LOOK_EVERY_S

    assert Limits().silent.total_seconds() + LOOK_EVERY_S + EVERY_S < 90


def test_urgent_alarms_come_first() -> None:
    """A message that is cut keeps what matters."""
    found = alarms(seen(disk_free_mb=10, disk_free_share=0.001, heartbeats=(beat(70),)))
    assert [alarm.urgent for alarm in found] == [True, False]


def test_what_nobody_can_be_called_for_brings_the_list() -> None:
    """A dead service, database, exchange, trunk or recogniser: somebody has to phone by hand."""
    for sights in (
        seen(heartbeats=(beat(70),)),
        seen(database="x", database_down_since=ago(minutes=1)),
        seen(trunks=(Trunk("kt", "open", ago(minutes=2)),)),
        seen(heartbeats=(beat(figures={"ears_down_s": 40}),)),
    ):
        assert all(alarm.listed and alarm.urgent for alarm in alarms(sights))
