"""Putting a watch together, and starting one that outlives the service."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from callbot.adapters.clock import Clock, MachineClock, OffsetClock
from callbot.bootstrap import sms_sender
from callbot.demo import OFFSET
from callbot.people.numbers import parse_number
from callbot.settings import Settings
from callbot.store.database import Store, open_engine
from callbot.store.health_rows import beats
from callbot.store.keys import read_key_file
from callbot.store.tick_rows import remembered
from callbot.watch.look import NAME, Looker
from callbot.watch.pager import Pager
from callbot.watch.patrol import Patrol
from callbot.watch.sealed_copy import SealedCopy

LOCK = "watch"


@dataclass(frozen=True)
class Post:
    """Which ledger is watched."""

    settings: Settings
    directory: Path
    """The ledger's folder: recordings, and the watch's own files below `watch/`."""

    @property
    def files(self) -> Path:
        """The watch's own."""
        return self.directory / "watch"

    @property
    def url(self) -> str:
        """Where the list is read."""
        settings = self.settings
        return settings.watch_url or f"http://{settings.watch_host}:{settings.watch_port}"


def post_of(settings: Settings, *, demo: bool) -> Post:
    """The service's ledger, or the demo's."""
    if not demo:
        return Post(settings, settings.data_dir)
    directory = settings.data_dir / "demo"
    url = settings.database_url or f"sqlite:///{directory / 'callbot.db'}"
    return Post(settings.model_copy(update={"database_url": url, "key_file": directory / "keys.json"}), directory)


def open_ledger_of(post: Post) -> Store:
    """With the watch's own connection. Whatever the schema's revision: in the middle of a deploy it must not go blind."""
    keys = read_key_file(post.settings.keys)
    return Store(open_engine(post.settings.database, keys), keys)


def clock_of(post: Post) -> Clock:
    """The ledger's clock; the machine's where neither ledger nor copy says otherwise."""
    offset = _offset(post)
    return OffsetClock(timedelta(seconds=offset)) if offset else MachineClock()


def _offset(post: Post) -> float:
    try:
        store = open_ledger_of(post)
    except Exception:  # noqa: BLE001 - the boundary of the start: with a dead database the copy has to do
        today = copy_of(post).read()
        return today.clock_offset_s if today else 0.0
    try:
        with store.read() as connection:
            kept = remembered(connection, OFFSET)
    finally:
        store.close()
    return float(kept) if kept else 0.0


def copy_of(post: Post) -> SealedCopy:
    """The sealed list. Raises KeyFileError where the key file cannot be read: without it nothing can be kept or read."""
    return SealedCopy(post.files / "today.sealed", read_key_file(post.settings.keys))


def patrol_of(post: Post, clock: Clock) -> Patrol:
    """Everything wired. Raises KeyFileError, BadNumber, OSError."""
    settings, since = post.settings, clock.now()
    post.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    numbers = tuple(parse_number(text) for text in settings.watch_numbers.split(",") if text.strip())
    offset_s = clock.offset.total_seconds() if isinstance(clock, OffsetClock) else 0.0

    def open_looker() -> Looker:
        return Looker(open_ledger_of(post), since, settings.district, offset_s, os.getpid())

    return Patrol(
        open_looker,
        copy_of(post),
        Pager(sms_sender(settings), numbers_in_sms=settings.watch_numbers_in_sms, where=post.url),
        now=clock.now,
        directory=post.files,
        more_numbers=numbers,
        district=settings.district,
    )


def start_watch(settings: Settings, *, demo: bool) -> None:
    """A process of its own session that is nobody's child, so that neither Ctrl-C nor the service's death ends it.

    Where one runs already the new one ends by itself at once.
    """
    post = post_of(settings, demo=demo)
    post.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    environ = os.environ | {"CALLBOT_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "callbot.cli", "watch", "--beside-service", *(["--demo"] if demo else [])]
    with (post.files / "watch.log").open("ab") as out:
        subprocess.run(
            ["setsid", "--fork", *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ, check=True
        )


KEEP_S = 30.0
SILENT = timedelta(seconds=60)


async def keep_watch(settings: Settings, store: Store, clock: Clock, *, demo: bool) -> None:
    """While a service runs there is a watch: started now, and again where its heartbeat has stopped. Until cancelled."""
    while settings.watch:
        with store.read() as connection:
            newest = [beat.at for beat in beats(connection) if beat.name == NAME and beat.stopped_at is None]
        if not newest or clock.now() - newest[0] > SILENT:
            await asyncio.to_thread(start_watch, settings, demo=demo)
        await asyncio.sleep(KEEP_S)
