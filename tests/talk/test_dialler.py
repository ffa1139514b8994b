"""One attempt after another through the real dialler, ledger, dialogue and voice activity; the telephone is ours."""

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ledger_fixtures import TUESDAY, build_town
from quick_call import KnownClips, QuickLeg, QuickSwitchboard, step
from sqlalchemy import select

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.silero import SileroVad
from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.lines import UNNAMED, lines_for
from callbot.dial.admission import Held
from callbot.dial.progress import CallOrder, ProgressKind
from callbot.people.enrolment import Enrolment
from callbot.people.person import AddressForm as PersonForm
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.store.database import Store
from callbot.store.health_rows import facts
from callbot.store.invariants import violations
from callbot.store.tables import attempts, calls, cases, due_contacts, turns
from callbot.talk.answered_call import Senses
from callbot.talk.dialler import Dialler, DialPlan
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache
from callbot.understand.understander import Understander
from callbot.workflows.import_people import import_people
from callbot.workflows.place_due import place_due
from callbot.workflows.plan_week import plan_week

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
VOICE = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"))
PERSON = Addressee("김순자", AddressForm("어르신"), "광주광역시 동구청", "062-000-0000")
ANSWERS = {
    "opening.identity.ask": "네, 맞습니다.",
    "opening.good_time.ask": "네, 좋아요.",
    "health.ask": "아픈 데 없어요.",
    "meals.ask": "밥은 잘 먹고 있어요.",
    "sleep.ask": "네, 잘 자요.",
    "medicine.ask": "약도 잘 먹고 있습니다.",
    "mood.ask": "마음은 편안해요.",
    "outing.ask": "어제 시장에 다녀왔어요.",
    "needs.ask": "괜찮아요. 필요한 거 없어요.",
}


def clip(text: str, *, slow: bool = False) -> bytes:
    """Of the voice pack."""
    found = VOICE.clip(text, slow=slow)
    assert found is not None, f"{text} is not in prompts/voice-pack: run scripts/render-voice-pack.py"
    return found


def answers(person: Addressee = PERSON) -> dict[bytes, bytes]:
    """Our clip -> the person's."""
    return {
        clip(line.text, slow=line.slow): clip(ANSWERS[line.id])
        for line in lines_for(SCRIPT, person)
        if line.id in ANSWERS
    }


class Rendered:
    """callbot.talk.dialler.Renderer where everything is there already."""

    def __init__(self, *, broken: bool = False) -> None:
        self._broken = broken

    async def render(self, lines: list[tuple[str, bool]]) -> int:
        """Nothing to do."""
        if self._broken:
            raise OSError(28, "No space left on device")
        return len(VOICE.missing(lines))


@dataclass
class World:
    """A district with one person, and its dialler."""

    store: Store
    dialler: Dialler
    board: QuickSwitchboard
    ears: KnownClips
    serving: list[asyncio.Task[None]] = field(default_factory=list)

    def report(self, order: CallOrder, *kinds: ProgressKind, **evidence: Any) -> None:
        """What the network says."""
        for kind in kinds:
            self.dialler.on_progress(step(order, kind, **evidence))

    def pick_up(self, order: CallOrder, leg: QuickLeg) -> None:
        """The bot's leg is there, the phone rings, somebody answers, and the leg's end is the call's."""
        self.report(order, ProgressKind.PREDIAL, ProgressKind.RINGING, ProgressKind.ANSWERED)

        async def serve() -> None:
            try:
                await self.dialler.on_leg(leg)
            finally:
                self.report(order, ProgressKind.ENDED, cause=16, answered=True, ringing_seen=True)

        self.serving.append(asyncio.create_task(serve()))

    async def call(self) -> int:
        """Place what is due and wait for its end; how many."""
        placed = await self.dialler.place()
        while self.dialler.busy:  # noqa: ASYNC110 - draining would stop it for good
            await asyncio.sleep(0.01)
        await asyncio.gather(*self.serving, return_exceptions=True)
        return placed

    def row(self, *columns: Any) -> Any:
        """Of the only row, or the latest."""
        with self.store.read() as connection:
            return connection.execute(select(*columns).order_by(columns[0].table.c.id.desc()).limit(1)).first()

    def broken_promises(self) -> list[Any]:
        """Must be empty."""
        with self.store.read() as connection:
            return list(violations(connection, TUESDAY + timedelta(minutes=1)))


@pytest.fixture
def world(sqlite_store: Store, understander: Understander, tmp_path: Path) -> World:
    """One person due now."""
    return make_world(sqlite_store, understander, tmp_path)


def make_world(store: Store, understander: Understander, data_dir: Path, *, render_broken: bool = False) -> World:
    """One person due now."""
    town = build_town(store, people=0)
    somebody = Enrolment(
        name=PERSON.name, numbers=("+821000000101",), address_form=PersonForm.ELDER, weekdays=(2,), consent=True,
        worker="한담당",
    )  # fmt: skip
    import_people(store, [somebody], TUESDAY, town.programme_id)
    plan_week(store, TUESDAY)
    ears, board = KnownClips({text: clip(text) for text in ("여보세요.", *ANSWERS.values())}), QuickSwitchboard()
    dialler = Dialler(
        store,
        lambda: board,
        Senses(ears, VOICE, understander, SileroVad),
        Rendered(broken=render_broken),
        {SCRIPT.script: SCRIPT},
        plan=DialPlan("test", lambda e164: f"PJSIP/{e164}", ring_s=5, max_calls=2, data_dir=data_dir),
        now=lambda: TUESDAY,
    )
    return World(store, dialler, board, ears)


def test_a_whole_call(world: World) -> None:
    """Rung once, answered, held to its end, recorded; contacted, and no promise of the ledger is broken."""
    world.board.on_call = lambda order: world.pick_up(
        order, QuickLeg(order.attempt_key, answers(), hello=clip("여보세요."))
    )
    assert asyncio.run(world.call()) == 1
    assert world.row(attempts.c.end, attempts.c.number) == ("person", 1)
    assert world.row(due_contacts.c.disposition) == ("contacted",)
    assert world.row(calls.c.complete, calls.c.hung_up, calls.c.recording_complete) == (True, False, True)
    assert world.row(calls.c.recording_seconds)[0] > 30
    assert len(world.board.orders) == 1
    assert world.broken_promises() == []


def test_the_line_is_put_down_at_once(world: World) -> None:
    """Picked up and put down again before the ledger has noted the answer: silent, and not our failure."""
    world.board.on_call = lambda order: world.pick_up(order, QuickLeg(order.attempt_key, {}, hangs_up_after_s=0.0))
    asyncio.run(world.call())
    assert world.row(attempts.c.end) == ("silent",)
    assert world.row(due_contacts.c.state, due_contacts.c.disposition) == ("open", None)
    assert world.broken_promises() == []


def test_hung_up_in_the_middle(world: World) -> None:
    """What was answered stands."""
    world.board.on_call = lambda order: world.pick_up(
        order, QuickLeg(order.attempt_key, answers(), hello=clip("여보세요."), hangs_up_after_s=30.0)
    )
    asyncio.run(world.call())
    assert world.row(calls.c.hung_up, calls.c.complete) == (True, False)
    assert world.row(attempts.c.end) == ("person",)
    assert world.broken_promises() == []


@pytest.mark.parametrize(
    ("kinds", "evidence", "end"),
    [
        ((ProgressKind.RINGING,), {"cause": 19, "ringing_seen": True, "dial_status": "NOANSWER"}, "no_answer"),
        ((), {"cause": 17, "tech_cause": 486}, "busy"),
        ((), {"bot_leg_failed": True}, "system_failure"),
        ((), {"lost": True}, "system_failure"),
    ],
)
def test_nobody_answers(world: World, kinds: tuple[ProgressKind, ...], evidence: dict[str, Any], end: str) -> None:
    """The network's word for it ends the attempt; the ladder goes on."""
    world.board.on_call = lambda order: world.report(order, *kinds, ProgressKind.ENDED, **evidence)
    asyncio.run(world.call())
    assert world.row(attempts.c.end) == (end,)
    assert world.row(due_contacts.c.state) == ("open",)
    assert world.row(due_contacts.c.next_attempt_at)[0] > TUESDAY
    assert world.broken_promises() == []


def test_the_switchboard_is_not_there(world: World) -> None:
    """Nobody was called: a failure of ours, and the ladder goes on."""
    world.board.refuses = True
    asyncio.run(world.call())
    assert world.row(attempts.c.end) == ("system_failure",)
    assert world.row(due_contacts.c.next_attempt_at)[0] > TUESDAY


def test_a_voice_that_cannot_be_rendered(sqlite_store: Store, understander: Understander, tmp_path: Path) -> None:
    """Nobody is called who would hear silence, no attempt is used up, and no other is claimed for a while."""
    world = make_world(sqlite_store, understander, tmp_path, render_broken=True)

    async def main() -> None:
        await world.call()
        assert await world.dialler.place() == 0
        assert world.dialler.admitted.held is Held.VOICE_DOWN

    asyncio.run(main())
    assert world.board.orders == []
    assert world.row(attempts.c.state, attempts.c.dialling_at) == ("planned", None)
    assert world.row(due_contacts.c.rungs_used, due_contacts.c.next_attempt_at) == (0, TUESDAY + timedelta(minutes=1))
    [again] = place_due(sqlite_store, TUESDAY + timedelta(minutes=1), 1, "test")
    assert again.number == 1


def test_without_a_voice_for_long(sqlite_store: Store, understander: Understander, tmp_path: Path) -> None:
    """After ten minutes the call goes out with what was rendered before: nobody is asked for by name, so it is contact of the
    degraded kind, its record says why, and a human looks at it."""
    world = make_world(sqlite_store, understander, tmp_path, render_broken=True)
    world.dialler.around.voice_patience_s = 0.0
    unnamed = answers(replace(PERSON, unnamed=True))
    world.board.on_call = lambda order: world.pick_up(
        order, QuickLeg(order.attempt_key, unnamed, hello=clip("여보세요."))
    )
    asyncio.run(world.call())
    assert world.row(due_contacts.c.disposition) == ("contacted_degraded",)
    assert world.row(calls.c.without) == ("voice",)
    with world.store.read() as connection:
        spoken = set(connection.scalars(select(turns.c.text).where(turns.c.who == "bot")))
    assert UNNAMED["opening.hello"] in spoken
    assert not any("김순자" in text for text in spoken)
    assert world.broken_promises() == []


def test_the_recogniser_is_down(world: World) -> None:
    """The call is held as far as it goes; it is no contact, and nothing counts as fine."""
    world.ears._down = True
    world.board.on_call = lambda order: world.pick_up(
        order, QuickLeg(order.attempt_key, answers(), hello=clip("여보세요."))
    )
    asyncio.run(world.call())
    assert world.row(due_contacts.c.disposition) == (None,)
    assert world.row(turns.c.id) is not None
    assert world.broken_promises() == []


def test_admission(world: World) -> None:
    """No call is placed while the exchange is away, the ears are behind, or we are about to stop; the reason is known, and
    stands where the watch reads it, for as long as it holds."""

    def facts_now() -> dict[str, str]:
        with world.store.read() as connection:
            return {fact.name: fact.detail for fact in facts(connection)}

    async def main() -> None:
        world.board.connected = False
        assert await world.dialler.place() == 0
        assert world.dialler.admitted.held is Held.EXCHANGE_LOST
        await world.dialler.tell_watch()
        assert facts_now() == {}, "not for a moment's sake"
        await world.dialler.tell_watch(after_s=0)
        assert facts_now() == {"no_new_calls:test": "exchange_lost"}
        world.board.connected, world.ears.waiting = True, 99
        assert await world.dialler.place() == 0
        await world.dialler.tell_watch(after_s=0)
        assert facts_now() == {"no_new_calls:test": "ears_behind"}
        world.ears.waiting, world.dialler.draining = 0, True
        assert await world.dialler.place() == 0
        await world.dialler.tell_watch(after_s=0)
        assert facts_now() == {}

    asyncio.run(main())
    assert world.row(attempts.c.id) is None


def test_a_leg_of_nothing(world: World) -> None:
    """A leg whose attempt is not ours is not served: no turn, no call."""
    asyncio.run(world.dialler.on_leg(QuickLeg("somebody-else", {})))
    assert world.row(calls.c.id) is None


def test_hanging_up_what_runs(world: World) -> None:
    """Ctrl-C of `callbot call`: the exchange is asked to end the call, which then ends in the ledger like any other."""

    async def main() -> None:
        legs: list[QuickLeg] = []

        def answer(order: CallOrder) -> None:
            legs.append(QuickLeg(order.attempt_key, answers(), hello=clip("여보세요.")))
            world.pick_up(order, legs[0])

        world.board.on_call = answer
        await world.dialler.place()
        while not legs:  # noqa: ASYNC110 - the switchboard has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        await world.dialler.hang_up_all()
        assert world.board.hung_up == [legs[0].key]
        legs[0].closed = True
        await world.dialler.drain()

    asyncio.run(main())
    assert world.row(attempts.c.state) == ("ended",)
    assert world.row(calls.c.hung_up) == (True,)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """256 KiB: eight seconds of a recording."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("full_at_once", [False, True])
def test_a_full_disk(sqlite_store: Store, understander: Understander, small_disk: Path, *, full_at_once: bool) -> None:
    """The recording ends, the call does not: contacted, and the ledger says that the recording is not whole."""
    if full_at_once:
        (small_disk / "ballast").write_bytes(b"x" * 256 * 1024)
    world = make_world(sqlite_store, understander, small_disk)
    world.board.on_call = lambda order: world.pick_up(
        order, QuickLeg(order.attempt_key, answers(), hello=clip("여보세요."))
    )
    asyncio.run(world.call())
    assert world.row(due_contacts.c.disposition) == ("contacted",)
    seconds, complete = world.row(calls.c.recording_seconds, calls.c.recording_complete)
    assert complete is False
    assert seconds < 30
    assert world.row(cases.c.id) is None
    assert world.broken_promises() == []
