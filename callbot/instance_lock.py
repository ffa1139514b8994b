"""One service a data directory: a lock that the kernel gives back when its holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class AlreadyRunning(RuntimeError):
    """Another process works on this directory; the message is Korean and names it."""


DRAINING = "draining"
LOOK_S = 0.2


@contextmanager
def instance_lock(
    directory: Path, name: str, *, on_wait: Callable[[str], None] | None = None, longest_s: float = 900.0
) -> Iterator[None]:
    """Hold `directory`/`name`.lock. Raises AlreadyRunning: two services on one ledger would end each other's calls.

    A holder that is draining is about to go: with `on_wait` (told its process number) it is waited for, `longest_s` at most,
    so that the next version can be started while the last calls of the old one are still going on.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.lock"
    with path.open("a+", encoding="ascii") as file:
        until = time.monotonic() + longest_s
        while not _taken(file):
            holder, draining = _holder(file)
            if on_wait is None or not draining or time.monotonic() >= until:
                raise AlreadyRunning(
                    f"이미 실행 중입니다(프로세스 {holder}, 폴더 {directory}). 그것을 먼저 끝내거나, --data-dir로 다른 폴더를 쓰세요."
                )
            on_wait(holder)
            time.sleep(LOOK_S)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def tell_draining(directory: Path, name: str) -> None:
    """By the holder: no new work is begun, and the lock is free when the work in hand is done."""
    with (directory / f"{name}.lock").open("a", encoding="ascii") as file:
        file.write(f"{DRAINING}\n")


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> tuple[str, bool]:
    file.seek(0)
    number, _, rest = file.read().strip().partition("\n")
    return number or "?", DRAINING in rest
