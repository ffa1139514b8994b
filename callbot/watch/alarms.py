"""What is wrong: a pure judgement of what the watch saw."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbot.escalate.health_words import in_few_words
from callbot.store.health_rows import Heartbeat
from callbot.watch.sights import Sights

SERVICE = "serve:"
PAGES_OF_WATCH = "alarm:"
"""Health facts with this prefix are the watch's own."""


@dataclass(frozen=True)
class Limits:
    """When a fact becomes an alarm. Durations."""

    silent: timedelta = timedelta(seconds=60)
    """A heartbeat is written every 5 s; with a look every 10 s a killed service is noticed within 75 s."""
    first_beat: timedelta = timedelta(seconds=150)
    """For a service that starts together with the watch."""
    stopped: timedelta = timedelta(minutes=10)
    """A service that said goodbye may be away for a deploy."""
    database: timedelta = timedelta(seconds=20)
    tick_rounds: float = 5.0
    """A tick that has not ended for so many of its intervals is late,"""
    tick_least: timedelta = timedelta(seconds=90)
    """but never before this."""
    tick_failures: int = 3
    part_down: timedelta = timedelta(seconds=30)
    overdue: timedelta = timedelta(minutes=60)
    """Everybody prefers ten o'clock, and channels are few: an hour's queue is an ordinary morning."""
    no_call: timedelta = timedelta(minutes=20)
    """Somebody waits, the window is open, and no attempt of anybody has ended for so long."""
    critical_page: timedelta = timedelta(seconds=60)
    page: timedelta = timedelta(minutes=15)
    trunk: timedelta = timedelta(seconds=60)
    disk_mb: int = 1024
    disk_share: float = 0.05


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong. `name` stays the same while it lasts."""

    name: str
    words: str
    """Korean, for an SMS: what is wrong, in at most 40 bytes or so."""
    since: datetime
    urgent: bool = False
    """People are not being called, or a page about a life is stuck: paged at any hour."""
    listed: bool = False
    """The list of those not called belongs to it."""


def alarms(sights: Sights, limits: Limits = Limits()) -> tuple[Alarm, ...]:
    """Everything that is wrong now, the urgent first."""
    if sights.database is not None:
        found = list(_database(sights, limits))
    else:
        found = [
            *_service(sights, limits),
            *_parts(sights, limits),
            *_calls(sights, limits),
            *_outbox(sights, limits),
            *_ledger(sights),
        ]
    found += _disk(sights, limits)
    return tuple(sorted(found, key=lambda alarm: (not alarm.urgent, alarm.since, alarm.name)))


def _database(sights: Sights, limits: Limits) -> Iterator[Alarm]:
    since = sights.database_down_since or sights.now
    if sights.now - since >= limits.database:
        yield Alarm("database_down", "데이터베이스 연결 안 됨", since, urgent=True, listed=True)


def _service(sights: Sights, limits: Limits) -> Iterator[Alarm]:
    services = [beat for beat in sights.heartbeats if beat.name.startswith(SERVICE)]
    if not services:
        if sights.now - sights.watching_since >= limits.first_beat:
            yield Alarm("service_down", "전화 서비스가 시작되지 않음", sights.watching_since, urgent=True, listed=True)
        return
    if any(_alive(beat, sights.now, limits) for beat in services):
        return
    newest = max(services, key=lambda beat: beat.at)
    if newest.stopped_at is None:
        yield Alarm("service_down", "전화 서비스가 멈춤", newest.at, urgent=True, listed=True)
    elif sights.now - newest.stopped_at >= limits.stopped and _somebody_waits(sights):
        yield Alarm("service_stopped", "전화 서비스가 꺼져 있음", newest.stopped_at, urgent=True, listed=True)


def _alive(beat: Heartbeat, now: datetime, limits: Limits) -> bool:
    return beat.stopped_at is None and now - beat.at < limits.silent


def _somebody_waits(sights: Sights) -> bool:
    return sights.dialling.open_windows and sights.dialling.overdue > 0


def _parts(sights: Sights, limits: Limits) -> Iterator[Alarm]:
    """What living services say of their own parts and ticks."""
    for beat in sights.heartbeats:
        if not beat.name.startswith(SERVICE) or not _alive(beat, sights.now, limits):
            continue
        for part, words in PARTS.items():
            down_s = beat.figures.get(f"{part}_down_s")
            if isinstance(down_s, int | float) and down_s >= limits.part_down.total_seconds():
                since = beat.at - timedelta(seconds=float(down_s))
                yield Alarm(f"{part}_down:{beat.name}", words, since, urgent=True, listed=True)
        yield from _ticks(beat, limits)


PARTS = {"asterisk": "전화 교환기 연결 끊김", "ears": "음성 인식이 멈춤", "voice": "음성 합성이 멈춤"}


def _ticks(beat: Heartbeat, limits: Limits) -> Iterator[Alarm]:
    ticks = beat.figures.get("ticks")
    for name, tick in ticks.items() if isinstance(ticks, dict) else ():
        age, every, failures = float(tick["age_s"]), float(tick["every_s"]), int(tick["failures"])
        late = max(every * limits.tick_rounds, limits.tick_least.total_seconds())
        since = beat.at - timedelta(seconds=age)
        if failures >= limits.tick_failures:
            yield Alarm(f"tick_failing:{name}", f"작업 '{name}' {failures}회 연속 실패", since, urgent=name in VITAL)
        elif age > late:
            yield Alarm(f"tick_late:{name}", f"작업 '{name}' {age / 60:.0f}분째 멈춤", since, urgent=name in VITAL)


VITAL = frozenset({"place", "pages", "climb", "plan"})
"""Without these nobody is called, or nobody is told."""


def _calls(sights: Sights, limits: Limits) -> Iterator[Alarm]:
    dialling, now = sights.dialling, sights.now
    for trunk in sights.trunks:
        if now - trunk.since >= limits.trunk:
            yield Alarm(f"trunk_down:{trunk.name}", f"회선 {trunk.name} 장애", trunk.since, urgent=True, listed=True)
    if not dialling.open_windows or not dialling.overdue or dialling.oldest_overdue is None:
        return
    quiet_since = max(filter(None, (dialling.last_ended, dialling.oldest_overdue)))
    if now - quiet_since >= limits.no_call:
        yield Alarm("no_calls", "통화가 전혀 이뤄지지 않음", quiet_since, urgent=True, listed=True)
    elif now - dialling.oldest_overdue >= limits.overdue:
        words = f"제때 못 건 전화 {dialling.overdue}건"
        yield Alarm("calls_overdue", words, dialling.oldest_overdue, listed=True)


def _outbox(sights: Sights, limits: Limits) -> Iterator[Alarm]:
    queue, now = sights.queue, sights.now
    if queue.oldest_critical is not None and now - queue.oldest_critical >= limits.critical_page:
        yield Alarm("critical_page_stuck", "긴급 문자가 나가지 못함", queue.oldest_critical, urgent=True)
    elif queue.oldest is not None and now - queue.oldest >= limits.page:
        yield Alarm("pages_stuck", f"밀린 문자 {queue.waiting}건", queue.oldest)
    if queue.failed:
        yield Alarm("pages_failed", f"전달 실패 문자 {queue.failed}건", now)


def _ledger(sights: Sights) -> Iterator[Alarm]:
    for name, count in sights.violations:
        code = name.split(":", 1)[0]
        yield Alarm(f"invariant:{code}", f"원장 오류 {count}건({code[:20]})", sights.now, urgent=True)
    for name, since, detail in sights.facts:
        if name.startswith(PAGES_OF_WATCH):
            continue
        words = in_few_words(name, detail)
        yield Alarm(f"fact:{name}", words, since, urgent=name.split(":", 1)[0] in URGENT_FACTS)


URGENT_FACTS = frozenset({"nobody_on_duty", "trunk_down"})


def _disk(sights: Sights, limits: Limits) -> Iterable[Alarm]:
    free, share = sights.disk_free_mb, sights.disk_free_share
    if free is not None and share is not None and (free < limits.disk_mb or share < limits.disk_share):
        yield Alarm("disk_low", f"디스크 남은 공간 {free} MB", sights.now)
