"""Round after round: look, judge, page, keep the copy."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from callbot.heartbeat import disk_figures
from callbot.store.database import DatabaseUnreachable
from callbot.store.keys import CannotOpen
from callbot.watch.alarms import Alarm, Limits, alarms
from callbot.watch.journal import Journal, News, follow
from callbot.watch.look import Looker
from callbot.watch.pager import Pager
from callbot.watch.sealed_copy import SealedCopy, Today
from callbot.watch.sights import Sights

EVERY_S = 10.0
LOOK_S = 25.0
"""A database that does not answer for so long counts as down."""
NO_ANSWER = (SQLAlchemyError, DatabaseUnreachable, TimeoutError, OSError)

log = structlog.get_logger()


@dataclass(frozen=True)
class Round:
    """What the last round came to."""

    sights: Sights
    alarms: tuple[Alarm, ...]
    today: Today | None
    """None: no copy was ever made."""


class Patrol:
    """One per installation. `round` never raises for a dead database; `run` goes on after anything."""

    def __init__(
        self,
        open_looker: Callable[[], Looker],
        copy: SealedCopy,
        pager: Pager,
        *,
        now: Callable[[], datetime],
        directory: Path,
        more_numbers: tuple[str, ...] = (),
        district: str = "",
        limits: Limits | None = None,
    ) -> None:
        """`open_looker` may raise DatabaseUnreachable; it is tried anew each round. `directory`: the watch's own files."""
        self._open = open_looker
        self._looker: Looker | None = None
        self._copy = copy
        self._pager = pager
        self._now = now
        self._since = now()
        self._directory = directory
        self._more_numbers = more_numbers
        self._district = district
        self._limits = limits or Limits()
        self._journal = _read_journal(directory / "journal.json")
        self._down_since: datetime | None = None
        self.last: Round | None = None

    async def run(self, stop: asyncio.Event, *, every_s: float = EVERY_S) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - the boundary of a round: a watch that died would be silence
                log.error("watch_round_failed", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    async def round(self) -> Round:
        """Look once, and do what follows."""
        found = await self.look_only()
        now = found.sights.now
        news = follow(self._journal, found.alarms, now)
        self.last = found
        await self._tell(news, found.today, now)
        if found.sights.database is None and self._looker is not None:
            try:
                await asyncio.wait_for(asyncio.to_thread(self._looker.report, found.alarms, now), LOOK_S)
            except NO_ANSWER as error:
                log.warning("watch_report_failed", error=type(error).__name__)
        return found

    async def look_only(self) -> Round:
        """Look, judge, keep the copy; nobody is paged."""
        now = self._now()
        sights, today = await self._look(now)
        free = await asyncio.to_thread(disk_figures, self._directory)
        sights = replace(sights, disk_free_mb=free[0], disk_free_share=free[1])
        if today is None:
            today = await asyncio.to_thread(self._last_copy)
        else:
            await asyncio.to_thread(self._keep, today)
        return Round(sights, alarms(sights, self._limits), today)

    async def _look(self, now: datetime) -> tuple[Sights, Today | None]:
        try:
            if self._looker is None:
                self._looker = await asyncio.wait_for(asyncio.to_thread(self._open), LOOK_S)
            sights, today = await asyncio.wait_for(asyncio.to_thread(self._looker.look, now), LOOK_S)
        except NO_ANSWER as error:
            self._down_since = self._down_since or now
            log.warning("watch_cannot_read", error=type(error).__name__)
            down = Sights(now, self._since, database=type(error).__name__, database_down_since=self._down_since)
            return down, None
        self._down_since = None
        return sights, today

    def _keep(self, today: Today) -> None:
        try:
            self._copy.keep(today)
        except OSError as error:
            log.error("watch_copy_failed", errno=error.errno)

    def _last_copy(self) -> Today | None:
        try:
            return self._copy.read()
        except (CannotOpen, OSError) as error:
            log.error("watch_copy_unreadable", error=type(error).__name__)
            return None

    async def _tell(self, news: News, today: Today | None, now: datetime) -> None:
        """The journal is kept before anything is sent: a crash between repeats half an hour later, not every round."""
        changed = news.journal != self._journal
        self._journal = news.journal
        if changed:
            await asyncio.to_thread(_write_journal, self._directory / "journal.json", news.journal)
        numbers = tuple(dict.fromkeys([*self._more_numbers, *(today.numbers if today else ())]))
        district = today.district if today else self._district
        if news.to_page:
            log.warning("watch_alarms", alarms=[alarm.name for alarm in news.to_page])
            people = today.people if today else ()
            await asyncio.to_thread(self._pager.page, news.to_page, people, numbers, district, now)
        if news.over:
            await asyncio.to_thread(self._pager.over, news.over, numbers, district, now)


def _read_journal(path: Path) -> Journal:
    """What was open before a restart; a file that cannot be read is begun anew: alarms are then paged once more."""
    try:
        return Journal.from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Journal()
    except (OSError, KeyError, TypeError, ValueError) as error:
        log.warning("watch_journal_unreadable", error=type(error).__name__)
        return Journal()


def _write_journal(path: Path, journal: Journal) -> None:
    temporary = path.with_name(f".{path.name}")
    try:
        temporary.write_text(json.dumps(journal.as_json(), ensure_ascii=False), "utf-8")
        temporary.replace(path)
    except OSError as error:  # a full disk must not keep anybody from being paged
        log.error("watch_journal_failed", errno=error.errno)
