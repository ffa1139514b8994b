"""One service a data directory: a lock that the kernel gives back when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another process works on this directory; the message is Korean and names it."""


@contextmanager
def instance_lock(directory: Path, name: str) -> Iterator[None]:
    """Hold `directory`/`name`.lock. Raises AlreadyRunning: two services on one ledger would end each other's calls."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "?"
            raise AlreadyRunning(
                f"이미 실행 중입니다(프로세스 {holder}, 폴더 {directory}). 그것을 먼저 끝내거나, --data-dir로 다른 폴더를 쓰세요."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
