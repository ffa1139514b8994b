"""A line process for tests that kill it: dialler, switchboard and media server over a ledger and an exchange that outlive it.

    python line_process.py '{"database": ..., "keys": ..., "ami": port, ...}'

Says READY once it places calls. SIGTERM: drains. Everything in it is the service's own but for the ears, which hear nothing.
"""

import asyncio
import contextlib
import json
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from trunk_world import FAST, SCRIPT, VOICE, NothingHeard, Rendered

from callbot.adapters.asterisk_ami import NotConnected, Switchboard
from callbot.adapters.asterisk_media import MediaServer
from callbot.adapters.asterisk_trunk import Trunk
from callbot.adapters.clock import OffsetClock
from callbot.adapters.kiwi import KiwiAnalyser
from callbot.adapters.silero import SileroVad
from callbot.lexicon_files import load_lexicon
from callbot.store.migrate import open_store
from callbot.talk.answered_call import Senses
from callbot.talk.dial_plan import DialPlan
from callbot.talk.dialler import Dialler
from callbot.understand.understander import Understander
from callbot.workflows.recover import recover
from callbot.workflows.trunk_calls import Trunks, declare_trunks

DRAIN_S = 1.0


async def main(given: dict[str, Any]) -> None:
    """As service_dialling.DiallingDuties does: what was left behind is ended first."""
    store = open_store(given["database"], Path(given["keys"]))
    clock = OffsetClock(timedelta(seconds=given["offset_s"]))
    lists = ("caller_numbers", "match")
    trunks = [Trunk(**{**fields, **{name: tuple(fields[name]) for name in lists}}) for fields in given["trunks"]]
    by_name = {trunk.name: trunk for trunk in trunks}
    policies = Trunks(tuple(trunk.policy for trunk in trunks))
    holder: dict[str, Switchboard] = {}
    dialler = Dialler(
        store,
        lambda: holder["board"],
        Senses(NothingHeard(), VOICE, Understander(load_lexicon(), KiwiAnalyser()), SileroVad),
        Rendered(),
        {SCRIPT.script: SCRIPT},
        plan=DialPlan(
            given["node"],
            lambda _e164: "",
            ring_s=5,
            max_calls=3,
            data_dir=Path(given["directory"]),
            trunks=policies,
            trunk_dial_string=lambda trunk, e164: by_name[trunk].dial_string(e164),
        ),
        now=clock.now,
    )
    media = MediaServer("127.0.0.1", given["media"], given["media_secret"], dialler.on_leg)
    await media.start()
    board = holder["board"] = Switchboard(
        "127.0.0.1", given["ami"], given["ami_user"], given["ami_secret"], on_progress=dialler.on_progress, timings=FAST
    )
    await board.start()
    assert await board.wait_connected(10.0)
    for key in await board.live_keys():
        with contextlib.suppress(NotConnected):
            await board.hang_up(key)
    recover(store, clock.now(), frozenset(), given["node"])
    declare_trunks(store, policies, clock.now())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("READY", flush=True)
    while not stop.is_set():
        await dialler.place()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await stop.wait()
    await dialler.drain(DRAIN_S)
    await board.stop()
    await media.stop()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
