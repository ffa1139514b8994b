"""One sender as a process of its own, to be killed: `python outbox_process.py '{"url": ..., "keys": ..., ...}'`. 0: nothing is left."""

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from outbox_world import Clock, run_until_done
from sqlalchemy.exc import DBAPIError

from callbot.adapters.solapi import Solapi
from callbot.simulate.sms_server import API_KEY, API_SECRET, HOOK_SECRET, SENDER
from callbot.store.migrate import open_store


def main(given: dict[str, str]) -> None:
    """Until done; a database that goes away is waited for, as the service's ticks wait for it."""
    clock = Clock(float(given["speed"]), float(given["start"]))
    while True:
        try:
            store = open_store(given["url"], Path(given["keys"]))
            providers = [
                Solapi(API_KEY, API_SECRET, SENDER, base_url=url, webhook_secret=HOOK_SECRET, timeout_s=4.0)
                for url in given["servers"].split()
            ]
            providers[1].name = "second"
            asyncio.run(run_until_done(store, providers, clock, hook_port=int(given["port"]), longest_s=3600))
            return  # noqa: TRY300
        except DBAPIError:
            time.sleep(0.3)
        except Exception as error:  # noqa: BLE001 - an unreachable database at the start
            print(type(error).__name__, error, file=sys.stderr)
            time.sleep(0.5)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
