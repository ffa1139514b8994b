"""How far a worker is from the person of one crisis call: rung one after the other, put into a room with them.

The person stays with the bot until the very moment a worker has pressed the key: a bot that dies before leaves the person
with the ordinary apology, one that dies after leaves them with the worker (dialplans/_conference.conf.j2).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog

from callbot.converse.commands import Transfer, TransferStep
from callbot.converse.events import WorkerState
from callbot.escalate.spoken_summary import ASKED_FOR, DECLINED, FAILED, GONE, GREETING
from callbot.line.happenings import LineClosed, Utterance
from callbot.store.database import Store
from callbot.talk.dial_plan import Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.line_ports import LiveLine
from callbot.talk.ports import Voice
from callbot.talk.worker_call import WorkerCall, WorkerCalls
from callbot.workflows import bring_in
from callbot.workflows.bring_in import OnDuty, Summons, note_transfer, whom_to_ring

PREFIX = "join-"
"""Of attempt keys: how the service tells these calls from those to care recipients."""
ONE_S = 60.0
"""From the first ring to a key; longer is an answering service, or somebody who does not find the key."""
LOOK_S = 2.0
"""For the ledger to say whom to ring."""
TICK_S = 0.1

Note = Callable[[str], Coroutine[Any, Any, None]]

log = structlog.get_logger()


class Rooms(SwitchboardPort, Protocol):
    """callbot.adapters.asterisk_ami, with rooms. Each raises LookupError where somebody has gone."""

    async def into_room(self, attempt_key: str) -> None:
        """The bot and the person."""

    async def join_room(self, worker_key: str, attempt_key: str) -> None:
        """The worker of another call."""


@dataclass(frozen=True)
class Means:
    """What all transfers of a process share."""

    store: Store
    switchboard: Callable[[], Rooms]
    renderer: Renderer
    voice: Voice
    calls: WorkerCalls
    now: Callable[[], datetime]
    changed: Callable[[], None]
    """The ledger moved on: somebody took a case."""
    spawn: "Callable[[asyncio.Task[None]], None]"
    """Keep a task until it ends: a worker who is being read the summary is not forgotten with the person's call."""


class CrisisTransfer:
    """line_ports.Connecting of one call."""

    def __init__(self, means: Means, key: str, call_id: int) -> None:
        self._means = means
        self._key = key
        self._call_id = call_id
        self._state = WorkerState.NOBODY
        self._news = asyncio.Event()
        self._summons: Summons | None = None
        self._ringing: asyncio.Task[None] | None = None
        self._current: WorkerCall | None = None
        self._room_is_open = False
        self._person_gone = False

    @property
    def in_room(self) -> bool:
        """Others than the person are heard on the line."""
        return self._state in {WorkerState.JOINED, WorkerState.SPOKE}

    async def perform(self, command: Transfer, line: LiveLine) -> tuple[WorkerState, tuple[Utterance, ...]]:
        """What it came to, and what the person said meanwhile. Raises LineClosed."""
        heard: tuple[Utterance, ...] = ()
        match command.step:
            case TransferStep.LOOK:
                await self._look()
            case TransferStep.RING:
                self._ring()
            case TransferStep.WAIT:
                heard = await self._pass(command.at_most_s, WorkerState.RINGING, line)
            case TransferStep.STAND_BY:
                await self._pass(command.at_most_s, WorkerState.JOINED, line)
            case TransferStep.GIVE_UP:
                await self._let_go()
                self._become(WorkerState.NOBODY)
        return self._state, heard

    async def close(self) -> None:
        """The conversation is over, or the line closed. Who is on the way in hears that the person has gone; a person whom
        the bot leaves in the room without a worker is not left there alone."""
        self._person_gone = not self.in_room
        if self._state is WorkerState.RINGING and (self._current is None or not self._current.answered.is_set()):
            await self._let_go()
        if self._room_is_open and not self.in_room:
            with contextlib.suppress(Exception):  # no exchange, no room
                await self._means.switchboard().hang_up(self._key)

    # -- steps -----------------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        means = self._means
        try:
            looking = asyncio.to_thread(whom_to_ring, means.store, self._call_id, means.now())
            self._summons = self._within_reach(await asyncio.wait_for(looking, LOOK_S))
        except Exception as error:  # noqa: BLE001 - the boundary of the ledger: without it nobody can be rung
            log.error("transfer_look_failed", error=type(error).__name__, detail=place_of(error))
        self._state = WorkerState.REACHABLE if self._summons else WorkerState.NOBODY

    def _within_reach(self, summons: Summons | None) -> Summons | None:
        """Nothing is offered that cannot be dialled here."""
        if summons is None:
            return None
        workers = tuple(worker for worker in summons.workers if self._means.calls.can_dial(worker.phone))
        return replace(summons, workers=workers) if workers else None

    def _ring(self) -> None:
        if self._summons is None or self._ringing is not None:
            return
        self._state = WorkerState.RINGING
        rendering = self._means.renderer.render([(sentence, False) for sentence in self._summons.summary])
        self._means.spawn(asyncio.create_task(_quietly(rendering), name="transfer_summary"))
        self._ringing = asyncio.create_task(self._ring_all(self._summons), name=f"transfer-{self._key}")
        self._means.spawn(self._ringing)

    async def _pass(self, at_most_s: float, state: WorkerState, line: LiveLine) -> tuple[Utterance, ...]:
        """Until the state is another, or the person has said something (where only they are heard)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most_s
        while self._state is state and loop.time() < until:
            if line.closed:
                raise LineClosed
            heard = line.take_overheard()
            if heard and not self.in_room:
                return heard
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), TICK_S)
        return ()

    async def _let_go(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        if self._current is not None:
            with contextlib.suppress(Exception):  # no exchange, no call to end
                await self._means.switchboard().hang_up(self._current.key)

    def _become(self, state: WorkerState) -> None:
        self._state = state
        self._news.set()

    # -- the workers -----------------------------------------------------------------------------------------------------

    async def _ring_all(self, summons: Summons) -> None:
        try:
            for number, worker in enumerate(summons.workers):
                if await self._ring_one(summons, worker, f"{PREFIX}{self._key}-{number}"):
                    return
                if self._person_gone:
                    break
            await self._note(summons, bring_in.NOBODY)
        except Exception as error:  # noqa: BLE001 - the boundary of one transfer: the person is told that nobody came
            log.error("transfer_failed", error=type(error).__name__, detail=place_of(error))
        self._become(WorkerState.NOBODY)

    async def _ring_one(self, summons: Summons, worker: OnDuty, key: str) -> bool:
        """True: the worker took it, whatever became of the person meanwhile."""
        voice = self._means.voice
        keys = {"1": b"", "2": voice.clip(DECLINED) or b""}
        call = self._current = WorkerCall(key, partial(self._reading, summons), keys)
        note = partial(self._note, summons, worker=worker)
        await note(bring_in.RUNG)
        log.info("transfer_ringing", call=summons.call_id, worker=worker.worker_id)
        try:
            await self._means.calls.place(call, worker.phone)
        except Exception as error:  # noqa: BLE001 - the boundary of one call: whatever failed, nobody was called
            log.warning("transfer_not_dialled", worker=worker.worker_id, error=type(error).__name__)
            await note(bring_in.NO_ANSWER)
            return False
        try:
            pressed = await self._key_of(call)
            if pressed != "1":
                await note(bring_in.DECLINED if pressed else bring_in.NO_ANSWER)
                return False
            return await self._bring_in(call, note)
        finally:
            self._means.calls.forget(call)

    async def _key_of(self, call: WorkerCall) -> str | None:
        """None: nobody answered, or nobody pressed a key."""
        ended = asyncio.ensure_future(call.ended.wait())
        either: list[asyncio.Future[Any]] = [ended, call.pressed]
        await asyncio.wait(either, timeout=ONE_S, return_when=asyncio.FIRST_COMPLETED)
        if call.pressed.done():
            ended.cancel()
            return call.pressed.result()
        if not ended.done():
            ended.cancel()
            await self._means.switchboard().hang_up(call.key)
        return None

    async def _bring_in(self, call: WorkerCall, note: Note) -> bool:
        voice = self._means.voice
        try:
            await self._join(call)
        except Exception as error:  # noqa: BLE001 - the boundary of one transfer: the worker is told, whatever it was
            log.warning("transfer_not_joined", error=type(error).__name__)
            call.say_last(voice.clip(GONE if isinstance(error, LookupError) else FAILED) or b"")
            await note(bring_in.PERSON_GONE)
            await asyncio.wait_for(call.ended.wait(), ONE_S)
            return True
        self._become(WorkerState.JOINED)
        log.info("transfer_joined", call=self._call_id)
        await note(bring_in.JOINED)
        return await self._first_word(call, note)

    async def _join(self, call: WorkerCall) -> None:
        """Raises LookupError where the person, or the worker, has gone."""
        board = self._means.switchboard()
        if self._person_gone:
            raise LookupError(self._key)
        if not self._room_is_open:
            await board.into_room(self._key)
            self._room_is_open = True
        await board.join_room(call.key, self._key)

    async def _first_word(self, call: WorkerCall, note: Note) -> bool:
        """False: they left without one, and the person is still there."""
        waits = [asyncio.ensure_future(event.wait()) for event in (call.talked, call.ended)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if call.talked.is_set():
            self._become(WorkerState.SPOKE)
            await note(bring_in.SPOKE)
            return True
        await note(bring_in.LEFT)
        if self._person_gone:
            return True
        self._become(WorkerState.RINGING)
        return False

    def _reading(self, summons: Summons) -> bytes:
        """What is rendered by now."""
        lines = (GREETING, *summons.summary, ASKED_FOR)
        return b"".join(self._means.voice.clip(line) or b"" for line in lines)

    async def _note(self, summons: Summons, what: str, worker: OnDuty | None = None) -> None:
        """A ledger that is away holds up nobody who is being rung."""
        means = self._means
        worker_id = worker.worker_id if worker is not None else None
        try:
            await asyncio.to_thread(note_transfer, means.store, summons, what, means.now(), worker_id=worker_id)
        except Exception as error:  # noqa: BLE001 - the boundary of one line of history
            log.error("transfer_not_noted", what=what, error=type(error).__name__)
        means.changed()


async def _quietly(rendering: Awaitable[int]) -> None:
    """Without the sentence the worker hears the rest."""
    try:
        await rendering
    except Exception as error:  # noqa: BLE001 - the boundary of rendering
        log.warning("transfer_summary_missing", error=type(error).__name__)
