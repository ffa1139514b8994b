"""The shipped policy in real minutes: nobody answers the page, and everybody above hears of it on time, until somebody acts."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from page_ladder import at_work

from callbot.simulate.sms_server import SmsServer
from callbot.store.database import Store

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1500)]
LATE_S = 7.0
"""The climbing tick of 5 s, and the way to the provider."""


def test_five_ten_minutes_and_a_reply(sqlite_store: Store) -> None:
    """Caseworker at once, lead after 5 minutes, duty room after 10; the duty room replies `1`: the supervisor is never paged."""
    server = SmsServer().start()

    async def main() -> dict[str, float]:
        async with at_work(sqlite_store, server) as ladder:
            await ladder.open()
            found = {"caseworker": await ladder.paged("caseworker", 10)}
            found["lead"] = await ladder.paged("lead", 330)
            found["duty"] = await ladder.paged("duty", 330)
            await ladder.reply("duty", "1")
            assert ladder.state() == "acknowledged"
            await asyncio.sleep(max(0.0, ladder.opened_at + 925 - time.time()))
            assert ladder.times("supervisor") == []
            assert [len(ladder.times(role)) for role in ("caseworker", "lead", "duty")] == [1, 1, 1]
            return found

    try:
        found = asyncio.run(main())
    finally:
        server.stop()
    out = Path(os.environ.get("CALLBOT_PROVE_OUT", ".run/prove"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "page-ladder.json").write_text(json.dumps({key: round(value, 2) for key, value in found.items()}) + "\n")
    assert found["caseworker"] < 3.0
    assert 300 <= found["lead"] <= 300 + LATE_S
    assert 600 <= found["duty"] <= 600 + LATE_S
