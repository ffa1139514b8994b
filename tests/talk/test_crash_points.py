"""The dialler killed at every commit of a call, on trunks: nobody is rung twice for one attempt, and nobody is lost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledger_fixtures import TUESDAY, build_town
from quick_call import KnownClips, QuickLeg, QuickSwitchboard, step
from sqlalchemy import Connection, select
from test_dialler import PERSON, SCRIPT, VOICE, Rendered, answers, clip

from callbot.adapters.silero import SileroVad
from callbot.dial.limits import Limits
from callbot.dial.progress import CallOrder, ProgressKind
from callbot.dial.trunk_choice import TrunkPolicy
from callbot.people.enrolment import Enrolment
from callbot.people.person import AddressForm
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.tables import attempts, due_contacts
from callbot.talk.answered_call import Senses
from callbot.talk.dialler import Dialler, DialPlan
from callbot.understand.understander import Understander
from callbot.workflows.import_people import import_people
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import recover
from callbot.workflows.trunk_calls import Trunks, declare_trunks

TRUNKS = Trunks((TrunkPolicy("kt", Limits(2)), TrunkPolicy("skb", Limits(2), priority=2)))


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass(frozen=True)
class MortalStore(Store):
    """Dies at its n-th writing transaction, before or after it is committed, and is dead from then on."""

    dies_at: int = 0
    after_commit: bool = False
    writes: list[int] = field(default_factory=list)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        number = len(self.writes)
        if number > self.dies_at:
            raise Killed
        self.writes.append(number)
        with super().write() as connection:
            yield connection
            if number == self.dies_at and not self.after_commit:
                raise Killed
        if number == self.dies_at:
            raise Killed

    @property
    def dead(self) -> bool:
        """It has died."""
        return len(self.writes) > self.dies_at


@dataclass
class Lives:
    """One life of a line process after another, on one ledger, before one exchange that outlives them."""

    store: Store
    understander: Understander
    directory: Path
    now: datetime = TUESDAY
    rang: list[str] = field(default_factory=list)
    """Keys of the calls whose phone rang."""
    placed: list[str] = field(default_factory=list)
    refuses: bool = True
    """The first trunk, with 503."""

    async def live(self, store: Store, rounds: int) -> None:
        """Until nothing more is to be done, or death."""
        board = QuickSwitchboard()
        dialler = Dialler(
            store,
            lambda: board,
            Senses(KnownClips({text: clip(text) for text in ("여보세요.",)}), VOICE, self.understander, SileroVad),
            Rendered(),
            {SCRIPT.script: SCRIPT},
            plan=DialPlan(
                "line",
                lambda e164: f"PJSIP/{e164}",
                ring_s=5,
                max_calls=2,
                data_dir=self.directory,
                trunks=TRUNKS,
                trunk_dial_string=lambda trunk, e164: f"PJSIP/{e164}@{trunk}",
            ),
            now=lambda: self.now,
        )
        serving: list[asyncio.Task[None]] = []

        def on_call(order: CallOrder) -> None:
            self.placed.append(order.attempt_key)
            if order.dial_string.endswith("@kt") and self.refuses:
                dialler.on_progress(step(order, ProgressKind.PREDIAL))
                dialler.on_progress(step(order, ProgressKind.ENDED, tech_cause=503, cause=34, dial_status="CONGESTION"))
                return
            self.rang.append(order.attempt_key)
            leg = QuickLeg(order.attempt_key, answers(), hangs_up_after_s=1.0)
            for kind in (ProgressKind.PREDIAL, ProgressKind.RINGING, ProgressKind.ANSWERED):
                dialler.on_progress(step(order, kind))

            async def serve() -> None:
                try:
                    await dialler.on_leg(leg)
                finally:
                    dialler.on_progress(step(order, ProgressKind.ENDED, cause=16, answered=True, ringing_seen=True))

            serving.append(asyncio.create_task(serve()))

        board.on_call = on_call
        try:
            recover(store, self.now, frozenset(), "line")
            for _ in range(rounds):
                await dialler.place()
                while dialler.busy and not getattr(store, "dead", False):  # noqa: ASYNC110 - no event of a death
                    await asyncio.sleep(0.005)
                if getattr(store, "dead", False):
                    break
        except Killed:
            pass
        await dialler.abandon()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def ends(self) -> list[str | None]:
        """Of the attempts."""
        with self.store.read() as connection:
            return list(connection.scalars(select(attempts.c.end).order_by(attempts.c.id)))


@pytest.fixture
def lives(sqlite_store: Store, understander: Understander, tmp_path: Path) -> Lives:
    """One person, due now, whose first trunk refuses and whose second connects; they hang up after a second."""
    town = build_town(sqlite_store, people=0)
    somebody = Enrolment(
        name=PERSON.name, numbers=("+821099990001",), address_form=AddressForm.ELDER, weekdays=(2,), consent=True,
        worker="한담당",
    )  # fmt: skip
    import_people(sqlite_store, [somebody], TUESDAY, town.programme_id)
    plan_week(sqlite_store, TUESDAY)
    declare_trunks(sqlite_store, TRUNKS, TUESDAY)
    return Lives(sqlite_store, understander, tmp_path)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("after_commit", [False, True])
@pytest.mark.parametrize("dies_at", range(9))
def test_killed_at_every_commit(lives: Lives, dies_at: int, *, after_commit: bool) -> None:
    """Whenever it died: its successor finds the ledger whole, no call's key is placed twice, no attempt's phone rings twice,
    and the person is called again in due time or has been dealt with."""
    mortal = MortalStore(lives.store.engine, lives.store.keys, dies_at, after_commit)

    async def main() -> None:
        await lives.live(mortal, 1)
        with lives.store.read() as connection:
            before = connection.execute(select(due_contacts)).one()
        assert before.state in {"planned", "open", "ended"}
        for minutes in (2, 40, 130):
            lives.now = TUESDAY + timedelta(minutes=minutes)
            await lives.live(lives.store, 1)

    asyncio.run(main())
    assert len(set(lives.placed)) == len(lives.placed), "a call was placed twice"
    rang = [key.partition(".")[0] for key in lives.rang]
    assert len(set(rang)) == len(rang), "an attempt's phone rang twice"
    assert rang, "the person was never called"
    with lives.store.read() as connection:
        assert violations(connection, lives.now) == []
        assert connection.scalars(select(attempts.c.state).where(attempts.c.state != "ended")).all() == []


def test_it_does_die(lives: Lives) -> None:
    """The calls above are long enough: a life that is not cut short makes at least nine writes, and fails over."""
    counting = replace(MortalStore(lives.store.engine, lives.store.keys), dies_at=10_000)
    asyncio.run(lives.live(counting, 1))
    assert len(counting.writes) >= 9
    assert [key.partition(".")[2] for key in lives.placed] == ["", "2"]
    assert lives.ends() != [None]
