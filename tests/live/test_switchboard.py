"""The switchboard and a real Asterisk that goes away and comes back."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import new_instance
from line_fixtures import live_lines
from sip_peer import Script

from callbot.adapters.asterisk_ami import Switchboard
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import attempt_end
from callbot.dial.progress import ProgressKind


@contextlib.asynccontextmanager
async def second_switchboard(asterisk: AsteriskInstance) -> AsyncIterator[Switchboard]:
    board = Switchboard(
        "127.0.0.1", asterisk.ports.ami, asterisk.ami_user, asterisk.ami_secret, on_progress=lambda _step: None
    )
    await board.start()
    try:
        assert await board.wait_connected(5.0)
        yield board
    finally:
        await board.stop()


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_asterisk_restarts_in_a_call(how: str) -> None:
    """Ends are told exactly once (after a kill: as ours), the next call works, and nobody restarts us."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-live-", dir="/tmp"))
    directory.chmod(0o755)
    asterisk = new_instance(directory)

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key = await line.dial(Script(ring=True))
            await line.step(key, ProgressKind.ANSWERED)
            ringing = await line.dial(Script(None, ring=True), ring_s=30)
            await line.step(ringing, ProgressKind.RINGING)
            assert await line.switchboard.live_keys() == {key, ringing}
            if how == "killed":
                os.kill(int((asterisk.directory / "run" / "asterisk.pid").read_text()), signal.SIGKILL)
            await asyncio.to_thread(asterisk.stop)
            await asyncio.to_thread(asterisk.start)
            ends = {attempt_end(await line.ended(lost)) for lost in (key, ringing)}
            if how == "killed":
                assert ends == {AttemptEnd.SYSTEM_FAILURE}
            assert await line.switchboard.wait_connected(5.0)
            assert line.connection == [True, False, True]
            assert await line.switchboard.live_keys() == set()
            again = await line.dial(Script(bye_after=0.1))
            assert attempt_end(await line.ended(again)) is None
            assert [line.kinds(each).count("ended") for each in (key, ringing, again)] == [1, 1, 1]

    asterisk.start()
    try:
        asyncio.run(main())
    finally:
        asterisk.stop()
        shutil.rmtree(directory, ignore_errors=True)


def test_a_call_of_a_dead_process_is_found_and_ended(asterisk: AsteriskInstance) -> None:
    """Another switchboard, as after kill -9 of the service, sees the call by its key and ends it."""

    async def main() -> None:
        async with live_lines(asterisk) as old, second_switchboard(asterisk) as new:
            key, _, phone = await old.answered(Script())
            assert await new.live_keys() == {key}
            await new.hang_up(key)
            await asyncio.wait_for(phone.ended.wait(), 1.0)
            assert phone.ended_by == "bye"
            await old.ended(key)
            assert await new.live_keys() == set()

    asyncio.run(main())
