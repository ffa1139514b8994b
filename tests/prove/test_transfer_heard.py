"""A crisis call with two real telephones: a person who wants a human, and the worker who is rung into the call."""

import asyncio
import os
import shutil
import socket
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from free_ports import free_port
from numpy.typing import NDArray
from sqlalchemy import select

from callbot.bootstrap import build
from callbot.cli_phones import farm_for
from callbot.converse.addressee import AddressForm
from callbot.demo import prepare
from callbot.line.g711 import alaw_to_pcm
from callbot.people.numbers import parse_number
from callbot.service import Service
from callbot.settings import Settings, load
from callbot.simulate.persona import Persona
from callbot.store.invariants import violations
from callbot.store.tables import case_events, cases, due_contacts
from callbot.workflows.call_now import call_now

pytestmark = [pytest.mark.prove, pytest.mark.timeout(900)]

PERSON = "010-0000-0103"
WORKER = Persona.model_validate(
    {
        "number": "010-0000-9001",
        "name": "한지원",
        "about": "당직 담당자. 요약을 듣고 일 번을 누른 뒤 말한다.",
        "answers_after_s": 1.0,
        "me": {
            "voice": "jf_alpha",
            "speed": 1.0,
            "pickup": "네.",
            "says": {
                "unknown": [{"press": "1", "say": ""}, "네, 제가 듣고 있어요."],
                "crisis.connect.joined": "여보세요. 구청 담당자입니다. 지금 괜찮으세요?",
            },
            "default": ["네, 제가 듣고 있어요."],
        },
        "hang_up": {"after_s": 45.0},
    }
)
WORKER_SAYS = "여보세요. 구청 담당자입니다. 지금 괜찮으세요?"


def own_place(directory: Path) -> Settings:
    """Ports and data of its own, and the voice of the checkout: rendering takes longer than the call."""
    given = load()
    shared = given.data_dir / "voice"
    shared.mkdir(parents=True, exist_ok=True)
    (directory / "voice").symlink_to(shared)
    rtp = 26000 + 100 * (os.getpid() % 80)
    ports = {name: free_port() for name in ("ami_port", "media_port", "console_port")}
    ports |= {name: free_port(socket.SOCK_DGRAM) for name in ("sip_port", "phones_port")}
    return given.model_copy(update={"data_dir": directory, "rtp_start": rtp, "rtp_end": rtp + 99, **ports})


@dataclass
class Held:
    """The call, and what is left of it."""

    history: list[str]
    state: str
    due: tuple[str | None, ...]
    broken: list[Any]
    events: dict[str, list[dict[str, Any]]]
    heard: NDArray[np.int16]
    """At the person's telephone, 8 kHz, from the answer on."""
    words: list[str]
    """What Whisper makes of the last 12 s of it."""
    clip: NDArray[np.int16]
    """What the worker says first in the room."""


async def hold(directory: Path) -> Held:
    world = prepare(own_place(directory), numbers=("0103",), name="transfer")
    [person] = world.personas
    at_once = {**person.me.says, "health": person.me.says["mood"]}  # what 103 says of his mood, at the first question
    person = person.model_copy(update={"me": person.me.model_copy(update={"says": at_once})})
    farm = farm_for(world.settings, [person, WORKER], directory / "phones")
    parts = build(world.settings, world.store, clock=world.clock, ledger_dir=world.directory)
    service = Service(parts, phone_port=farm.dial_port, demo=True)
    await asyncio.to_thread(farm.render)
    lines = [*service.lines_of([(person.name, AddressForm(person.address))]), *service.transfers.lines()]
    await asyncio.to_thread(parts.voice.render, lines)
    await asyncio.to_thread(farm.start)
    try:
        await service.start(scheduled=False)
        e164 = parse_number(PERSON)
        claimed = await asyncio.to_thread(call_now, world.store, e164, world.clock.now(), world.settings.node)
        await service.dialler.call(claimed)
        await asyncio.to_thread(farm.stop)
        events = {number: farm.events(number) for number in (PERSON, WORKER.number)}
        heard = left_channel(Path(next(e["recording"] for e in events[PERSON] if e["event"] == "ended")))
        said = [
            await parts.ears.transcribe(heard[at : at + 48_000]) for at in (len(heard) - 96_000, len(heard) - 48_000)
        ]
    finally:
        await service.stop()
        await asyncio.to_thread(farm.stop)
    cache = next(cache for (voice, _), cache in farm.caches().items() if voice == WORKER.me.voice)
    with world.store.read() as connection:
        history = list(connection.scalars(select(case_events.c.what).order_by(case_events.c.id)))
        state = str(connection.scalar(select(cases.c.state).where(cases.c.kind == "distress")))
        due = tuple(connection.scalars(select(due_contacts.c.disposition)))
        broken = violations(connection, world.clock.now())
    clip = np.asarray(alaw_to_pcm(cache.clip(WORKER_SAYS) or b""))
    return Held(history, state, due, broken, events, heard, [one.text for one in said], clip)


def left_channel(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as recording:
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
    return pcm.reshape(-1, 2)[:, 0].copy()


def best_match(heard: NDArray[np.int16], clip: NDArray[np.int16]) -> tuple[float, float]:
    """(normalised cross-correlation, second at which the clip begins)."""
    sound, wanted = heard.astype(float), clip.astype(float) - clip.mean()
    size = 1 << (len(sound) + len(wanted)).bit_length()
    product = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size)), size)[
        : len(sound) - len(wanted)
    ]
    energy = np.cumsum(np.concatenate(([0.0], sound**2)))
    window = np.sqrt(np.maximum(energy[len(wanted) : -1] - energy[: -len(wanted) - 1], 1.0)[: len(product)])
    found = product[: len(window)] / (window * np.sqrt((wanted**2).sum()))
    return float(found.max()), float(found.argmax() / 8000)


def test_the_person_hears_the_worker(capsys: pytest.CaptureFixture[str]) -> None:
    """The worker's own words arrive at the person's telephone; the history says rung, joined, spoke; the contact has its one end."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-transfer-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        held = asyncio.run(hold(directory))
    finally:
        if not os.environ.get("KEEP_TRANSFER"):
            shutil.rmtree(directory, ignore_errors=True)
    match, at_s = best_match(held.heard, held.clip)
    with capsys.disabled():
        print(f"\nmatch {match:.2f} at {at_s:.1f} s of {len(held.heard) / 8000:.1f} s; heard last: {held.words}")
        print(held.history)
        for number, events in held.events.items():
            for event in events:
                print(number, {k: v for k, v in event.items() if k in ("t", "event", "text", "line", "keys")})
    assert [what for what in held.history if what.startswith("transfer_")] == [
        "transfer_rung",
        "transfer_joined",
        "transfer_spoke",
    ]
    assert held.state == "acknowledged"
    assert held.due == ("contacted",)
    assert held.broken == []
    assert match > 0.7
