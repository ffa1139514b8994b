"""The link in a page, as a telephone opens it: from the text that the SMS server took, over HTTP, to a ladder that stops."""

import asyncio
import re
from pathlib import Path

import httpx
from free_ports import free_port
from page_ladder import at_work
from test_page_ladder import SECONDS

from callbot.console.deps import ConsoleDeps
from callbot.console_server import ConsoleServer
from callbot.escalate.bundling import Paging
from callbot.simulate.sms_server import SmsServer
from callbot.store.database import Store
from callbot.store.page_link import PUBLIC_URL
from callbot.store.paging_rows import set_paging
from callbot.store.tick_rows import remember


def test_the_link_of_a_page_stops_the_ladder(sqlite_store: Store, tmp_path: Path) -> None:
    """Opening it changes nothing (messengers open links too); its button takes the case, and the next step is never paged."""
    server, port = SmsServer().start(), free_port()
    url = f"http://127.0.0.1:{port}"
    with sqlite_store.write() as connection:
        remember(connection, PUBLIC_URL, url.encode())

    async def main() -> None:
        async with at_work(sqlite_store, server, policy=SECONDS, climb_every_s=0.5) as ladder:
            deps = ConsoleDeps(store=sqlite_store, clock=ladder.now, recordings_dir=tmp_path, district="동구")
            console = ConsoleServer(deps, "127.0.0.1", port)
            console.take_port()
            console.start()
            with sqlite_store.write() as connection:  # an LMS: this address is longer than a real one
                set_paging(connection, ladder.town.programme_id, Paging(long_pages=True), ladder.now())
            try:
                await ladder.open()
                await ladder.paged("caseworker", 5)
                link = re.search(rf"{re.escape(url)}/p/\S+", server.accepted[0].text)
                assert link is not None, server.accepted[0].text
                async with httpx.AsyncClient(trust_env=False, headers={"origin": url}) as phone:
                    assert (await phone.get(link[0])).status_code == 200
                    assert ladder.state() == "triggered"
                    answer = await phone.post(link[0], data={"code": "1"})
                assert answer.status_code == 200
                assert "맡으셨습니다" in answer.text
                assert ladder.state() == "acknowledged"
                await asyncio.sleep(4.5)
                assert ladder.times("lead") == []
            finally:
                await console.stop()

    try:
        asyncio.run(main())
    finally:
        server.stop()
