"""One process of the service in simulated time: the real dialler and the real duties of `service.Service`, on a line of words."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.addressee import Addressee
from callbot.converse.dialogue import welfare_call
from callbot.converse.exchange import Talk
from callbot.converse.outcome import Outcome
from callbot.converse.script import Script
from callbot.converse.transcript import Turn
from callbot.dial.clock_watch import LeaseWatch
from callbot.line.ports import Leg, VoiceActivity
from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.call_backs import SimulatedIncoming
from callbot.simulate.weeks.faults import LIFE, Killed, Life
from callbot.simulate.weeks.held_line import HeldLine, TextVoice, as_read
from callbot.simulate.weeks.stand_ins import NothingToRender, SlowEars
from callbot.simulate.weeks.switchboard import BotLeg, SimulatedSwitchboard
from callbot.store.attempt_rows import leases
from callbot.store.database import Store
from callbot.store.next_moments import Moments, next_moments
from callbot.talk.answered_call import Senses
from callbot.talk.call_record import CallRecord
from callbot.talk.dial_plan import DialPlan
from callbot.talk.dialler import Dialler
from callbot.talk.flight import Flight
from callbot.talk.hold_call import hold_call
from callbot.understand.meaning import Signal, Topic
from callbot.workflows.answer_call import record_turns
from callbot.workflows.handle_case import climb
from callbot.workflows.keep_watch import keep_watch
from callbot.workflows.plan_week import plan_week
from callbot.workflows.raise_signals import raise_signals
from callbot.workflows.recover import expire_due, recover
from callbot.workflows.reread_calls import reread_calls
from callbot.workflows.send_pages import clear_doubts, send_pages
from callbot.workflows.trunk_calls import declare_trunks

if TYPE_CHECKING:
    from callbot.simulate.weeks.world import World

LOOK_AGAIN_S = 30.0
"""After a duty failed or could not do its work; twice as long each time."""
PLAN_AGAIN = timedelta(minutes=10)
BUNDLES, BUNDLES_AT_NIGHT = timedelta(minutes=30), timedelta(hours=2)
"""Digests, reminders, ends of storms, calls that broke off; the service asks every 10 or 20 s."""
AWAKE = range(8, 20)
"""Hours in which calls are placed and digests are due."""
LONGEST_S = 1800.0
"""A process looks at the ledger at least so often, woken or not."""


class Process:
    """Runs until it is killed; then another of the same name is made."""

    def __init__(self, name: str, world: "World", store: Store, life: Life, switchboard: SimulatedSwitchboard) -> None:
        self.name = name
        self.world = world
        self.store = store
        self.life = life
        self.switchboard = switchboard
        self.ears = SlowEars()
        self.woken = asyncio.Event()
        self._context: Context | None = None
        self._plan_at = self._bundles_at = self.now()
        self._leases = LeaseWatch()
        self._again_s = LOOK_AGAIN_S
        senses = Senses(self.ears, TextVoice(), world.understander, _no_voice_activity)
        plan = DialPlan(
            name, lambda e164: e164, 30.0, world.channels, Path(), world.trunks, lambda trunk, e164: f"{trunk}/{e164}"
        )
        self.dialler = Dialler(
            store,
            lambda: switchboard,
            senses,
            NothingToRender(),
            world.scripts,
            plan=plan,
            now=self.now,
            changed=self.wake,
        )
        switchboard.on_progress = self.dialler.on_progress
        switchboard.on_leg = self._on_leg
        self.incoming = SimulatedIncoming(self)
        switchboard.on_incoming = self._on_incoming

    def now(self) -> datetime:
        """This process's clock, which may be wrong."""
        return self.world.network.now() + self.world.skew

    def wake(self) -> None:
        """The ledger moved on."""
        self.woken.set()

    def plan_again(self) -> None:
        """A tick that was fired twice."""
        self._plan_at = self.now()

    # -- life ----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until killed, or cancelled."""
        LIFE.set(self.life)
        self._context = copy_context()
        try:
            await self._start()
            while True:
                wait = await self._round()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.woken.wait(), wait)
                self.woken.clear()
        except Killed:
            return

    async def _start(self) -> None:
        """As `Service._end_what_was_left`: our predecessor's channels are hung up, then its attempts end as interrupted."""
        for key in sorted(await self.switchboard.live_keys()):
            await self.switchboard.hang_up(key)
        while not await self._duty(self._take_over):  # noqa: ASYNC110 - until the database is back
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _round(self) -> float:
        """Every duty that has work; how long to wait until the next one has."""
        store, now = self.store, self.now()
        moments = await self._look()
        due = moments.due(now)
        duties: dict[str, Callable[[], Awaitable[object]]] = {
            "expire": self._expire,
            "recover": self._recover,
            "climb": lambda: asyncio.to_thread(climb, store, now),
            "pages": lambda: asyncio.to_thread(send_pages, store, self.world.sender(self.life), now),
            "doubts": lambda: asyncio.to_thread(clear_doubts, store, self.world.sender(self.life), now),
            "place": self.dialler.place,
        }
        well = True
        if now >= self._bundles_at:
            well &= await self._duty(lambda: asyncio.to_thread(keep_watch, store, now))
            well &= await self._duty(self._reread)
            self._bundles_at = now + (BUNDLES if now.astimezone(SEOUL).hour in AWAKE else BUNDLES_AT_NIGHT)
        if now >= self._plan_at:
            planned = await self._duty(lambda: asyncio.to_thread(plan_week, store, now, self.world.holidays))
            self._plan_at = self.world.next_planning(now) if planned else now + PLAN_AGAIN
            due = (await self._look()).due(now)
        for name, job in duties.items():
            if name in due:
                well &= await self._duty(job)
        after = await self._look() if due else moments
        left = after.due(self.now()) - ({"place"} if self.dialler.busy else frozenset())
        self._again_s = min(self._again_s * 2, LONGEST_S) if left or not well else LOOK_AGAIN_S
        waits = [self._again_s if left or not well else LONGEST_S, (self._plan_at - self.now()).total_seconds()]
        ahead = after.wait_s(self.now())
        return max(min(waits if ahead is None else [*waits, ahead]), 1.0)

    async def _look(self) -> Moments:
        try:
            return await asyncio.to_thread(next_moments, self.store)
        except Exception:  # noqa: BLE001 - the boundary of a tick: a database that is away is asked again
            return Moments(place=self.now())

    async def _duty(self, job: Callable[[], Awaitable[object]]) -> bool:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 - the boundary of a tick, as in `ticks.Worker`
            self.world.failed_ticks[type(error).__name__] += 1
            return False
        return True

    async def _recover(self) -> None:
        """As `DiallingDuties.recover_strays`: whose lease nobody renews, by our own count of seconds."""
        monotonic = asyncio.get_running_loop().time()

        def look() -> None:
            with self.store.read() as connection:
                held = leases(connection)
            stale = self._leases.unrenewed(held, monotonic)
            recover(self.store, self.now(), self.dialler.keys, unrenewed={attempt: held[attempt] for attempt in stale})

        await asyncio.to_thread(look)
        await self._reread()

    async def _take_over(self) -> None:
        """As `DiallingDuties.take_name` and `end_what_was_left`, after the channels were hung up."""
        await asyncio.to_thread(declare_trunks, self.store, self.world.trunks, self.now())
        await asyncio.to_thread(recover, self.store, self.now(), frozenset(), self.name)
        await self._reread()

    async def _reread(self) -> None:
        score = partial(score_dialogue, understander=self.world.understander)
        await asyncio.to_thread(reread_calls, self.store, score, self.now())

    async def _expire(self) -> None:
        if self.dialler.clock_settled:
            await asyncio.to_thread(expire_due, self.store, self.now())

    # -- an answered call ----------------------------------------------------------------------------------------------

    def _on_leg(self, leg: BotLeg) -> "asyncio.Task[None]":
        """The exchange opens a leg: it is served in this process, and dies with it."""
        return asyncio.get_running_loop().create_task(self._serve(leg), context=self._context and self._context.copy())

    def _on_incoming(self, leg: BotLeg, e164: str) -> "asyncio.Task[None]":
        """Somebody calls: as above."""
        serving = self.incoming.on_leg(cast(Leg, leg), e164)
        return asyncio.get_running_loop().create_task(serving, context=self._context and self._context.copy())

    async def _serve(self, leg: BotLeg) -> None:
        """As `Dialler.on_leg` and `AnsweredCall`, without sound and recording."""
        flight = self.dialler._around.flights.get(leg.key)  # noqa: SLF001 - this is the dialler's own other half
        if flight is None:
            return
        flight.has_leg = True
        try:
            closed = asyncio.ensure_future(leg.closed.wait())
            either: list[asyncio.Future[Any]] = [closed, flight.answered]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            closed.cancel()
            if flight.answered.done() and not flight.answered.cancelled():
                await self.converse(leg, flight, flight.answered.result(), welfare_call)
            elif leg.announcement is not None:
                flight.announcement = self.world.understander.hear(leg.announcement, Topic.NOTICE).announcement
            flight.served = True
        finally:
            flight.over.set()
            leg.close()  # a leg whose serving ends is ended by the media server

    async def converse(
        self, leg: BotLeg, flight: Flight, call_id: int, dialogue: Callable[[Script, Addressee], Talk[Outcome]]
    ) -> None:
        """With whoever is on the line; all of it in the ledger when it returns."""
        speaker = leg.speaker
        world, (script, addressee) = self.world, self.dialler.whom(flight.order.callee)
        speaker.presses_keys = self.ears.down
        line = HeldLine(
            speaker,
            world.line_ids(script, addressee),
            world.evidence,
            leg.close,
            quick=world.quick(self, flight.order.attempt_id),
            ears_down=self.ears.down,
        )
        leg.line = line
        if leg.closed.is_set():
            line.close()
        heard_at: list[datetime] = []
        record = CallRecord(
            lambda turn: self._save(flight, call_id, (turn,)),
            partial(self._page, call_id, heard_at),
            partial(self._shown, flight, heard_at),
            save_turns=partial(self._save, flight, call_id),
        )
        writing = asyncio.get_running_loop().create_task(record.run())
        hear = partial(world.understander.hear, name=addressee.name)
        try:
            flight.outcome = await hold_call(
                dialogue(script, addressee), line, TextVoice(), record, hear, adjust=as_read
            )
        finally:
            await record.drain()
            writing.cancel()
        world.noted(flight, speaker)

    def _save(self, flight: Flight, call_id: int, turns: tuple[Turn, ...]) -> None:
        record_turns(self.store, call_id, flight.order.token, turns, self.now())

    def _shown(self, flight: Flight, heard_at: list[datetime], what: Turn | tuple[Signal, ...]) -> None:
        if isinstance(what, Turn):
            flight.turns[what.index] = what
            return
        flight.signals += what
        heard_at.append(self.world.network.now())
        self.world.evidence.grave.append((self.world.person_of[flight.order.callee.person.person_id], heard_at[-1]))

    def _page(self, call_id: int, heard_at: list[datetime], signals: tuple[Signal, ...]) -> None:
        raise_signals(self.store, call_id, signals, self.now())
        self.world.evidence.paged(heard_at.pop(0), self.world.network.now(), excused=self.life.troubled)


def _no_voice_activity() -> VoiceActivity:
    raise NotImplementedError
