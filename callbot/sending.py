"""The outbox at work: lanes that hand messages to providers, many at once, and ask about what is in doubt.

Critical pages have a lane, a database thread and connections of their own: ten thousand routine pages in front of a slow provider do
not hold them up. A lane never waits for one slow answer before it claims the next message.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from callbot.escalate.page_state import PageState
from callbot.escalate.policy import Severity
from callbot.store.database import Store
from callbot.store.outbox_rows import HandOver
from callbot.store.receipt_rows import Receipt
from callbot.talk.faults import place_of
from callbot.workflows.poll_receipts import note_asked, to_poll
from callbot.workflows.providers import Connected, Provider, Reports, Routing, SendResult, routes_of
from callbot.workflows.send_pages import (
    CRITICAL_LANE,
    OTHER_LANE,
    Question,
    Sending,
    questions,
    record_results,
    take_answer,
    take_work,
)
from callbot.workflows.take_inbound import Act, handle_left_over, take_inbound
from callbot.workflows.take_receipts import move_on, take_receipt

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 24
"""Messages with the providers at the same time, a lane."""
AT_A_TIME = 12
"""Claimed in one transaction."""
QUESTIONS_AT_ONCE = 6
STRIKES = 3
"""Hand-overs in a row that certainly failed: the provider is down, and tried last for a while."""
REST_S = 30.0
RECORD_AGAIN_S = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
NOT_AGAIN_WITHIN = timedelta(seconds=5)
"""Between two questions about one receipt."""
FOLLOWED_FOR = timedelta(hours=24)

log = structlog.get_logger()


@dataclass
class Lane:
    """One queue of its own."""

    name: str
    severities: Sequence[Severity]
    threads: ThreadPoolExecutor
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    results: list[tuple[Sending, SendResult]] = field(default_factory=list)
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)


class Outbox:
    """All methods belong to one event loop. Any number of processes may run one each on the same ledger."""

    def __init__(
        self,
        store: Store,
        providers: Iterable[Provider],
        now: Callable[[], datetime],
        *,
        owner: str = "outbox",
        wake: Callable[[], None] = lambda: None,
        act: Act = lambda _message, _now: "unread",
    ) -> None:
        """`providers` in the order of failover. `wake`: something is due at once again. `act`: do what a worker answered."""
        self.providers = {provider.name: provider for provider in providers}
        self.routing = Routing(routes_of(self.providers.values()))
        self._store = store
        self._now = now
        self._owner = owner
        self._wake = wake
        self._act = act
        self._strikes: dict[str, int] = {}
        self._free = asyncio.Event()
        self._free.set()
        self._asking = asyncio.Semaphore(QUESTIONS_AT_ONCE)
        self._threads = ThreadPoolExecutor(1, "outbox-doubts")
        self.critical = Lane("critical", CRITICAL_LANE, ThreadPoolExecutor(1, "outbox-critical"))
        self.others = Lane("others", OTHER_LANE, ThreadPoolExecutor(1, "outbox"))

    async def start(self) -> None:
        """Connect the providers that keep a connection; does not wait for them."""
        for provider in self.providers.values():
            if isinstance(provider, Connected):
                provider.on_reports = self.reported
                await provider.start()

    async def close(self) -> None:
        """Wait for what is with the providers, write it down, give everything back."""
        for lane in (self.critical, self.others):
            while lane.tasks:
                await asyncio.wait(set(lane.tasks))
            lane.threads.shutdown()
        self._threads.shutdown()
        for provider in self.providers.values():
            await provider.close()

    # -- sending -----------------------------------------------------------------------------------------------------

    async def send_critical(self) -> int:
        """Everything critical that is due; how many were claimed. Does not wait for the providers' answers."""
        return await self._send(self.critical)

    async def send_others(self) -> int:
        """Everything else that is due: high before missed before routine, then the notices to care recipients."""
        return await self._send(self.others)

    async def settled(self) -> None:
        """When every hand-over under way has been answered and written down."""
        while tasks := [*self.critical.tasks, *self.others.tasks]:
            await asyncio.wait(tasks)

    async def _send(self, lane: Lane) -> int:
        async with lane.claiming:
            return await self._claim_all(lane)

    async def _claim_all(self, lane: Lane) -> int:
        claimed = 0
        while True:
            free = AT_ONCE - len(lane.tasks)
            if free <= 0:
                await asyncio.wait(lane.tasks, return_when=asyncio.FIRST_COMPLETED)
                continue
            work = await self._claim(lane, min(free, AT_A_TIME))
            if not work:
                return claimed
            claimed += len(work)
            for sending in work:
                task = asyncio.create_task(self._hand_over(lane, sending), name=f"send-{sending.over.reference}")
                lane.tasks.add(task)
                task.add_done_callback(lane.tasks.discard)

    async def _claim(self, lane: Lane, most: int) -> list[Sending]:
        if lane is self.critical:
            self._free.clear()
        try:
            return await self._in(
                lane.threads,
                take_work,
                self._store,
                self.routing,
                self._now(),
                lane=lane.severities,
                owner=self._owner,
                most=most,
            )
        finally:
            if lane is self.critical:
                self._free.set()

    async def _hand_over(self, lane: Lane, sending: Sending) -> None:
        result = await self._told(sending.provider, self.providers[sending.provider].send(sending.message))
        lane.results.append((sending, result or SendResult(PageState.UNKNOWN, sending.provider)))
        async with lane.recording:  # whoever comes first writes down everything that has come in by then
            await self._record(lane)
        if result is not None and result.state in {PageState.PENDING, PageState.FAILED}:
            self._wake()

    async def _record(self, lane: Lane) -> None:
        """A database that restarts is waited for; where it stays away, the lease runs out and the provider is asked."""
        for pause_s in RECORD_AGAIN_S:
            results, lane.results = lane.results, []
            if not results:
                return
            try:
                await self._in(lane.threads, record_results, self._store, results, self.routing, self._now())
            except Exception as error:  # noqa: BLE001 - the boundary of one transaction: nothing of it was written
                log.error("not_recorded", results=len(results), error=type(error).__name__, detail=place_of(error))
                lane.results = [*results, *lane.results]
                await asyncio.sleep(pause_s)
            else:
                return

    async def _told(self, provider: str, saying: Awaitable[SendResult | None]) -> SendResult | None:
        """What a provider says. A fault of an adapter is an ambiguous answer, and never costs the other messages theirs."""
        try:
            result = await saying
        except Exception as error:  # noqa: BLE001 - the boundary of one hand-over
            log.error("provider_fault", provider=provider, error=type(error).__name__, detail=place_of(error))
            return SendResult(PageState.UNKNOWN, provider, f"adapter fault: {type(error).__name__}")
        if result is not None:
            self._judge(provider, result.state)
        return result

    def _judge(self, provider: str, state: PageState) -> None:
        """Three certain failures in a row: the others first, for half a minute."""
        if state is not PageState.PENDING:
            self._strikes[provider] = 0
            self.routing.down.discard(provider)
            return
        self._strikes[provider] = self._strikes.get(provider, 0) + 1
        if self._strikes[provider] >= STRIKES and provider not in self.routing.down:
            log.warning("provider_down", provider=provider)
            self.routing.down.add(provider)
            asyncio.get_running_loop().call_later(REST_S, self.routing.down.discard, provider)

    # -- doubts and receipts -----------------------------------------------------------------------------------------

    async def clear_doubts(self) -> int:
        """Ask about every hand-over in doubt whose time has come; how many are certain now, or go on elsewhere."""
        asked = await self._in(self._threads, questions, self._store, self._now())
        certain = sum(await asyncio.gather(*(self._ask(question) for question in asked)))
        if certain:
            self._wake()
        return certain

    async def _ask(self, question: Question) -> bool:
        name = question.over.provider
        provider = self.providers.get(name)
        answer: SendResult | None = SendResult(PageState.UNKNOWN, name, "cannot be asked")
        if provider is not None and provider.can_ask:
            async with self._asking:
                answer = await self._told(name, provider.ask(question.asked))
        return await self._in(self._threads, take_answer, self._store, question, answer, self.routing, self._now())

    async def follow_up(self) -> int:
        """Fetch the receipts of providers that do not report them, and go on where one did not come in time."""
        polled = [name for name, provider in self.providers.items() if provider.polled]
        if polled:
            waiting = await self._in(
                self._threads, to_poll, self._store, polled, self._now(), pause=NOT_AGAIN_WITHIN, longest=FOLLOWED_FOR
            )
            await asyncio.gather(*(self._poll(question) for question in waiting))
        moved = await self._in(self._threads, move_on, self._store, self.routing, self._now())
        if moved:
            self._wake()
        return moved

    async def _poll(self, question: Question) -> None:
        over = question.over
        async with self._asking:
            answer = await self._told(over.provider, self.providers[over.provider].ask(question.asked))
        await self._in(self._threads, note_asked, self._store, over, self._now())
        if answer is not None and answer.state in {PageState.DELIVERED, PageState.FAILED}:
            await self.take(_receipt(over, answer))

    async def take(self, receipt: Receipt) -> bool:
        """A delivery report; False: known already."""
        new = await self._in(self._threads, take_receipt, self._store, receipt, self.routing, self._now())
        if new and not receipt.delivered:
            self._wake()
        return new

    async def reported(self, reports: Reports) -> None:
        """What came in by itself; written down when this returns."""
        for receipt in reports.receipts:
            await self.take(receipt)
        for message in reports.inbound:
            await self._in(self._threads, take_inbound, self._store, message, self._act, self._now())
        if reports.inbound:
            self._wake()

    async def left_over(self) -> int:
        """Answers that nobody acted on, because we died."""
        return await self._in(self._threads, handle_left_over, self._store, self._act, self._now())

    async def _in(self, threads: ThreadPoolExecutor, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The default pool is everybody's: a critical page must not queue behind it. While one is being claimed nobody else
        writes from here: SQLite has one writer, and whoever finds it taken sleeps for up to 100 ms a time."""
        if threads is not self.critical.threads:
            await self._free.wait()
        return await asyncio.get_running_loop().run_in_executor(threads, partial(do, *args, **kwargs))


def _receipt(over: HandOver, answer: SendResult) -> Receipt:
    """What a provider said when it was asked, as if it had reported it."""
    return Receipt(
        over.provider,
        f"asked/{over.reference}/{answer.state}",
        answer.state is PageState.DELIVERED,
        answer.raw,
        reference=over.reference,
        provider_reference=answer.provider_reference,
    )
