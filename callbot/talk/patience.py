"""What has happened on the line is written down even while the database restarts: the same write again, until it is there."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog

from callbot.store.database import AWAY

WAITS_S = (0.1, 0.3, 1.0, *(2.0,) * 30)
"""A minute. A page of an emergency does not come this way; it has a writer of its own (talk/call_record.py)."""

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()


async def patiently(write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking write in a thread; again where the database was away.

    Only for writes that hold a token: one that was committed although its answer was lost is refused the second time
    (StaleToken, ImpossibleTransition), and never done twice. Raises what the last try raised.
    """
    for wait_s in WAITS_S:
        try:
            return await asyncio.to_thread(write, *args, **kwargs)
        except AWAY as error:
            log.warning("database_away", error=type(error).__name__, again_in_s=wait_s)
            await asyncio.sleep(wait_s)
    return await asyncio.to_thread(write, *args, **kwargs)
