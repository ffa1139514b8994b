"""Places what is due and follows each attempt to its end in the ledger."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from callbot.assess.assessment import assess
from callbot.converse.addressee import Addressee
from callbot.converse.lines import lines_for
from callbot.converse.script import Script
from callbot.dial.announced import end_announced
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import attempt_end
from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind
from callbot.line.ports import Leg
from callbot.store.attempt_rows import StaleToken
from callbot.store.database import Store
from callbot.talk.answered_call import ACKNOWLEDGEMENT, AnsweredCall, Senses, Shown
from callbot.talk.dial_plan import DialPlan, Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.flight import Flight
from callbot.workflows.answer_call import note_answered, note_ringing, renew_lease
from callbot.workflows.finish_call import finish_attempt, finish_call
from callbot.workflows.place_due import (
    ClaimedAttempt,
    DialOrder,
    DialRefused,
    DueCallee,
    callee_of,
    place_due,
    start_dialling,
)

BACKLOG = 4
"""Decodes waiting beyond which no new call is placed (admission control)."""
LEG_WAIT_S = 20.0
"""For the conversation to finish once the switchboard says that the call is over."""
RENEW_S = 20.0

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
        self._store = store
        self._switchboard = switchboard
        self._senses = senses
        self._renderer = renderer
        self._scripts = scripts
        self._plan = plan
        self._now = now
        self._show = show
        self._changed = changed
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.draining = False
        """True: no new call; those that run are finished."""

    @property
    def busy(self) -> int:
        """Attempts in flight."""
        return len(self._tasks)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the attempts that this process follows."""
        return frozenset(self._flights)

    # -- the tick ----------------------------------------------------------------------------------------------------

    async def place(self) -> int:
        """Claim and place as many due attempts as there are free channels; how many."""
        free = self._plan.max_calls - len(self._tasks)
        if self.draining or free <= 0 or not self._switchboard().connected or self._senses.ears.backlog() > BACKLOG:
            return 0
        claimed = await asyncio.to_thread(
            place_due, self._store, self._now(), free, self._plan.owner, trunk=self._plan.trunk
        )
        for one in claimed:
            self._begin(one)
        return len(claimed)

    async def call(self, claimed: ClaimedAttempt) -> None:
        """One attempt that somebody else claimed, to its end in the ledger."""
        await asyncio.wait({self._begin(claimed)})

    def _begin(self, claimed: ClaimedAttempt) -> "asyncio.Task[None]":
        task = asyncio.create_task(self._attempt(claimed), name=f"attempt-{claimed.key}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("attempt_failed", task=task.get_name(), error=type(error).__name__, detail=place_of(error))
        self._changed()

    async def hang_up_all(self) -> None:
        """End the calls that run now, quietly; they are finished in the ledger like any other."""
        for key in self.keys:
            await self._switchboard().hang_up(key)

    async def drain(self) -> None:
        """Place nothing new, and wait for what runs."""
        self.draining = True
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # -- one attempt ---------------------------------------------------------------------------------------------------

    async def _attempt(self, claimed: ClaimedAttempt) -> None:
        try:
            # Before anything rings. A voice that cannot speak uses up nobody's attempt: the claim runs out and is given back.
            script, addressee = self.whom(await asyncio.to_thread(callee_of, self._store, claimed))
            await self._renderer.render(spoken_by(script, addressee))
            order = await asyncio.to_thread(start_dialling, self._store, claimed, self._now(), trunk=self._plan.trunk)
        except StaleToken:
            log.warning("claim_lost", attempt=claimed.attempt_id)
            return
        if isinstance(order, DialRefused):
            log.info("dial_refused", attempt=order.attempt_id, reason=order.reason)
            return
        try:
            await self._dial(order)
        except StaleToken:
            log.warning("attempt_taken_over", attempt=order.attempt_id)

    async def _dial(self, order: DialOrder) -> None:
        flight = Flight(order)
        self._flights[order.key] = flight
        try:
            if not await self._originate(order):
                await self._finish_unanswered(order, AttemptEnd.SYSTEM_FAILURE, CallEvidence())
                return
            log.info("dialling", attempt=order.attempt_id, number=order.number)
            evidence = await self._follow(flight)
            if flight.has_leg:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(flight.over.wait(), LEG_WAIT_S)
            await self._finish(flight, evidence)
        finally:
            del self._flights[order.key]
            if not flight.answered.done():
                flight.answered.cancel()

    async def _originate(self, order: DialOrder) -> bool:
        """Place the call; False: nobody was called."""
        try:
            await self._switchboard().originate(
                CallOrder(
                    order.key,
                    self._plan.dial_string(order.e164),
                    "".join(filter(str.isdigit, order.callee.caller_number)),
                    ring_s=self._plan.ring_s,
                )
            )
        except Exception as error:  # noqa: BLE001 - the boundary of one attempt: whatever failed, it ends as our failure
            log.error("originate_failed", attempt=order.attempt_id, error=type(error).__name__, detail=place_of(error))
            return False
        return True

    async def _follow(self, flight: Flight) -> CallEvidence:
        """Note what the network says until the call is over."""
        order = flight.order
        while True:
            try:
                step = await asyncio.wait_for(flight.progress.get(), RENEW_S)
            except TimeoutError:
                await asyncio.to_thread(renew_lease, self._store, order.attempt_id, order.token, self._now())
                continue
            match step.kind:
                case ProgressKind.RINGING:
                    await asyncio.to_thread(note_ringing, self._store, order.attempt_id, order.token, self._now())
                case ProgressKind.ANSWERED:
                    script = self._scripts[order.callee.script_name]
                    call_id = await asyncio.to_thread(
                        note_answered, self._store, order.attempt_id, order.token, self._now(), script.version
                    )
                    flight.answered.set_result(call_id)
                    log.info("answered", attempt=order.attempt_id, call=call_id)
                case ProgressKind.ENDED:
                    return step.evidence or CallEvidence(lost=True)
                case _:
                    pass

    async def _finish(self, flight: Flight, evidence: CallEvidence) -> None:
        order, outcome = flight.order, flight.outcome
        if flight.call_id is not None and outcome is not None:
            turns = [flight.turns[index] for index in sorted(flight.turns)]
            versions = {"lexicon": self._senses.understander.lexicon.digest}
            assessment = await asyncio.to_thread(
                assess, turns, outcome.signals, outcome.answers, outcome.requests, versions=versions
            )
            finished = await asyncio.to_thread(
                finish_call,
                self._store,
                order.attempt_id,
                order.token,
                outcome,
                self._now(),
                assessment=assessment,
                recording=flight.recording,
            )
            log.info(
                "call_finished",
                attempt=order.attempt_id,
                call=flight.call_id,
                result=outcome.result,
                disposition=finished.settled.disposition,
            )
            return
        # answered, but put down again before the conversation could begin: nobody said a word
        wordless = AttemptEnd.SILENT if flight.served else AttemptEnd.SYSTEM_FAILURE
        end = attempt_end(evidence) or wordless
        heard = None if end is AttemptEnd.SYSTEM_FAILURE else flight.announcement
        await self._finish_unanswered(order, end_announced(heard, end), evidence, heard)

    async def _finish_unanswered(
        self, order: DialOrder, end: AttemptEnd, evidence: CallEvidence, heard: str | None = None
    ) -> None:
        await asyncio.to_thread(
            finish_attempt,
            self._store,
            order.attempt_id,
            order.token,
            end,
            self._now(),
            cause=evidence.cause,
            tech_cause=evidence.tech_cause,
            detail=heard,
        )
        log.info("attempt_ended", attempt=order.attempt_id, end=end, heard=heard)

    # -- from the adapters ---------------------------------------------------------------------------------------------

    def on_progress(self, progress: CallProgress) -> None:
        """A step of one of our calls; of another's: nothing to do here."""
        flight = self._flights.get(progress.attempt_key)
        if flight is not None:
            flight.progress.put_nowait(progress)

    async def on_leg(self, leg: Leg) -> None:
        """Serve a bot's leg; one that belongs to nothing is ended by returning."""
        flight = self._flights.get(leg.key)
        if flight is None:
            log.warning("leg_of_nothing")
            return
        flight.has_leg = True
        script, addressee = self.whom(flight.order.callee)
        call = AnsweredCall(
            flight, self._senses, self._store, now=self._now, data_dir=self._plan.data_dir, show=self._show
        )
        try:
            await call.serve(leg, script, addressee)
            flight.served = True
        finally:
            flight.over.set()

    def whom(self, callee: DueCallee) -> tuple[Script, Addressee]:
        """The script of a call, and the person as its lines speak to them."""
        person = callee.person
        addressee = Addressee(person.name, person.address_form, callee.district, callee.caller_number)
        return self._scripts[callee.script_name], addressee


def spoken_by(script: Script, addressee: Addressee) -> list[tuple[str, bool]]:
    """Everything that a call may say: (text, slow)."""
    return [*((line.text, line.slow) for line in lines_for(script, addressee)), (ACKNOWLEDGEMENT, False)]
