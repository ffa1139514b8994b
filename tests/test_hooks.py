"""Webhooks over real HTTP: signed, kept once, acted on once."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from ledger_fixtures import TUESDAY, Town
from outbox_world import fill
from sqlalchemy import select

from callbot.adapters.solapi import Solapi
from callbot.hooks import HooksServer
from callbot.sending import Outbox
from callbot.simulate.sms_server import API_KEY, API_SECRET, HOOK_SECRET, SENDER
from callbot.store.database import Store
from callbot.store.receipt_rows import Inbound, Receipt
from callbot.store.tables import pages
from callbot.store.tables_sending import inbound_messages, receipts
from callbot.workflows.answer_page import answer_of
from callbot.workflows.send_pages import take_work
from callbot.workflows.take_inbound import handle_left_over
from callbot.workflows.take_receipts import take_receipt

SIGNED = {"x-solapi-secret": hashlib.sha1(HOOK_SECRET.encode()).hexdigest()}  # noqa: S324


def with_hooks(store: Store, use: Callable[[httpx.AsyncClient, list[Inbound]], Any]) -> list[Inbound]:
    acted: list[Inbound] = []

    def act(message: Inbound, _now: datetime) -> str:
        acted.append(message)
        return "done"

    async def main() -> None:
        adapter = Solapi(API_KEY, API_SECRET, SENDER, webhook_secret=HOOK_SECRET)
        outbox = Outbox(store, [adapter], lambda: TUESDAY, act=act)
        hooks = HooksServer(outbox)
        await hooks.start("127.0.0.1", 0)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{hooks.port}", trust_env=False) as client:
                await use(client, acted)
        finally:
            await hooks.stop()
            await outbox.close()

    asyncio.run(main())
    return acted


def kept(store: Store, table: Any) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(select(table)))


def test_an_answer_is_acted_on_once(sqlite_store: Store) -> None:
    """The same SMS reported three times: kept once, acted on once, always answered with 200."""
    body = json.dumps([{"messageId": "M4", "from": "010-0000-9001".replace("-", ""), "text": "1"}])

    async def use(client: httpx.AsyncClient, _acted: list[Inbound]) -> None:
        for _ in range(3):
            assert (await client.post("/hooks/solapi", content=body, headers=SIGNED)).status_code == 200

    acted = with_hooks(sqlite_store, use)
    assert [(one.sender, one.text) for one in acted] == [("+821000009001", "1")]
    [row] = kept(sqlite_store, inbound_messages)
    assert (row.outcome, row.handled_at) == ("done", TUESDAY)


def test_what_is_refused(sqlite_store: Store) -> None:
    """Unsigned, unknown, broken and huge reports change nothing; there is no GET and no other path."""

    async def use(client: httpx.AsyncClient, _acted: list[Inbound]) -> None:
        assert (await client.post("/hooks/solapi", content="[]")).status_code == 401
        assert (await client.post("/hooks/other", content="[]", headers=SIGNED)).status_code == 404
        assert (await client.post("/hooks/solapi", content="{", headers=SIGNED)).status_code == 400
        assert (await client.post("/hooks/solapi", content=b"x" * 600_000, headers=SIGNED)).status_code == 413
        assert (await client.get("/hooks/solapi", headers=SIGNED)).status_code == 405
        assert (await client.get("/")).status_code == 404

    with_hooks(sqlite_store, use)
    assert kept(sqlite_store, receipts) == kept(sqlite_store, inbound_messages) == []


def test_a_receipt_replayed_or_contradicted_later(sqlite_store: Store) -> None:
    """The same event twice changes nothing; "failed" after "delivered" does not undo a delivery."""
    fill(sqlite_store, 0)
    outbox = Outbox(sqlite_store, [Solapi(API_KEY, API_SECRET, SENDER)], lambda: TUESDAY)
    [sending] = take_work(sqlite_store, outbox.routing, TUESDAY)
    good = Receipt("solapi", "E1", True, "raw", sending.over.reference, "M1")
    assert take_receipt(sqlite_store, good, outbox.routing, TUESDAY)
    assert not take_receipt(sqlite_store, good, outbox.routing, TUESDAY)
    bad = Receipt("solapi", "E2", False, "raw", sending.over.reference, "M1")
    assert take_receipt(sqlite_store, bad, outbox.routing, TUESDAY)
    assert [(row.delivered, row.hand_over_id) for row in kept(sqlite_store, receipts)] == [(True, 1), (False, 1)]
    [page] = kept(sqlite_store, pages)
    assert page.delivered_at == TUESDAY


def test_a_reply_takes_the_case_and_a_crash_repeats_it_harmlessly(town: Town) -> None:
    """`1` from the worker's telephone acknowledges; one that was kept but not acted on is acted on by the next tick."""
    fill(town.store, 0, people=town)
    message = Inbound("solapi", "M9", "+821000009001", "1")
    assert answer_of(town.store, message, TUESDAY) == "taken"
    assert answer_of(town.store, message, TUESDAY) == "already_yours"
    assert answer_of(town.store, Inbound("voice", "page-p1-2-ab", "", "1"), TUESDAY) == "already_yours"
    assert answer_of(town.store, Inbound("solapi", "M10", "+821000009001", "뭐라고요"), TUESDAY) == "unreadable"
    assert handle_left_over(town.store, lambda _message, _now: "done", TUESDAY) == 0
