"""Paging staff until somebody acts: a real SMS server, real HTTP, a clock that runs as fast as ours, only set to a Tuesday."""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import select, update

from callbot.adapters.solapi import Solapi
from callbot.answering import Answers
from callbot.escalate.case import CaseKind
from callbot.escalate.policy import EscalationPolicy
from callbot.hooks import HooksServer
from callbot.people.team import Role
from callbot.sending import Outbox
from callbot.simulate.sms_server import API_KEY, API_SECRET, HOOK_SECRET, SENDER, SmsServer
from callbot.store.database import Store
from callbot.store.policy_rows import add_worker, publish_policy
from callbot.store.tables import case_events, cases, programmes
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import climb
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.providers import Provider

NUMBERS = {"caseworker": "01000009001", "lead": "01000009002", "duty": "01000009003", "supervisor": "01000009004"}


@dataclass
class Ladder:
    """A town with a duty room and a supervisor, and an outbox at work."""

    town: Town
    server: SmsServer
    outbox: Outbox
    hooks: HooksServer
    began: float = field(default_factory=time.time)
    opened_at: float = 0.0
    case_id: int = 0

    def now(self) -> datetime:
        return TUESDAY + timedelta(seconds=time.time() - self.began)

    async def open(self) -> None:
        """Somebody says something that cannot wait."""
        matter = Matter(
            self.town.person_ids[0],
            CaseKind.DISTRESS,
            Level.EMERGENCY,
            Wording("응급증상", clinical=True),
            "까닭",
            "call/1",
        )
        self.opened_at = time.time()
        self.case_id = (await asyncio.to_thread(open_case, self.town.store, matter, self.now())).case_id
        await self.outbox.send_critical()

    async def paged(self, role: str, timeout_s: float) -> float:
        """Seconds from the opening until the server took the first page to that role."""
        async with asyncio.timeout(timeout_s):
            while not self.times(role):  # noqa: ASYNC110 - the server is a thread
                await asyncio.sleep(0.05)
        return self.times(role)[0]

    def times(self, role: str) -> list[float]:
        return [one.at - self.opened_at for one in list(self.server.accepted) if one.to == NUMBERS[role]]

    async def reply(self, role: str, text: str) -> None:
        """The provider reports an SMS from that person's telephone."""
        headers = {"x-solapi-secret": hashlib.sha1(HOOK_SECRET.encode()).hexdigest()}  # noqa: S324
        event = {"messageId": f"MO{time.time_ns()}", "from": NUMBERS[role], "text": text}
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.hooks.port}/hooks/solapi"
            assert (await client.post(url, headers=headers, content=json.dumps([event]))).status_code == 200

    def state(self) -> str:
        with self.town.store.read() as connection:
            return str(connection.scalar(select(cases.c.state).where(cases.c.id == self.case_id)))

    def events(self) -> list[str]:
        with self.town.store.read() as connection:
            query = select(case_events.c.what).where(case_events.c.case_id == self.case_id).order_by(case_events.c.id)
            return list(connection.scalars(query))


@contextlib.asynccontextmanager
async def at_work(
    store: Store,
    server: SmsServer,
    *,
    policy: EscalationPolicy | None = None,
    more: Callable[[], list[Provider]] = list,
    climb_every_s: float = 5.0,
) -> AsyncIterator[Ladder]:
    """Ticks as in the service; `policy` None: the default, with its minutes."""
    town = build_town(store)
    with store.write() as connection:
        for role in (Role.DUTY, Role.SUPERVISOR):
            phone = f"+82{NUMBERS[role][1:]}"
            add_worker(connection, store.keys, name=str(role), role=role, phone=phone, programme_id=town.programme_id)
        if policy is not None:
            policy_id = publish_policy(connection, policy, TUESDAY)
            connection.execute(update(programmes).values(escalation_policy_id=policy_id))
    solapi = Solapi(API_KEY, API_SECRET, SENDER, base_url=server.url, webhook_secret=HOOK_SECRET)
    answers = Answers(store, lambda: outbox)
    answers.here()
    outbox = Outbox(
        store,
        [solapi, *more()],
        lambda: ladder.now(),  # noqa: PLW0108 - not made yet
        act=answers.act,
    )
    hooks = HooksServer(outbox)
    ladder = Ladder(town, server, outbox, hooks)
    await hooks.start("127.0.0.1", 0)
    await outbox.start()
    server.hook_url = f"http://127.0.0.1:{hooks.port}/hooks/solapi"
    ticks = [
        asyncio.create_task(_tick(0.5, outbox.send_critical)),
        asyncio.create_task(_tick(1.0, outbox.send_others)),
        asyncio.create_task(_tick(1.0, outbox.clear_doubts)),
        asyncio.create_task(_tick(2.0, outbox.follow_up)),
        asyncio.create_task(_tick(climb_every_s, lambda: asyncio.to_thread(climb, store, ladder.now()))),
    ]
    try:
        yield ladder
    finally:
        for tick in ticks:
            tick.cancel()
        await asyncio.gather(*ticks, return_exceptions=True)
        await hooks.stop()
        await outbox.close()


async def _tick(every_s: float, do: Callable[[], object]) -> None:
    while True:
        await do()  # type: ignore[misc]
        await asyncio.sleep(every_s)
