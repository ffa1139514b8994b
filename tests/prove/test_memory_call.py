"""What was said in one call is asked about in the next: real Asterisk, Whisper and phones, two weeks on one ledger."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port
from sqlalchemy import select

from callbot.adapters.clock import OffsetClock
from callbot.bootstrap import build
from callbot.cli_phones import farm_for
from callbot.demo import Demo, prepare
from callbot.people.numbers import parse_number
from callbot.service import Service
from callbot.settings import ROOT, load
from callbot.simulate.farm import PhoneFarm
from callbot.simulate.persona import HangUp, Persona, Utterance, load_persona
from callbot.store.memory_rows import memories_of
from callbot.store.tables import calls, turns
from callbot.workflows.call_now import call_now

pytestmark = [pytest.mark.prove, pytest.mark.timeout(280)]
WEEK = timedelta(weeks=1)
NUMBER = parse_number("010-0000-0101")
KNEE, BETTER = "무릎이 많이 아파요.", "조금 나아졌어요."


@dataclass
class WeekClock:
    """The demo's clock, some weeks later."""

    demo: OffsetClock
    weeks: int = 0

    def now(self) -> datetime:
        """This moment, UTC."""
        return self.demo.now() + self.weeks * WEEK


def person(**says: str) -> Persona:
    """Kim Soonja, who says this and hangs up after the meals."""
    shipped = load_persona(ROOT / "prompts" / "personas" / "101-fine.yaml")
    words = shipped.me.says | {asked: (Utterance(say=text),) for asked, text in says.items()}
    me = shipped.me.model_copy(update={"says": words})
    return shipped.model_copy(update={"me": me, "hang_up": HangUp(after_turns=5)})


@dataclass
class TwoWeeks:
    """The ledger after both calls."""

    world: Demo
    said: list[list[tuple[str, str | None, str]]]
    """By call: (who, line or topic, words)."""


@pytest.fixture(scope="module")
def two_weeks() -> Iterator[TwoWeeks]:
    """Called on a Tuesday, and on the Tuesday after."""
    with tempfile.TemporaryDirectory(prefix="callbot-weeks-", dir="/tmp") as name:
        directory = Path(name)
        directory.chmod(0o755)
        ports = {f"{each}_port": free_port() for each in ("sip", "ami", "media", "console", "phones")}
        settings = load().model_copy(update={"data_dir": directory, **ports})
        world = prepare(settings, numbers=("0101",))
        asyncio.run(_two_calls(world))
        yield TwoWeeks(world, _transcripts(world))
        world.store.close()


async def _two_calls(world: Demo) -> None:
    clock = WeekClock(world.clock)
    parts = await asyncio.to_thread(build, world.settings, world.store, clock=clock, ledger_dir=world.directory)
    farms: list[PhoneFarm] = []

    def phone_port(e164: str) -> int:
        return farms[-1].dial_port(e164)

    service = Service(parts, phone_port=phone_port, demo=True)
    try:
        await service.start(scheduled=False)
        for week, who in enumerate((person(health=KNEE), person(health="아픈 데 없어요.", memory=BETTER))):
            clock.weeks = week
            farms.append(farm_for(world.settings, [who], world.directory / f"phones-{week}"))
            await asyncio.to_thread(farms[-1].render)
            await asyncio.to_thread(farms[-1].start)
            try:
                await _call(service, clock.now())
            finally:
                await asyncio.to_thread(farms[-1].stop)
    finally:
        await service.stop()


async def _call(service: Service, now: datetime) -> None:
    parts = service.parts
    claimed = await asyncio.to_thread(call_now, parts.store, NUMBER, now, parts.settings.node)
    await service.dialler.call(claimed)


def _transcripts(world: Demo) -> list[list[tuple[str, str | None, str]]]:
    with world.store.read() as connection:
        ids = connection.scalars(select(calls.c.id).order_by(calls.c.id)).all()
        found: list[list[tuple[str, str | None, str]]] = []
        for call_id in ids:
            rows: Any = connection.execute(select(turns).where(turns.c.call_id == call_id).order_by(turns.c.position))
            found.append([(row.who, row.line_id or row.topic, row.text) for row in rows])
        return found


def test_the_knee_is_remembered_with_its_call_and_asked_about_a_week_later(two_weeks: TwoWeeks) -> None:
    """The words came through Whisper, the question through the voice, and the answer was heard as being about it."""
    first, second = two_weeks.said
    asked = [words for who, line, words in second if (who, line) == ("bot", "memory.ask")]

    assert any("무릎" in words for who, _, words in first if who == "person"), first
    assert not any(line == "memory.ask" for _, line, _ in first)
    assert len(asked) == 1, second
    assert asked[0].startswith("무릎은 ")
    assert [words for who, topic, words in second if (who, topic) == ("person", "memory") and words], second
    with two_weeks.world.store.read() as connection:
        (memory,) = [one for one in memories_of(connection, 1) if one.topic == "knee"]
        first_call = connection.scalars(select(calls.c.id).order_by(calls.c.id)).first()
    assert memory.call_id == first_call
    assert memory.asked_at is not None
    assert memory.asked_at - memory.first_heard_at > timedelta(days=6)


def test_the_same_question_comes_in_other_words(two_weeks: TwoWeeks) -> None:
    """Health is asked about in both weeks, and not alike."""
    first, second = ([words for _, line, words in said if line == "health.ask"] for said in two_weeks.said)

    assert first
    assert second
    assert first != second


def test_the_notices_are_evidence(two_weeks: TwoWeeks) -> None:
    """That it is an AI, and that it records, was said in every call, and where in the recording that is."""
    with two_weeks.world.store.read() as connection:
        said = connection.execute(
            select(turns.c.line_id, turns.c.audio_offset_s, turns.c.seconds)
            .where(turns.c.line_id.in_(["opening.hello", "opening.recording"]))
            .order_by(turns.c.call_id, turns.c.position)
        ).all()

    assert [row.line_id for row in said] == ["opening.hello", "opening.recording"] * 2
    assert all(row.audio_offset_s is not None and row.seconds > 1 for row in said)
    assert all(
        later.audio_offset_s >= row.audio_offset_s + row.seconds
        for row, later in zip(said[::2], said[1::2], strict=True)
    )
