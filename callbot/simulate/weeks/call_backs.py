"""People who ring back: the service's own `IncomingCalls`, on a line of words."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from callbot.converse.addressee import Addressee
from callbot.converse.exchange import Talk
from callbot.converse.incoming import incoming_call
from callbot.converse.outcome import ContactResult, Outcome
from callbot.converse.script import Script
from callbot.schedule.due_contact import DueState
from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.held_line import HeldLine, TextVoice, as_read
from callbot.simulate.weeks.switchboard import BotLeg
from callbot.store.tables import due_contacts
from callbot.talk.flight import Flight
from callbot.talk.hold_call import hold_call
from callbot.talk.incoming_calls import IncomingCalls
from callbot.talk.which_dialogue import DEFAULT_SCRIPT

if TYPE_CHECKING:
    from callbot.simulate.weeks.process import Process

SETTLED_S = 5.0
"""A ring that was ordered while they were dialling us may still be heard; a later one may not."""
MOST = 4


class SimulatedIncoming(IncomingCalls):
    """One per simulated process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(
            process.dialler.around,
            district="광주광역시 동구청",
            callback="062-000-0000",
            script=DEFAULT_SCRIPT,
            most=MOST,
            let_go=self._silence,
            changed=process.wake,
        )
        self._process = process

    def _silence(self, keys: tuple[str, ...]) -> "asyncio.Future[None]":
        """Whichever process rang them: there is one exchange."""
        network = [process.dialler.let_go(keys) for process in self._process.world.processes]
        return asyncio.ensure_future(_all(network))

    async def _converse(self, leg: Any, flight: Flight, script: Script, addressee: Addressee) -> None:  # noqa: ARG002 - as the real one
        process, number = self._process, flight.order.e164
        busy = process.world.spawn(self._on_the_line(leg, number))
        try:
            await process.converse(leg, flight, flight.answered.result(), incoming_call)
        finally:
            busy.cancel()
            process.world.evidence.busy.discard(number)
            leg.close()

    async def _on_the_line(self, leg: BotLeg, number: str) -> None:
        await asyncio.sleep(SETTLED_S)
        if not leg.closed.is_set():
            self._process.world.evidence.busy.add(number)

    async def _finish(self, flight: Flight) -> None:
        await super()._finish(flight)
        outcome, process = flight.outcome, self._process
        if outcome is not None and outcome.result is ContactResult.CONTACTED:
            person_id = flight.order.callee.person.person_id
            day = process.world.network.now().astimezone(SEOUL).date()
            if not await asyncio.to_thread(partial(self._still_owed, person_id)):
                process.world.evidence.heard_back.add((process.world.person_of[person_id], day))

    def _still_owed(self, person_id: int) -> bool:
        """Something else is due today or has been put off: a second contact may ring them."""
        until = self._process.world.network.now() + timedelta(days=1)
        mine = (due_contacts.c.person_id == person_id) & (due_contacts.c.state != DueState.ENDED)
        query = select(func.count()).where(mine, due_contacts.c.planned_at < until)
        with self._process.store.read() as connection:
            return bool(connection.scalar(query))

    async def _wait_your_turn(self, leg: Any) -> None:
        leg.close()

    async def _talk(self, leg: Any, dialogue: Talk[Outcome], note: Any) -> Outcome:
        world = self._process.world
        script = self._around.scripts[self._script]
        lines = world.line_ids(script, self._stranger)
        line = HeldLine(leg.speaker, lines, world.evidence, leg.close, quick=True)
        leg.line = line
        hear = world.understander.hear
        try:
            return await hold_call(dialogue, line, TextVoice(), note, hear, adjust=as_read)
        finally:
            leg.close()


async def _all(waiting: "list[asyncio.Future[None]]") -> None:
    await asyncio.gather(*waiting)
