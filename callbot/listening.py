"""Ports of our own, and the web server that runs inside the service."""

import contextlib
import os
from collections.abc import Iterator

import uvicorn


class PortInUse(RuntimeError):
    """A port of ours is taken; the message names it and the setting."""


class QuietServer(uvicorn.Server):
    """Signals are the service's to handle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def taking_port(setting: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PortInUse(
            f"포트 {port}을(를) 쓸 수 없습니다({os.strerror(error.errno or 0)}). 그 포트를 쓰는 프로그램을 끝내거나 "
            f"CALLBOT_{setting.upper()}로 다른 포트를 정해 주세요."
        ) from error
