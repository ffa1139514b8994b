"""The dialling half of a service: its trunks, its name on the database, and the end of whatever nobody holds any more."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from callbot.adapters.asterisk_ami import NotConnected, Switchboard
from callbot.assess.dialogue_score import score_dialogue
from callbot.bootstrap import Parts
from callbot.dial.clock_watch import LeaseWatch
from callbot.dial.limits import Limits
from callbot.people.numbers import is_virtual
from callbot.service_opinions import Opinions
from callbot.store.attempt_rows import leases
from callbot.talk.dial_plan import DialPlan
from callbot.talk.dialler import Dialler
from callbot.ticks import Worker
from callbot.workflows.admit import tell_held
from callbot.workflows.recover import expire_due, recover
from callbot.workflows.remember import forget_old
from callbot.workflows.reread_calls import reread_calls
from callbot.workflows.resume_calls import look_after_holds
from callbot.workflows.take_node import leave_node, take_node, tell_node
from callbot.workflows.trunk_calls import Trunks, declare_trunks, note_reachable

log = structlog.get_logger()


class DiallingDuties:
    """What a line process owes the ledger beside placing calls."""

    def __init__(self, parts: Parts, phone_port: Callable[[str], int], wake: Callable[[], None]) -> None:
        """`phone_port`: E.164 of a virtual recipient -> SIP port. Raises KeyError."""
        settings = parts.settings
        self._parts = parts
        self._phone_port = phone_port
        self._wake = wake
        self._lease_watch = LeaseWatch()
        self._opinions = Opinions(parts)
        self._by_name = {trunk.name: trunk for trunk in parts.trunks}
        self._place = f"{socket.gethostname()}:{parts.ledger_dir.resolve()}"
        self._node_is_ours = False
        self._telling: set[asyncio.Task[None]] = set()
        self.trunks = Trunks(
            tuple(trunk.policy for trunk in parts.trunks),
            Limits(settings.installation_calls, settings.installation_calls_per_second),
        )

    def plan(self) -> DialPlan:
        """For the dialler."""
        settings = self._parts.settings
        return DialPlan(
            settings.node,
            self._virtual_dial_string,
            settings.ring_s,
            settings.max_calls,
            self._parts.ledger_dir,
            self.trunks,
            lambda trunk, e164: self._by_name[trunk].dial_string(e164),
            settings.least_free_gb,
        )

    def workers(self, dialler: Dialler) -> list[Worker]:
        """Backstops of dialling."""
        return [
            Worker("expire", 30.0, lambda: self._expire(dialler)),
            Worker("recover", 30.0, lambda: self.recover_strays(dialler)),
            Worker("reread", 10.0, self._reread),
            *self._opinions.workers(self._wake),
            Worker("forget", 3600.0, self._forget),
            Worker("silence", 5.0, dialler.stop_ringing),
            Worker("holds", 60.0, self._look_after_holds),
            Worker("admission", 5.0, dialler.tell_watch),
            Worker("node", 10.0, lambda: self._tell_node(dialler)),
        ]

    async def take_name(self) -> None:
        """Before anything is ended or placed in this name. Raises NodeTaken."""
        parts = self._parts
        now = parts.clock.now()
        await asyncio.to_thread(take_node, parts.store, parts.settings.node, self._place, now)
        self._node_is_ours = True
        await asyncio.to_thread(declare_trunks, parts.store, self.trunks, now)

    async def end_what_was_left(self, board: Switchboard) -> None:
        """Our predecessor may have been killed in a call: its channels are hung up, then its attempts end as interrupted."""
        keys = await board.live_keys()
        for key in keys:
            with contextlib.suppress(NotConnected):
                await board.hang_up(key)
        found = await asyncio.to_thread(self._recover_ours)
        if keys or found:
            log.warning("recovered", channels=len(keys), attempts=found)

    async def leave(self) -> None:
        """At the end: what was cut off is interrupted now, not at the next start, and the name is free."""
        if not self._node_is_ours:
            return
        with contextlib.suppress(DBAPIError):  # no database: the leases and the next start see to it
            if found := await asyncio.to_thread(self._recover_ours):
                log.warning("calls_cut_off", attempts=found)
            await asyncio.to_thread(
                tell_held, self._parts.store, self._parts.settings.node, None, self._parts.clock.now()
            )
            await asyncio.to_thread(leave_node, self._parts.store, self._parts.settings.node, self._place)
        self._node_is_ours = False

    def on_trunks(self, reachable: dict[str, bool]) -> None:
        """From the switchboard, every few seconds and on news."""
        task = asyncio.ensure_future(self._note_trunks(reachable))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def recover_strays(self, dialler: Dialler) -> None:
        """Attempts that no process holds any more. The wall clock is not asked: it may have jumped (dial/clock_watch.py)."""
        store = self._parts.store

        def look() -> tuple[int, int]:
            with store.read() as connection:
                held = leases(connection)
            stale = self._lease_watch.unrenewed(held, time.monotonic())
            unrenewed = {attempt: held[attempt] for attempt in stale}
            found = recover(store, self._parts.clock.now(), dialler.keys, unrenewed=unrenewed)
            return len(found.interrupted), len(found.given_back)

        interrupted, given_back = await asyncio.to_thread(look)
        if interrupted or given_back:
            log.warning("recovered", interrupted=interrupted, given_back=given_back)
            self._wake()

    async def _look_after_holds(self) -> None:
        if await asyncio.to_thread(look_after_holds, self._parts.store, self._parts.clock.now()):
            self._wake()

    async def _forget(self) -> None:
        """What is remembered has an end."""
        await asyncio.to_thread(forget_old, self._parts.store, self._parts.clock.now())

    async def _reread(self) -> None:
        """What was said in calls that broke off, perhaps a moment before its page was written."""
        parts = self._parts
        score = partial(score_dialogue, understander=parts.senses.understander)
        if await asyncio.to_thread(reread_calls, parts.store, score, parts.clock.now()):
            self._wake()

    async def _expire(self, dialler: Dialler) -> None:
        if dialler.clock_settled:  # a clock put forward by mistake must not give up on everybody
            await asyncio.to_thread(expire_due, self._parts.store, self._parts.clock.now())

    async def _tell_node(self, dialler: Dialler) -> None:
        parts, held = self._parts, dialler.admitted.held
        ours = await asyncio.to_thread(
            tell_node,
            parts.store,
            parts.settings.node,
            self._place,
            parts.clock.now(),
            draining=dialler.draining,
            held=held,
        )
        if not ours:
            log.error("node_taken_over", node=parts.settings.node)
            dialler.draining = True

    async def _note_trunks(self, reachable: dict[str, bool]) -> None:
        for name, there in reachable.items():
            try:
                await asyncio.to_thread(
                    note_reachable, self._parts.store, name, there, self._parts.clock.now(), self.trunks
                )
            except DBAPIError as error:  # the next look says it again
                log.warning("trunk_not_noted", trunk=name, error=type(error).__name__)

    def _recover_ours(self) -> int:
        parts = self._parts
        found = recover(parts.store, parts.clock.now(), frozenset(), parts.settings.node)
        return len(found.interrupted) + len(found.given_back)

    def worker_dial_string(self, e164: str) -> str:
        """A worker's telephone, for a page by voice: virtual, or by the first trunk. Raises KeyError where there is none."""
        if is_virtual(e164) or not self._parts.trunks:
            return self._virtual_dial_string(e164)
        return self._parts.trunks[0].dial_string(e164)

    def _virtual_dial_string(self, e164: str) -> str:
        return f"PJSIP/phones/sip:0{e164.removeprefix('+82')}@127.0.0.1:{self._phone_port(e164)}"
