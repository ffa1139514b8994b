"""Diallers on real trunks: one Asterisk, two carriers that are scripted SIP peers, one ledger, the voice of the pack."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conftest import ROOT, free_ports
from free_ports import free_port
from sip_peer import Script, SipPeer
from sqlalchemy import func, select

from callbot.adapters.asterisk_ami import Switchboard, Timings
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import MediaLeg, MediaServer
from callbot.adapters.asterisk_trunk import Trunk
from callbot.adapters.clock import OffsetClock
from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.silero import SileroVad
from callbot.line.ports import Pcm
from callbot.listen.utterance import Transcript
from callbot.people.enrolment import Enrolment
from callbot.people.team import Role
from callbot.schedule.ladder import RetryCause, RetryLadder, Rung
from callbot.script_files import load_script
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.policy_rows import add_programme, add_worker, publish_ladder
from callbot.store.tables import attempts, due_contacts
from callbot.store.tables_dial import trunk_calls, trunk_states
from callbot.talk.answered_call import Senses
from callbot.talk.dial_plan import DialPlan
from callbot.talk.dialler import Dialler
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache
from callbot.understand.understander import Understander
from callbot.workflows.import_people import import_people
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import recover
from callbot.workflows.trunk_calls import Trunks, declare_trunks, note_reachable

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
VOICE = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"))
FAST = Timings(check=0.5, young=1.0, backoff=(0.1, 0.2))
TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
AGAIN = RetryLadder(name="빨리", rungs=tuple(Rung(do="call_again", after={RetryCause.DEFAULT: 2}) for _ in range(4)))


class NothingHeard:
    """Ears for calls whose person says nothing."""

    async def transcribe(self, pcm: Pcm, *, words: tuple[str, ...] = ()) -> Transcript:  # noqa: ARG002 - nothing is heard
        """Silence."""
        return Transcript("", 0.0, rejected="no_speech")

    def backlog(self) -> int:
        """Never behind."""
        return 0


class Rendered:
    """Every line of the script is in the voice pack; a name that is not is left unsaid."""

    async def render(self, lines: list[tuple[str, bool]]) -> int:  # noqa: ARG002 - nothing to do
        """Nothing to do."""
        return 0


@dataclass
class Line:
    """One line process: a dialler with its switchboard and its media legs."""

    dialler: Dialler
    board: Switchboard


@dataclass
class TrunkWorld:
    """See `trunk_world`."""

    asterisk: AsteriskInstance
    store: Store
    carriers: dict[str, SipPeer]
    trunks: Trunks
    clock: OffsetClock
    understander: Understander
    directory: Path
    legs: list[Dialler] = field(default_factory=list)
    telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def line(self, node: str = "one", *, calls: int = 4) -> Line:
        """Another line process on the same ledger and exchange."""
        holder: dict[str, Switchboard] = {}
        by_name = {trunk.name: trunk for trunk in self.asterisk.trunks}
        dialler = Dialler(
            self.store,
            lambda: holder["board"],
            Senses(NothingHeard(), VOICE, self.understander, SileroVad),
            Rendered(),
            {SCRIPT.script: SCRIPT},
            plan=DialPlan(
                node,
                lambda e164: f"PJSIP/phones/sip:{e164}@127.0.0.1:9",
                ring_s=2,
                max_calls=calls,
                data_dir=self.directory,
                trunks=self.trunks,
                trunk_dial_string=lambda trunk, e164: by_name[trunk].dial_string(e164),
            ),
            now=self.clock.now,
        )
        board = holder["board"] = Switchboard(
            "127.0.0.1",
            self.asterisk.ports.ami,
            self.asterisk.ami_user,
            self.asterisk.ami_secret,
            on_progress=dialler.on_progress,
            trunks=list(by_name),
            on_trunks=self._on_trunks,
            timings=FAST,
        )
        await board.start()
        assert await board.wait_connected(5.0)
        self.legs.append(dialler)
        return Line(dialler, board)

    def _on_trunks(self, reachable: dict[str, bool]) -> None:
        async def note() -> None:
            for name, there in reachable.items():
                await asyncio.to_thread(note_reachable, self.store, name, there, self.clock.now(), self.trunks)

        task = asyncio.ensure_future(note())
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def serve(self, leg: MediaLeg) -> None:
        """The exchange has one media socket; the leg belongs to whoever placed the call."""
        for dialler in self.legs:
            if leg.key in dialler._around.flights:
                await dialler.on_leg(leg)
                return

    def behave(self, carrier: str, script: Script) -> None:
        """How every number of this carrier behaves from now on."""
        self.carriers[carrier].default = script

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """Of one table, by id."""
        with self.store.read() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(columns[0].table.c[0]))]

    def states(self) -> dict[str, str]:
        """Of the breakers."""
        return dict(self.rows(trunk_states.c.trunk, trunk_states.c.state))  # type: ignore[arg-type]

    def tried(self) -> list[tuple[str, str]]:
        """(trunk, result) of every call, in order."""
        return self.rows(trunk_calls.c.trunk, trunk_calls.c.result)  # type: ignore[return-value]

    def ends(self) -> list[str]:
        """Of every attempt, in order."""
        return [end for (end,) in self.rows(attempts.c.end)]

    def invites(self) -> dict[str, int]:
        """Number -> calls that rang at any carrier (an INVITE that a carrier refused at once rang nobody)."""
        found: dict[str, int] = {}
        for peer in self.carriers.values():
            for call in peer.calls.values():
                if call.script.ring or call.answered.is_set():
                    found[call.number] = found.get(call.number, 0) + 1
        return found

    def dialled(self) -> dict[str, int]:
        """Number -> attempts that were dialled."""
        with self.store.read() as connection:
            query = (
                select(due_contacts.c.person_id, func.count())
                .join(attempts, attempts.c.due_contact_id == due_contacts.c.id)
                .where(attempts.c.dialling_at.is_not(None))
                .group_by(due_contacts.c.person_id)
            )
            first = connection.scalar(select(func.min(due_contacts.c.person_id))) or 0
            return {f"0109999{person - first:04}": count for person, count in connection.execute(query)}

    def sound(self) -> bool:
        """No promise of the ledger is broken."""
        with self.store.read() as connection:
            return violations(connection, self.clock.now()) == []

    async def run_until(self, line: Line, done: Any, seconds: float = 30.0) -> None:
        """Place what is due, twice a second, until `done()`."""
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(done):
                await line.dialler.place()
                await asyncio.sleep(0.2)

    def all_ended(self) -> bool:
        """Every due contact has its disposition."""
        return all(state == "ended" for (state,) in self.rows(due_contacts.c.state))

    def recover(self, node: str) -> int:
        """As a process of that name does at its start."""
        return len(recover(self.store, self.clock.now(), frozenset(), node).interrupted)


def enrol(store: Store, people: int, now: datetime) -> None:
    """People with numbers that only a trunk can dial, due now; four rungs of two seconds."""
    with store.write() as connection:
        ladder = publish_ladder(connection, AGAIN, now)
        programme = add_programme(connection, "안부전화", "광주 동구청", "062-000-0000", retry_ladder_id=ladder)
        add_worker(
            connection, store.keys, name="한담당", role=Role.CASEWORKER, phone="+821000009001", programme_id=programme
        )
    rows = [
        Enrolment(name="김순자", numbers=(f"+82109999{number:04}",), weekdays=(2,), consent=True, worker="한담당")
        for number in range(people)
    ]
    import_people(store, rows, now, programme)
    plan_week(store, now)


def _directory() -> Path:
    """Asterisk runs as nobody when we are root."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-live-", dir="/tmp"))
    directory.chmod(0o755)
    return directory


@contextlib.asynccontextmanager
async def trunk_world(
    store: Store, understander: Understander, people: int, *, qualify_s: int = 0, media_here: bool = True, **limits: Any
) -> AsyncIterator[TrunkWorld]:
    """Two trunks, kt before skb, that share a socket of ours; `limits`: further fields of both.

    `media_here` False: another process listens for the bot's legs.
    """
    directory = _directory()
    bind = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    clock = OffsetClock(TUESDAY - datetime.now(UTC))
    async with SipPeer() as kt, SipPeer() as skb:
        carriers = {"kt": kt, "skb": skb}
        trunks = [
            Trunk(
                name,
                "127.0.0.1",
                peer.port,
                bind=bind,
                priority=priority,
                qualify_s=qualify_s,
                caller_numbers=("0620000000", "0621111111"),
                breaker_wait_s=2,
                **limits,
            )
            for priority, (name, peer) in enumerate(carriers.items(), start=1)
        ]
        asterisk = AsteriskInstance(
            ROOT / ".asterisk",
            directory / "asterisk",
            free_ports(),
            media_port=free_port(),
            dialplans=ROOT / "dialplans",
            trunks=trunks,
        )
        policies = Trunks(tuple(trunk.policy for trunk in trunks))
        world = TrunkWorld(asterisk, store, carriers, policies, clock, understander, directory)
        media = MediaServer("127.0.0.1", asterisk.media_port, asterisk.media_secret, world.serve)
        enrol(store, people, clock.now())
        declare_trunks(store, policies, clock.now())
        if media_here:
            await media.start()
        try:
            await asyncio.to_thread(asterisk.start)
            assert asterisk.complaints() == []
            yield world
        finally:
            for dialler in world.legs:
                await dialler.abandon()
                await dialler._around.switchboard().stop()  # type: ignore[attr-defined]
            await media.stop()
            await asyncio.to_thread(asterisk.stop)
            shutil.rmtree(directory, ignore_errors=True)
