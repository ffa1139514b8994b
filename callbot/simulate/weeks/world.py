"""The world of a simulation: people, network, provider, desk and processes around one real store; its time and its truth."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import date, datetime, time, timedelta
from typing import Any

from callbot.converse.addressee import Addressee
from callbot.converse.lines import CallKind, every_wording, lines_for
from callbot.converse.script import Script
from callbot.dial.limits import Limits
from callbot.dial.trunk_choice import TrunkPolicy
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.assumptions import Rates
from callbot.simulate.weeks.desk import Desk
from callbot.simulate.weeks.evidence import Evidence
from callbot.simulate.weeks.faults import Life
from callbot.simulate.weeks.habits import VIRTUAL_PEOPLE, Fate, draw
from callbot.simulate.weeks.network import Met, Network
from callbot.simulate.weeks.process import Process
from callbot.simulate.weeks.sayings import Bank
from callbot.simulate.weeks.sms import SenderOf, SimulatedProvider
from callbot.simulate.weeks.speaker import Speaker
from callbot.simulate.weeks.switchboard import SimulatedSwitchboard
from callbot.store.database import Store
from callbot.store.policy_rows import add_programme, add_worker
from callbot.talk.flight import Flight
from callbot.understand.understander import Understander
from callbot.workflows.import_people import import_people
from callbot.workflows.trunk_calls import Trunks

START = datetime(2026, 3, 2, 0, 0, tzinfo=SEOUL)
"""A Monday, and a holiday: the first week has one contact day fewer."""
PEOPLE_A_WORKER = 50
ONE_IN_SLOW = 25
"""So many calls are held in their own time, turn by turn; the others at once, and end when they would."""
PLANNED_AT = time(6, 0)
RESTART_S = (2.0, 90.0)
RING_BACK_S = (15.0, 3600.0)
"""After the last ring."""


TRUNKS = ("first", "second")


def _trunk(name: str, channels: int) -> TrunkPolicy:
    return TrunkPolicy(name, Limits(channels * 2, calls_per_second=5.0), priority=1 + TRUNKS.index(name))


class World:
    """Everything but the faults and the report."""

    def __init__(
        self,
        store: Store,
        understander: Understander,
        scripts: dict[str, Script],
        bank: Bank,
        holidays: dict[date, str],
        *,
        people: int,
        seed: int,
        processes: int,
        trunks: bool,
        rates: Rates,
    ) -> None:
        """`trunks`: numbers look real, and are dialled on two invented trunks, the second for when the first fails."""
        self.store = store
        self.understander = understander
        self.scripts = scripts
        self.bank = bank
        self.holidays = holidays
        self.seed = seed
        self.rates = rates
        self.evidence = Evidence()
        self.faults: Counter[str] = Counter()
        self.failed_ticks: Counter[str] = Counter()
        self.skew = timedelta(0)
        """How wrong this machine's clock is."""
        self.channels = max(3, people // 250)
        real = trunks or people > VIRTUAL_PEOPLE
        self.trunks = Trunks(tuple(_trunk(name, self.channels) for name in TRUNKS) if real else ())
        drawn = [draw(number, random.Random(f"{seed}/person/{number}"), real=real) for number in range(people)]
        self.network = Network(seed, drawn, [Fate() for _ in drawn], self.evidence, self.rates, START.astimezone(SEOUL))
        self.provider = SimulatedProvider(self.evidence, random.Random(f"{seed}/provider"), self.faults)
        self.desk = Desk(self, store, random.Random(f"{seed}/desk"), Life(self.faults))
        self.provider.accepted = self.desk.receive
        self.network.missed = self._missed
        self.person_of: dict[int, int] = {}
        """Ledger id -> number."""
        self.person_ids: list[int] = []
        self.workers: list[str] = []
        self.boards = [SimulatedSwitchboard(self.network, self.speaker) for _ in range(processes)]
        for board in self.boards:
            board.on_fault = self._crash
        self.processes: list[Process] = []
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """A fault of the simulation itself: it ends at once."""
        self._lines: dict[tuple[str, str], dict[str, str]] = {}
        self._missed_calls = 0
        self._background: set[asyncio.Task[Any]] = set()

    # -- before the first week -----------------------------------------------------------------------------------------

    def enrol(self) -> None:
        """A programme, its team, everybody with consent."""
        store, people = self.store, self.network.people
        with store.write() as connection:
            programme = add_programme(connection, "모의 안부전화", "광주광역시 동구청", "062-000-0000")
            for number in range(max(1, -(-len(people) // PEOPLE_A_WORKER))):
                phone = f"+8210{90000000 + number}"
                add_worker(
                    connection,
                    store.keys,
                    name=f"담당{number}",
                    role=Role.CASEWORKER,
                    phone=phone,
                    programme_id=programme,
                )
                self.workers.append(phone)
            for last, role in enumerate((Role.LEAD, Role.DUTY, Role.SUPERVISOR)):
                add_worker(
                    connection,
                    store.keys,
                    name=f"{role}",
                    role=role,
                    phone=f"+8210{98000000 + last}",
                    programme_id=programme,
                )
        rows = [one.enrolment(f"담당{one.number // PEOPLE_A_WORKER}") for one in people]
        self.person_ids = list(import_people(store, rows, START, programme).person_ids)
        self.person_of = {person_id: number for number, person_id in enumerate(self.person_ids)}

    # -- time ----------------------------------------------------------------------------------------------------------

    def next_planning(self, now: datetime) -> datetime:
        """Every morning at six, whoever's clock it is."""
        local = now.astimezone(SEOUL)
        today = datetime.combine(local.date(), PLANNED_AT, SEOUL)
        return today if today > local else today + timedelta(days=1)

    def later(self, wait_s: float, what: Callable[..., Coroutine[Any, Any, object]], *args: Any) -> None:
        """Outside of every process."""

        async def wait() -> None:
            await asyncio.sleep(max(wait_s, 0.0))
            await what(*args)

        self.spawn(wait())

    def spawn(self, what: Coroutine[Any, Any, object]) -> "asyncio.Task[Any]":
        """Outside of every process."""
        task = asyncio.get_running_loop().create_task(what, context=Context())
        self._background.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash(error)

    def _crash(self, error: BaseException) -> None:
        if not self.crashed.done():
            self.crashed.set_exception(error)

    # -- what processes ask of the world -------------------------------------------------------------------------------

    def sender(self, life: Life) -> SenderOf:
        """The provider, through this process."""
        return SenderOf(self.provider, life)

    def speaker(self, met: Met, person: int, dice: random.Random) -> Speaker:
        """Whoever has the telephone in hand."""
        return Speaker(met, self.network.people[person], self.network.fates[person], self.bank, self.rates, dice)

    def line_ids(self, script: Script, addressee: Addressee) -> dict[str, str]:
        """Words of every line of a call -> its id."""
        key = (script.script, addressee.call_name)
        if key not in self._lines:
            every = (
                *every_wording(script, addressee),
                *(line for kind in CallKind for line in lines_for(script, addressee, kind)),
            )
            self._lines[key] = {line.text: line.id for line in reversed(every)}
        recall = addressee.before.recall
        if recall is None:
            return self._lines[key]
        return self._lines[key] | {line.text: line.id for line in every_wording(script, addressee, (recall,))}

    def quick(self, process: Process, attempt_id: int) -> bool:
        """Most calls take no time between their turns; those of a process about to be struck do."""
        return attempt_id % ONE_IN_SLOW != 0 and process.life.fuse is None

    def noted(self, flight: Flight, speaker: Speaker) -> None:
        """A conversation was held; what the world knows of it is written down beside the ledger."""
        if speaker.met is Met.PERSON:
            number = speaker.who.number
            day = self.network.now().astimezone(SEOUL).date()
            if any(turn.who == "person" and turn.text for turn in flight.turns.values()):
                self.evidence.spoke.add((number, day))

    # -- people who ring back ------------------------------------------------------------------------------------------

    def _missed(self, person: int, e164: str) -> None:
        """Some look at their telephone within the hour, and call the number that it shows."""
        self._missed_calls += 1
        dice = self.network.dice(person, "missed", self._missed_calls)
        if dice.random() < self.rates.ring_back:
            self.later(dice.uniform(*RING_BACK_S), self._ring_back, person, e164, dice)

    async def _ring_back(self, person: int, e164: str, dice: random.Random) -> None:
        up = [board for board in self.boards if board.connected and board.on_incoming is not None]
        if up and self.network.can_ring_back(person, e164):
            await dice.choice(up).call_in(e164, person, dice)

    # -- processes -----------------------------------------------------------------------------------------------------

    async def supervise(self, slot: int) -> None:
        """Start a process, and another when it has died: after seconds, as systemd would."""
        dice = random.Random(f"{self.seed}/restart/{slot}")
        while True:
            life, died = Life(self.faults), asyncio.Event()
            life.on_death = died.set
            process = Process(f"line-{slot + 1}", self, self.store, life, self.boards[slot])
            if slot < len(self.processes):
                self.processes[slot] = process
            else:
                self.processes.append(process)
            running = self.spawn(process.run())
            await died.wait()
            await asyncio.wait({running})
            life.end_tasks()
            await asyncio.sleep(dice.uniform(*RESTART_S))
