"""One attempt from its claim to its end in the ledger: rendered, dialled on one trunk or the next, followed, finished."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from callbot.converse.addressee import Addressee
from callbot.converse.outcome import ContactResult
from callbot.converse.script import Script
from callbot.dial.announced import end_announced
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import attempt_end
from callbot.dial.progress import CallEvidence, CallOrder, ProgressKind
from callbot.dial.trunk_choice import NoRoute
from callbot.people.hearing_aid import NO_AID
from callbot.people.numbers import Relation
from callbot.store.attempt_rows import StaleToken
from callbot.store.database import Store
from callbot.talk.answered_call import Senses
from callbot.talk.close_call import close_call
from callbot.talk.dial_plan import DialPlan, Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.flight import Flight
from callbot.talk.patience import patiently
from callbot.talk.transfer_desk import TransferDesk
from callbot.talk.which_dialogue import script_for, spoken_by
from callbot.workflows.answer_call import note_answered, note_ringing, renew_lease
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, DialRefused, DueCallee, callee_of
from callbot.workflows.trunk_calls import (
    DialLater,
    TrunkCallEnd,
    dial_by_trunk,
    end_trunk_call,
    give_claim_back,
    note_trunk_ok,
    shown_number,
)

LEG_WAIT_S = 20.0
"""For the conversation to finish once the switchboard says that the call is over."""
RENEW_S = 20.0
WAIT_FOR_TRUNK_S = 30.0
"""A claim waits so long for its turn (calls a second); then it is given back."""
RENDER_AGAIN = timedelta(seconds=60)
TRUNK_AGAIN = timedelta(seconds=15)

log = structlog.get_logger()


class VoiceFailed(Exception):
    """The lines of a call could not be rendered; the claim was given back, nobody was called."""


@dataclass
class Surroundings:
    """What all attempts of a process share."""

    store: Store
    switchboard: Callable[[], SwitchboardPort]
    senses: Senses
    renderer: Renderer
    scripts: Mapping[str, Script]
    plan: DialPlan
    now: Callable[[], datetime]
    voice_failing_since: float | None = None
    """Loop time; rendering has failed ever since."""
    voice_patience_s: float = 600.0
    """So long a voice that fails is waited for; then calls go out with what was rendered before, and nobody is named."""
    transfers: TransferDesk | None = None
    """Workers can be rung into a call."""
    flights: dict[str, Flight] = field(default_factory=dict)
    """By the key of the call; those that the network may know of."""
    claims: dict[str, ClaimedAttempt] = field(default_factory=dict)
    """By the attempt's key; not dialled yet."""

    def whom(self, callee: DueCallee) -> tuple[Script, Addressee]:
        """The script of a call, and the person as its lines speak to them."""
        person = callee.person
        aid = person.aid if callee.relation is Relation.SELF else NO_AID
        addressee = Addressee(person.name, person.address_form, callee.district, callee.caller_number, aid)
        addressee = replace(addressee, before=callee.background)
        return script_for(self.scripts, callee.script_name, callee.background), addressee


class OneAttempt:
    """Runs one; every exception that is not named here is the dialler's to log."""

    def __init__(self, around: Surroundings, claimed: ClaimedAttempt) -> None:
        self._around = around
        self._claimed = claimed
        self._unnamed = False

    async def run(self) -> None:
        """To its end. Raises VoiceFailed."""
        claimed, claims = self._claimed, self._around.claims
        claims[claimed.key] = claimed
        try:
            # Before anything rings: a voice that cannot speak uses up nobody's attempt.
            await self._render()
            order = await self._order()
        except StaleToken:
            log.warning("claim_lost", attempt=claimed.attempt_id)
            return
        finally:
            del claims[claimed.key]
        if isinstance(order, DialRefused):
            log.info("dial_refused", attempt=order.attempt_id, reason=order.reason)
            return
        try:
            while order is not None:
                order = await self._dial(order)
        except StaleToken:
            log.warning("attempt_taken_over", attempt=claimed.attempt_id)

    # -- before dialling -----------------------------------------------------------------------------------------------

    async def _render(self) -> None:
        around, claimed = self._around, self._claimed
        callee = await asyncio.to_thread(callee_of, around.store, claimed, around.now())
        rendering = asyncio.ensure_future(around.renderer.render(spoken_by(*around.whom(callee), callee.relation)))
        try:
            while not (await asyncio.wait({rendering}, timeout=RENEW_S))[0]:
                await asyncio.to_thread(renew_lease, around.store, claimed.attempt_id, claimed.token, around.now())
            rendering.result()
            around.voice_failing_since = None
        except StaleToken:
            raise
        except Exception as error:
            if self._does_without_voice(callee):
                log.warning("without_voice", attempt=claimed.attempt_id, error=type(error).__name__)
                self._unnamed = True
                return
            await self._give_back(RENDER_AGAIN)
            raise VoiceFailed(type(error).__name__) from error
        finally:
            rendering.cancel()

    def _does_without_voice(self, callee: DueCallee) -> bool:
        """Long enough without a voice, and every line that names nobody is there (a guardian's call cannot do without)."""
        around, at = self._around, asyncio.get_running_loop().time()
        around.voice_failing_since = around.voice_failing_since or at
        if at - around.voice_failing_since < around.voice_patience_s or callee.relation is not Relation.SELF:
            return False
        script, addressee = around.whom(callee)
        lines = spoken_by(script, replace(addressee, unnamed=True), callee.relation)
        return all(around.senses.voice.clip(text, slow=slow) is not None for text, slow in lines)

    async def _order(self) -> DialOrder | DialRefused | None:
        """`dialling` committed, with a trunk where one is needed; None: no trunk can take it, the claim was given back."""
        around, claimed = self._around, self._claimed
        loop = asyncio.get_running_loop()
        until = loop.time() + WAIT_FOR_TRUNK_S
        while True:
            now = around.now()
            try:
                return await asyncio.to_thread(dial_by_trunk, around.store, claimed, now, around.plan.trunks)
            except DialLater as later:
                why, again_at = later.not_now.why, later.not_now.again_at
            if why is not NoRoute.RATE or loop.time() >= until:
                log.info("dial_later", attempt=claimed.attempt_id, why=why)
                await self._give_back(TRUNK_AGAIN)
                return None
            wait_s = (again_at - now).total_seconds() if again_at is not None else 1.0
            await asyncio.sleep(min(max(wait_s, 0.01), 1.0))

    async def _give_back(self, wait: timedelta) -> None:
        around = self._around
        await asyncio.to_thread(give_claim_back, around.store, self._claimed, around.now(), wait)

    # -- on the line ---------------------------------------------------------------------------------------------------

    async def _dial(self, order: DialOrder) -> DialOrder | None:
        """One call; the order of the next trunk where surely nobody's phone has rung."""
        flights = self._around.flights
        flight = flights[order.key] = Flight(order, unnamed=self._unnamed)
        try:
            if not await self._originate(order):
                await self._trunk_says(order, CallEvidence(dial_refused=True))
                await self._finish_unanswered(order, AttemptEnd.SYSTEM_FAILURE, CallEvidence())
                return None
            log.info("dialling", attempt=order.attempt_id, number=order.number, trunk=order.route and order.route.trunk)
            evidence = await self._follow(flight)
            if flight.has_leg:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(flight.over.wait(), LEG_WAIT_S)
            on_trunk = await self._trunk_says(order, evidence)
            if on_trunk.again is not None and not flight.interrupted:
                log.warning(
                    "trunk_failed_over", attempt=order.attempt_id, cause=evidence.cause, sip=evidence.tech_cause
                )
                return on_trunk.again
            await self._finish(flight, evidence, trunk_down=on_trunk.trunk_down)
            return None
        finally:
            del flights[order.key]
            if not flight.answered.done():
                flight.answered.cancel()

    async def _trunk_says(self, order: DialOrder, evidence: CallEvidence) -> TrunkCallEnd:
        around = self._around
        return await patiently(end_trunk_call, around.store, order, evidence, around.now(), around.plan.trunks)

    async def _originate(self, order: DialOrder) -> bool:
        """Place the call; False: nobody was called."""
        plan = self._around.plan
        try:
            route = order.route
            to = plan.trunk_dial_string(route.trunk, order.e164) if route else plan.dial_string(order.e164)
            ring_s = order.ring_s or plan.ring_s
            await self._around.switchboard().originate(
                CallOrder(order.key, to, shown_number(order, route), ring_s=ring_s)
            )
        except Exception as error:  # noqa: BLE001 - the boundary of one attempt: whatever failed, it ends as our failure
            log.error("originate_failed", attempt=order.attempt_id, error=type(error).__name__, detail=place_of(error))
            return False
        return True

    async def _follow(self, flight: Flight) -> CallEvidence:
        """Note what the network says until the call is over."""
        order, around = flight.order, self._around
        store = around.store
        while True:
            try:
                step = await asyncio.wait_for(flight.progress.get(), RENEW_S)
            except TimeoutError:
                await patiently(renew_lease, store, order.attempt_id, order.token, around.now())
                continue
            match step.kind:
                case ProgressKind.RINGING | ProgressKind.PROGRESS:
                    if step.kind is ProgressKind.RINGING:
                        await patiently(note_ringing, store, order.attempt_id, order.token, around.now())
                    await patiently(note_trunk_ok, store, order, around.now(), around.plan.trunks)
                case ProgressKind.ANSWERED:
                    script, _ = around.whom(order.callee)
                    call_id = await patiently(
                        note_answered,
                        store,
                        order.attempt_id,
                        order.token,
                        around.now(),
                        script.version,
                        script_name=script.script,
                    )
                    flight.answered.set_result(call_id)
                    log.info("answered", attempt=order.attempt_id, call=call_id)
                case ProgressKind.ENDED:
                    return step.evidence or CallEvidence(lost=True)
                case _:
                    pass

    # -- its end -------------------------------------------------------------------------------------------------------

    async def _finish(self, flight: Flight, evidence: CallEvidence, *, trunk_down: bool) -> None:
        order, outcome = flight.order, flight.outcome
        cut = flight.interrupted or evidence.lost or evidence.bot_died
        if cut and (outcome is None or outcome.result is ContactResult.NO_CONTACT):
            # The call was broken off on our side: what was said and paged stays, and nobody counts as silent.
            end = AttemptEnd.INTERRUPTED if flight.interrupted else AttemptEnd.SYSTEM_FAILURE
            await self._finish_unanswered(order, end, evidence)
            return
        if flight.call_id is None or outcome is None:
            # answered, but put down again before the conversation could begin: nobody said a word
            wordless = AttemptEnd.SILENT if flight.served else AttemptEnd.SYSTEM_FAILURE
            end = attempt_end(evidence) or wordless
            heard = None if end is AttemptEnd.SYSTEM_FAILURE else flight.announcement
            await self._finish_unanswered(order, end_announced(heard, end), evidence, heard, trunk_down=trunk_down)
            return
        around = self._around
        await close_call(around.store, around.senses.understander, flight, outcome, around.now)

    async def _finish_unanswered(
        self,
        order: DialOrder,
        end: AttemptEnd,
        evidence: CallEvidence,
        heard: str | None = None,
        *,
        trunk_down: bool = False,
    ) -> None:
        around = self._around
        await patiently(
            finish_attempt,
            around.store,
            order.attempt_id,
            order.token,
            end,
            around.now(),
            cause=evidence.cause,
            tech_cause=evidence.tech_cause,
            detail=heard,
            trunk_down=trunk_down and end is AttemptEnd.NETWORK_FAILURE,
        )
        log.info("attempt_ended", attempt=order.attempt_id, end=end, heard=heard, trunk_down=trunk_down)
