"""Places what is due, as far as admission control, trunks and channels allow, and hands the adapters' news to each attempt."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from callbot.converse.script import Script
from callbot.dial.admission import QUIET, Admission, AdmissionPolicy, Held, Load, admission
from callbot.dial.clock_watch import ClockWatch
from callbot.dial.progress import CallProgress
from callbot.line.ports import Leg
from callbot.store.database import Store
from callbot.talk.answered_call import AnsweredCall, Senses, Shown
from callbot.talk.dial_plan import DialPlan, Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.one_attempt import OneAttempt, Surroundings, VoiceFailed
from callbot.talk.stop_ringing import keys_to_silence, silence
from callbot.workflows.admit import tell_held
from callbot.workflows.place_due import ClaimedAttempt, place_due
from callbot.workflows.trunk_calls import free_on_trunks

__all__ = ["DialPlan", "Dialler"]

VOICE_REST_S = 30.0
"""After rendering failed, no new call for so long: each would fail the same way."""
APOLOGY_S = 25.0
"""For the apology that a person hears when their call is broken off, and its end in the ledger."""

TELL_AFTER_S = 60.0
"""Ears that are behind for a moment, an exchange that is restarted: nobody needs to be told."""

log = structlog.get_logger()


class Dialler:
    """One per line process. `place` is a tick; `on_progress` and `on_leg` are called by the adapters."""

    def __init__(
        self,
        store: Store,
        switchboard: Callable[[], SwitchboardPort],
        senses: Senses,
        renderer: Renderer,
        scripts: Mapping[str, Script],
        *,
        plan: DialPlan,
        now: Callable[[], datetime],
        show: Shown = lambda _key, _what: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed`: the ledger moved on, look again for what is due."""
        self._around = Surroundings(store, switchboard, senses, renderer, scripts, plan, now)
        self._plan = plan
        self._show = show
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._policy = AdmissionPolicy(calls=plan.max_calls, least_free_gb=plan.least_free_gb)
        self._clock = ClockWatch()
        self._voice_rests_until = 0.0
        self._held_since: float | None = None
        self.admitted = Admission(plan.max_calls)
        """The latest decision, and why no call was placed."""
        self.draining = False
        """True: no new call; those that run are finished."""
        self.whom = self._around.whom

    @property
    def busy(self) -> int:
        """Attempts in flight."""
        return len(self._tasks)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the attempts that this process holds, from claim to end."""
        flying = (flight.order.attempt_key for flight in self._around.flights.values())
        return frozenset((*flying, *self._around.claims))

    # -- the tick ----------------------------------------------------------------------------------------------------

    async def place(self) -> int:
        """Claim and place as many due attempts as may be; how many."""
        self._decide(admission(self._load(), self._policy))
        free = self.admitted.free
        store, now = self._around.store, self._around.now()
        if free and self._plan.trunk:
            free = await asyncio.to_thread(free_on_trunks, store, self._plan.trunks, now, free)
        if not free:
            return 0
        claimed = await asyncio.to_thread(place_due, store, now, free, self._plan.owner, trunk=self._plan.trunk)
        for one in claimed:
            self._begin(one)
        return len(claimed)

    def _load(self) -> Load:
        loop_time = asyncio.get_running_loop().time()
        free_gb = None
        if self._plan.least_free_gb:
            with contextlib.suppress(OSError):
                free_gb = shutil.disk_usage(self._plan.data_dir).free / 1e9
        return Load(
            in_flight=len(self._tasks),
            draining=self.draining,
            connected=self._around.switchboard().connected,
            clock_settled=self._clock.look(self._around.now(), loop_time),
            free_gb=free_gb,
            ears_backlog=self._around.senses.ears.backlog(),
            waiting_for_voice=len(self._around.claims),
            voice_down=loop_time < self._voice_rests_until,
        )

    @property
    def clock_settled(self) -> bool:
        """The time of day may be believed: whoever gives up on what is overdue asks first."""
        return self._clock.look(self._around.now(), asyncio.get_running_loop().time())

    def _decide(self, decided: Admission) -> None:
        before, self.admitted = self.admitted, decided
        if decided.held is not before.held:
            log.info("admission", held=decided.held, before=before.held, calls=len(self._tasks))

    async def tell_watch(self, after_s: float = TELL_AFTER_S) -> None:
        """A tick: a reason why no call is placed that has held for a while stands where the watch reads it, until it is gone."""
        held: Held | None = admission(self._load(), self._policy).held
        at = asyncio.get_running_loop().time()
        if held is None or held in QUIET:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = at
        lasting = held if self._held_since is not None and at - self._held_since >= after_s else None
        await asyncio.to_thread(tell_held, self._around.store, self._plan.owner, lasting, self._around.now())

    async def call(self, claimed: ClaimedAttempt) -> None:
        """One attempt that somebody else claimed, to its end in the ledger."""
        await asyncio.wait({self._begin(claimed)})

    def _begin(self, claimed: ClaimedAttempt) -> "asyncio.Task[None]":
        attempt = OneAttempt(self._around, claimed)
        task = asyncio.create_task(attempt.run(), name=f"attempt-{claimed.key}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, VoiceFailed):
                self._voice_rests_until = asyncio.get_running_loop().time() + VOICE_REST_S
                error = error.__cause__ or error
            log.error("attempt_failed", task=task.get_name(), error=type(error).__name__, detail=place_of(error))
        self._changed()

    # -- the end of the process ----------------------------------------------------------------------------------------

    async def stop_ringing(self) -> None:
        """A tick: whoever must not be called any more (consent withdrawn, hold, campaign stopped) is rung no longer."""
        calls = {flight.order.attempt_key: key for key, flight in self._around.flights.items()}
        if calls:
            found = await asyncio.to_thread(keys_to_silence, self._around.store, calls, self._around.now())
            await silence([calls[key] for key in found if key in calls], self._around.switchboard().hang_up)

    @property
    def around(self) -> Surroundings:
        """Shared with the calls that come to us."""
        return self._around

    def let_go(self, attempt_keys: tuple[str, ...]) -> "asyncio.Future[None]":
        """Whom we are ringing has called us: their phones ring no longer."""
        calls = {flight.order.attempt_key: key for key, flight in self._around.flights.items()}
        keys = [calls.get(key, key) for key in attempt_keys]
        return asyncio.ensure_future(silence(keys, self._around.switchboard().hang_up))

    async def hang_up_all(self) -> None:
        """End the calls that run now, quietly; they are finished in the ledger like any other."""
        for key in tuple(self._around.flights):
            await self._around.switchboard().hang_up(key)

    async def drain(self, limit_s: float | None = None) -> None:
        """Place nothing new, and wait for what runs; after `limit_s` it is broken off."""
        self.draining = True
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=limit_s)
        if self._tasks:
            await self.interrupt_all()

    async def interrupt_all(self) -> None:
        """Break off what runs: who is talking hears the apology, who is being rung is rung no more. The attempts end as
        interrupted and their ladders go on."""
        log.warning("calls_interrupted", calls=len(self._tasks))
        for key, flight in tuple(self._around.flights.items()):
            flight.interrupted = True
            if flight.abort is not None and flight.call_id is not None:
                flight.abort()
                continue
            with contextlib.suppress(Exception):  # no exchange, no call to end: `recover` finds it
                await self._around.switchboard().hang_up(key)
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=APOLOGY_S)
        await self.abandon()

    async def abandon(self) -> None:
        """Stop following whatever still runs; the ledger's leases end it."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- from the adapters ---------------------------------------------------------------------------------------------

    def on_progress(self, progress: CallProgress) -> None:
        """A step of one of our calls; of another's: nothing to do here."""
        flight = self._around.flights.get(progress.attempt_key)
        if flight is not None:
            flight.progress.put_nowait(progress)

    async def on_leg(self, leg: Leg) -> None:
        """Serve a bot's leg; one that belongs to nothing is ended by returning."""
        flight = self._around.flights.get(leg.key)
        if flight is None:
            log.warning("leg_of_nothing")
            return
        flight.has_leg = True
        flight.abort = getattr(leg, "abort", None)
        script, addressee = self.whom(flight.order.callee)
        addressee = replace(addressee, unnamed=flight.unnamed)
        around = self._around
        call = AnsweredCall(
            flight,
            around.senses,
            around.store,
            now=around.now,
            data_dir=self._plan.data_dir,
            show=self._show,
            transfers=around.transfers,
        )
        try:
            await call.serve(leg, script, addressee)
            flight.served = True
        finally:
            flight.over.set()
