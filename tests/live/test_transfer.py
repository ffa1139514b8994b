"""A worker is brought into a crisis call through a real Asterisk: rung in order, told what it is about, put into the room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ledger_calls import dial, signal
from ledger_fixtures import TUESDAY, build_town
from line_fixtures import FAST, BotCall
from sip_peer import PeerCall, Script, SipPeer
from sqlalchemy import select
from test_voice_page import Rendered
from tones import level, tone

from callbot.adapters.asterisk_ami import Switchboard
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import Frame, MediaLeg, MediaServer
from callbot.converse.commands import Transfer, TransferStep
from callbot.converse.events import WorkerState
from callbot.dial.progress import CallOrder, CallProgress, ProgressKind
from callbot.escalate.spoken_summary import GONE
from callbot.line.happenings import Utterance
from callbot.store.database import Store
from callbot.store.tables import case_events, cases
from callbot.talk.crisis_transfer import PREFIX, CrisisTransfer
from callbot.talk.transfer_desk import TransferDesk
from callbot.understand.meaning import Category, Level
from callbot.workflows.raise_signals import raise_signals

PERSON, CASEWORKER, LEAD = "01000000001", "01000009001", "01000009002"
READING, LAST, TALK = 440.0, 880.0, 1100.0
LOUD = 4000


class Tones:
    """What is read out is one tone, what is said last another."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        del slow
        return tone(LAST if text == GONE else READING, 0.3)


@dataclass
class Crisis:
    """A person on the line, in a call with an emergency in the ledger."""

    store: Store
    peer: SipPeer
    board: Switchboard
    desk: TransferDesk
    transfer: CrisisTransfer
    bot: BotCall
    person: PeerCall
    progress: list[CallProgress] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return self.bot.gone.is_set()

    def take_overheard(self) -> tuple[Utterance, ...]:
        return ()

    async def step(self, step: TransferStep, at_most_s: float = 0.0) -> WorkerState:
        state, _ = await self.transfer.perform(Transfer(step, at_most_s), self)  # type: ignore[arg-type]
        return state

    async def worker(self, number: str, script: Script) -> PeerCall:
        """Answered, with the summary beginning."""
        call = await self.peer.call(number, 8)
        if script.final == 200:
            await asyncio.wait_for(call.answered.wait(), 5)
            await asyncio.sleep(1.0)
        return call

    def history(self) -> list[str]:
        with self.store.read() as connection:
            found = list(connection.scalars(select(case_events.c.what).order_by(case_events.c.id)))
        return [what.removeprefix("transfer_") for what in found if what.startswith("transfer_")]

    def state(self) -> str:
        with self.store.read() as connection:
            return str(connection.scalar(select(cases.c.state)))


@contextlib.asynccontextmanager
async def crisis(store: Store, asterisk: AsteriskInstance, **workers: Script) -> AsyncIterator[Crisis]:
    """The call is up; nobody has been rung yet."""
    order = dial(build_town(store)).answer(TUESDAY)
    raise_signals(store, order.call_id, (signal(Category.SUICIDE, Level.EMERGENCY),), TUESDAY)
    key, bot, progress = f"t{id(order) % 100000}", BotCall(), list[CallProgress]()
    async with SipPeer() as peer:
        peer.scripts |= {PERSON: Script(hz=700.0)}
        peer.scripts |= {{"caseworker": CASEWORKER, "lead": LEAD}[role]: script for role, script in workers.items()}

        async def on_leg(leg: MediaLeg) -> None:
            if leg.key.startswith(PREFIX):
                await desk.on_leg(leg)
                return
            bot.leg = leg
            bot.here.set()
            async for item in leg.items():
                if isinstance(item, Frame):
                    bot.heard.append((asyncio.get_running_loop().time(), item.alaw))
            bot.gone.set()

        def on_progress(step: CallProgress) -> None:
            progress.append(step)
            desk.on_progress(step)

        board = Switchboard(
            "127.0.0.1",
            asterisk.ports.ami,
            asterisk.ami_user,
            asterisk.ami_secret,
            on_progress=on_progress,
            timings=FAST,
        )
        desk = TransferDesk(
            store, lambda: board, Rendered(), Tones(), lambda e164: peer.dial("0" + e164[3:]), "062-000-0000",
            now=lambda: TUESDAY, ring_s=2.0,
        )  # fmt: skip
        media = MediaServer("127.0.0.1", asterisk.media_port, asterisk.media_secret, on_leg)
        await media.start()
        await board.start()
        try:
            assert await board.wait_connected(5.0)
            await board.originate(CallOrder(key, peer.dial(PERSON), "0620000000"))
            person = await peer.call(PERSON)
            async with asyncio.timeout(5):
                while ProgressKind.ANSWERED not in [step.kind for step in progress if step.attempt_key == key]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            yield Crisis(store, peer, board, desk, desk.of_call(key, order.call_id), bot, person, progress)
        finally:
            await board.hang_up(key)
            await desk.close()
            await board.stop()
            await media.stop()


def test_the_second_worker_comes_in_and_the_bot_goes(sqlite_store: Store, asterisk: AsteriskInstance) -> None:
    """The first is busy, the second hears the summary, presses 1, is in the room with the person; once they have spoken the
    bot may go, and the two go on talking. The case is theirs; every step stands in its history."""

    async def main() -> None:
        lead = Script(hz=TALK, quiet=True)
        async with crisis(sqlite_store, asterisk, caseworker=Script(486), lead=lead) as it:
            assert await it.step(TransferStep.LOOK) is WorkerState.REACHABLE
            assert await it.step(TransferStep.RING) is WorkerState.RINGING
            phone = await it.worker(LEAD, lead)
            assert level(phone.heard_since(phone.answered_at + 0.6), READING) > LOUD
            waiting = asyncio.create_task(it.step(TransferStep.WAIT, 8.0))
            await it.peer.press(phone, "1")
            assert await waiting is WorkerState.JOINED
            assert it.transfer.in_room
            assert await it.step(TransferStep.STAND_BY, 1.5) is WorkerState.JOINED  # not a word yet: the bot stays
            phone.talking = True
            assert await it.step(TransferStep.STAND_BY, 5.0) is WorkerState.SPOKE
            assert it.bot.leg is not None
            await it.bot.leg.hang_up()
            await it.transfer.close()
            await asyncio.sleep(0.3)
            assert level(it.person.heard_since(it.person.heard[-1][0] - 0.4), TALK) > LOUD
            assert not it.person.ended.is_set()
            assert await it.board.live_keys() == set()  # whoever starts now leaves these two alone
            it.peer.bye(phone)
            await asyncio.wait_for(it.person.ended.wait(), 3)  # nobody sits in an empty room
            assert it.history() == ["rung", "no_answer", "rung", "joined", "spoke"]
            assert it.state() == "acknowledged"

    asyncio.run(main())


def test_nobody_takes_it(sqlite_store: Store, asterisk: AsteriskInstance) -> None:
    """One does not answer, one presses 2: the person learns that nobody comes, the case goes on waiting for somebody."""

    async def main() -> None:
        lead = Script(hz=TALK, quiet=True)
        async with crisis(sqlite_store, asterisk, caseworker=Script(None, ring=True), lead=lead) as it:
            await it.step(TransferStep.LOOK)
            await it.step(TransferStep.RING)
            assert await it.step(TransferStep.WAIT, 0.5) is WorkerState.RINGING
            phone = await it.worker(LEAD, lead)
            await it.peer.press(phone, "2")
            assert await it.step(TransferStep.WAIT, 8.0) is WorkerState.NOBODY
            assert it.history() == ["rung", "no_answer", "rung", "declined", "nobody"]
            assert it.state() == "triggered"
            assert not it.person.ended.is_set()

    asyncio.run(main())


def test_the_person_hangs_up_while_the_worker_listens(sqlite_store: Store, asterisk: AsteriskInstance) -> None:
    """Whoever presses 1 a moment too late hears that the person has gone, and has the case; who only rings is let go."""

    async def main() -> None:
        worker = Script(hz=TALK, quiet=True)
        async with crisis(sqlite_store, asterisk, caseworker=worker) as it:
            await it.step(TransferStep.LOOK)
            await it.step(TransferStep.RING)
            phone = await it.worker(CASEWORKER, worker)
            it.peer.bye(it.person)
            await asyncio.wait_for(it.bot.gone.wait(), 5)
            await it.transfer.close()
            await it.peer.press(phone, "1")
            await asyncio.wait_for(phone.ended.wait(), 5)
            assert level(phone.heard_since(phone.ended_at - 0.3), LAST) > LOUD / 2
            assert it.history() == ["rung", "person_gone"]
            assert it.state() == "acknowledged"

    asyncio.run(main())


def test_a_worker_who_goes_before_a_word_is_followed_by_the_next(
    sqlite_store: Store, asterisk: AsteriskInstance
) -> None:
    """They come in and hang up: the person is still with the bot, in the room, and the next one is rung."""

    async def main() -> None:
        worker = Script(hz=TALK, quiet=True)
        async with crisis(sqlite_store, asterisk, caseworker=worker, lead=Script(None, ring=True)) as it:
            await it.step(TransferStep.LOOK)
            await it.step(TransferStep.RING)
            phone = await it.worker(CASEWORKER, worker)
            await it.peer.press(phone, "1")
            assert await it.step(TransferStep.WAIT, 5.0) is WorkerState.JOINED
            it.peer.bye(phone)
            assert await it.step(TransferStep.STAND_BY, 5.0) is WorkerState.RINGING
            assert await it.step(TransferStep.WAIT, 6.0) is WorkerState.NOBODY
            assert it.history() == ["rung", "joined", "left", "rung", "no_answer", "nobody"]
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.5)
            assert level(it.bot.heard_since(began + 0.1), 700.0) > LOUD
            assert it.bot.leg is not None
            await it.bot.leg.hang_up()
            await it.transfer.close()
            await asyncio.wait_for(
                it.person.ended.wait(), 3
            )  # the bot has said goodbye: the line is closed, not silent

    asyncio.run(main())
