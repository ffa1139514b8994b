"""An event loop whose clock jumps to the next thing that happens: nothing sleeps, and the same start gives the same order."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class NothingLeft(RuntimeError):
    """Every task waits for something that no task will do."""


class _Jumping(selectors.SelectSelector):
    """Selects nothing. Instead of waiting, it moves the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingLeft("the simulation waits for something that nothing will do")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is simulated seconds. What the service does in threads is done in line, so that one seed is one order."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002 - there is no other thread
        func: Callable[..., Any],
        *args: Any,
    ) -> "asyncio.Future[Any]":
        """The future is done when it is given back."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001 - what a thread raises, a kill included, is its future's
            future.set_exception(error)
        return future

    def _write_to_self(self) -> None:
        """No thread ever has to wake this loop."""
