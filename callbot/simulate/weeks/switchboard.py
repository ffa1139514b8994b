"""One process's way into the invented network: what `adapters.asterisk_ami` is to the real one, with its channels."""

import asyncio
import random
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from callbot.adapters.asterisk_ami import NotConnected
from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind
from callbot.simulate.weeks.faults import LIFE
from callbot.simulate.weeks.held_line import HeldLine
from callbot.simulate.weeks.network import Met, Network
from callbot.simulate.weeks.speaker import Speaker
from callbot.store.attempt_rows import StaleToken

RING_S = 30.0
UNANSWERED: dict[Met, CallEvidence] = {
    Met.BUSY: CallEvidence(cause=17, tech_cause=486),
    Met.REJECTED: CallEvidence(cause=21, tech_cause=603, ringing_seen=True),
    Met.OFF: CallEvidence(cause=20, tech_cause=480, early_media=True),
    Met.NO_SUCH_NUMBER: CallEvidence(cause=1, tech_cause=404, early_media=True),
    Met.TRUNK_DOWN: CallEvidence(cause=34, tech_cause=503),
    Met.NO_ANSWER: CallEvidence(ringing_seen=True, dial_status="NOANSWER"),
}
LOST = CallEvidence(lost=True)


@dataclass
class BotLeg:
    """The bot's side of one call, as the dialler is handed it."""

    key: str
    speaker: Speaker
    """Who can be talked to, if it comes to that."""
    announcement: str | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    line: HeldLine | None = None

    async def hang_up(self) -> None:
        """By us."""
        self.close()

    def close(self) -> None:
        """By anybody."""
        self.closed.set()
        if self.line is not None:
            self.line.close()


class SimulatedSwitchboard:
    """Answers for one process; outlives it as an exchange outlives a killed service."""

    def __init__(self, network: Network, speaker_for: Callable[[Met, int, random.Random], Speaker]) -> None:
        self.network = network
        self.connected = True
        self.on_progress: Callable[[CallProgress], None] = lambda _: None
        self.on_leg: Callable[[BotLeg], asyncio.Task[None]] | None = None
        self.on_incoming: Callable[[BotLeg, str], asyncio.Task[None]] | None = None
        self.slack = timedelta(0)
        self._speaker_for = speaker_for
        self._legs: dict[str, BotLeg] = {}
        self._gone: set[str] = set()
        self._came_in = 0
        self.on_fault: Callable[[BaseException], None] = lambda _: None
        """A fault of the program, not one that was made."""
        self._calls: set[asyncio.Task[None]] = set()

    async def originate(self, order: CallOrder) -> None:
        """Raises NotConnected; then nobody was called."""
        if not self.connected:
            raise NotConnected("the simulated exchange is away")
        life = LIFE.get()
        if life is not None:
            life.point()  # committed `dialling`, and died before anything rang
        task = asyncio.get_running_loop().create_task(
            self._call(order.attempt_key, order.dial_string), context=Context()
        )  # the exchange outlives whoever asked it
        self._calls.add(task)
        task.add_done_callback(self._over)
        if life is not None:
            life.point()  # the telephone will ring, and nobody knows

    def _over(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        if not call.cancelled() and (error := call.exception()) is not None:
            self.on_fault(error)

    async def hang_up(self, attempt_key: str) -> None:
        """End a call quietly."""
        leg = self._legs.get(attempt_key)
        if leg is not None:
            leg.close()

    async def live_keys(self) -> frozenset[str]:
        """Channels that are up."""
        return frozenset(self._legs)

    async def call_in(self, e164: str, person: int, dice: random.Random) -> None:
        """Somebody dials the number that had called them; until either side is done."""
        if not self.connected or self.on_incoming is None:
            self.network.evidence.by_end["called_in_vain"] += 1  # the recorded notice of the dialplan
            return
        self._came_in += 1
        leg = BotLeg(f"in-{self._came_in}", self._speaker_for(Met.PERSON, person, dice))
        self._legs[leg.key] = leg
        self.network.on_the_phone.add(e164)
        self.network.evidence.by_end["called_in"] += 1
        try:
            serving = self.on_incoming(leg, e164)
            await asyncio.wait({serving})
            _mind_faults(serving)
        finally:
            leg.close()
            del self._legs[leg.key]
            self.network.on_the_phone.discard(e164)

    def restart(self) -> None:
        """The exchange dies with all its calls, and comes back."""
        self._gone |= self._legs.keys()
        for leg in list(self._legs.values()):
            leg.close()

    # -- one call ------------------------------------------------------------------------------------------------------

    async def _call(self, key: str, to: str) -> None:
        network = self.network
        trunk, _, e164 = to.rpartition("/")
        met, dice, person = network.meet(e164, trunk)
        leg = BotLeg(key, self._speaker_for(met, person, dice))
        self._legs[key] = leg
        serving = self.on_leg(leg) if self.on_leg is not None else None
        rings = met is not Met.TRUNK_DOWN
        if rings:
            network.evidence.ring(key, e164, network.people[person], network.fates[person], network.now(), self.slack)
            network.evidence.busy.add(e164)
        self._tell(key, ProgressKind.PREDIAL)
        try:
            evidence = await self._until_over(leg, met, network.people[person].patience_s)
        finally:
            leg.close()
            del self._legs[key]
            if rings:
                network.evidence.busy.discard(e164)
        if key in self._gone:
            self._gone.discard(key)
            evidence = LOST
        network.evidence.by_end[met] += 1
        if met is Met.NO_ANSWER:
            network.missed(person, e164)
        self._tell(key, ProgressKind.ENDED, evidence)
        if serving is not None:
            await asyncio.wait({serving})
            _mind_faults(serving)

    async def _until_over(self, leg: BotLeg, met: Met, patience_s: float) -> CallEvidence:
        if met in UNANSWERED:
            if met in {Met.OFF, Met.NO_SUCH_NUMBER}:
                leg.announcement = leg.speaker.announcement
                self._tell(leg.key, ProgressKind.PROGRESS)
            if met in {Met.NO_ANSWER, Met.REJECTED}:
                self._tell(leg.key, ProgressKind.RINGING)
            await self._closed_within(leg, RING_S if met is Met.NO_ANSWER else 4.0)
            return UNANSWERED[met]
        self._tell(leg.key, ProgressKind.RINGING)
        if await self._closed_within(leg, min(patience_s, RING_S - 1) if met is not Met.VOICEMAIL else 20.0):
            return CallEvidence(ringing_seen=True, hung_up_by_us=True)
        self._tell(leg.key, ProgressKind.ANSWERED)
        await leg.closed.wait()
        return CallEvidence(cause=16, ringing_seen=True, answered=True)

    @staticmethod
    async def _closed_within(leg: BotLeg, seconds: float) -> bool:
        try:
            await asyncio.wait_for(leg.closed.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _tell(self, key: str, kind: ProgressKind, evidence: CallEvidence | None = None) -> None:
        at = asyncio.get_running_loop().time()
        cause, tech = (evidence.cause, evidence.tech_cause) if evidence else (None, None)
        self.on_progress(CallProgress(key, kind, at, cause, tech, evidence))


def _mind_faults(serving: "asyncio.Task[None]") -> None:
    """A database that is away ends a call, as it would; anything else is a fault of the program, and ends the simulation."""
    error = None if serving.cancelled() else serving.exception()
    if isinstance(error, Exception) and not isinstance(error, (SQLAlchemyError, StaleToken)):
        raise error
