"""Virtual recipients over real SIP and G.711: one pjsua2 process calls another, no Asterisk, no model."""

import json
import subprocess
import sys
import wave
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from callbot.simulate.answering import KnownLine
from callbot.simulate.farm import PhoneFarm, PhonesDown
from callbot.simulate.hear_lines import STEP, _loud, known_clip, similarity, spectra
from callbot.simulate.persona import Persona
from callbot.simulate.sounds import read_alaw
from callbot.talk.voice_cache import VoiceCache

FIRST_PORT, CALLER_PORT = 15400, 15450
HERE = Path(__file__).parent


class Babble:
    """Speaks noise with the rhythm of syllables, another for every text: quick, and as unlike as two sentences are."""

    version = "babble-1"

    def speak(self, text: str, voice: str, speed: float, *, slow: bool = False) -> NDArray[np.int16]:  # noqa: ARG002
        """0.12 s a character."""
        random = np.random.default_rng(zlib.crc32(f"{text}{voice}{slow}".encode()))
        pieces = []
        for _ in text:
            t = np.arange(960) / 8000
            tones = sum(np.sin(2 * np.pi * hz * t) for hz in random.uniform(250, 3300, 3))
            pieces.append(tones * np.hanning(960) * random.uniform(2000, 6000))
        return np.concatenate(pieces).astype(np.int16)


MEALS = "식사는 잘 챙겨 드세요?"
SLEEP = "밤에 잠은 잘 주무세요?"
PEOPLE = [
    {"number": "010-0000-0901", "name": "가", "about": "대답한다", "answers_after_s": 0.2,
     "me": {"gap_s": 0.6, "pickup": "여보세요.", "says": {"meals": ["잘 먹어요.", "먹었다니까요."], "sleep": "못 자요."}}},
    {"number": "010-0000-0902", "name": "나", "about": "통화 중", "calls": ["busy", "answer"], "answers_after_s": 0.1,
     "me": {"pickup": ""}},
    {"number": "010-0000-0903", "name": "다", "about": "거절", "calls": ["reject"], "answers_after_s": 0.3},
    {"number": "010-0000-0904", "name": "라", "about": "안 받음", "calls": ["no_answer"]},
    {"number": "010-0000-0905", "name": "마", "about": "소리샘", "calls": ["voicemail"], "answers_after_s": 0.1,
     "voicemail": {"greeting": "소리샘입니다.", "beep_s": 0.4}},
    {"number": "010-0000-0906", "name": "바", "about": "끊음", "answers_after_s": 0.1, "hang_up": {"after_s": 1.0}},
    {"number": "010-0000-0907", "name": "사", "about": "전원 꺼짐", "calls": ["switched_off"], "announcement": "전원이 꺼져 있습니다."},
    {"number": "010-0000-0908", "name": "아", "about": "끼어듦", "answers_after_s": 0.1, "noise_dbfs": -50,
     "me": {"pickup": "", "says": {"meals": {"say": "네네네.", "barge_in_s": 1.0, "press": "1"}}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneFarm]:
    work = tmp_path_factory.mktemp("phones")
    people = [Persona.model_validate(person) for person in PEOPLE]
    bot = VoiceCache(work / "voice", Babble(), "bot")
    bot.render([(MEALS, False), (SLEEP, False)])
    lines = [
        KnownLine("meals.ask", MEALS, "meals", str(bot.path(MEALS))),
        KnownLine("sleep.ask", SLEEP, "sleep", str(bot.path(SLEEP))),
    ]
    farm = PhoneFarm(
        people, first_port=FIRST_PORT, workdir=work, voice_cache_dir=work / "voice", engine=Babble(),
        lines={person.number: lines for person in people},
    )  # fmt: skip
    assert farm.render() > 0
    farm.start()
    yield farm
    farm.stop()


def call(farm: PhoneFarm, number: str, tmp_path: Path, *options: str) -> dict[str, Any]:
    uri = f"sip:{number.replace('-', '')}@127.0.0.1:{farm.dial_port(number)}"
    arguments = [sys.executable, "-W", "ignore", str(HERE / "sip_caller.py"), uri, "--port", str(CALLER_PORT)]
    done = subprocess.run(
        [*arguments, "--out", str(tmp_path / "call.wav"), *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def wait_for_end(farm: PhoneFarm, number: str) -> list[dict[str, Any]]:
    for _ in range(100):
        events = farm.events(number)
        if events and events[-1]["event"] == "ended":
            return events
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError(f"the call to {number} did not end: {farm.events(number)}")


def named(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == name]


def heard(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    return samples[:, 0]


def clip_path(farm: PhoneFarm, text: str) -> Path:
    return VoiceCache(farm.workdir / "voice", Babble(), "jf_nezumi").path(text)


def test_answers_what_was_asked(farm: PhoneFarm, tmp_path: Path) -> None:
    """The recipient knows by ear which question was asked, whatever the order, and answers after a human pause."""
    bot = VoiceCache(farm.workdir / "voice", Babble(), "bot")
    plays = [f"1.8={bot.path(SLEEP)}", f"5.0={bot.path(MEALS)}", f"8.5={bot.path(MEALS)}"]
    options = [part for play in plays for part in ("--play", play)]
    report = call(farm, "010-0000-0901", tmp_path, *options, "--at-most", "14", "--hang-up-after", "12")
    events = wait_for_end(farm, "010-0000-0901")
    assert 200 in report["codes"]
    assert [event["line"] for event in named(events, "bot_silent")] == ["sleep.ask", "meals.ask", "meals.ask"]
    said = named(events, "says")
    assert [event["text"] for event in said] == ["여보세요.", "못 자요.", "잘 먹어요.", "먹었다니까요."]
    for silent, answer in zip(named(events, "bot_silent"), said[1:], strict=True):
        assert 0.55 <= answer["t"] - silent["t"] <= 1.1  # 0.6 s and a busy machine


def test_sound_arrives_over_g711(farm: PhoneFarm, tmp_path: Path) -> None:
    """What the recipient says is heard by the caller as it was rendered."""
    call(farm, "010-0000-0901", tmp_path, "--hang-up-after", "2.2")
    sound = heard(tmp_path / "call.wav")
    steps = np.flatnonzero(_loud(sound))
    rows = spectra(sound)[steps[0] :]
    clip = known_clip("hello", read_alaw(clip_path(farm, "여보세요."))).spectra
    assert max(similarity(rows[i : i + len(clip)], clip) for i in range(3)) > 0.9


def test_busy_then_answers(farm: PhoneFarm, tmp_path: Path) -> None:
    """The first call meets 486, the second an open line."""
    assert call(farm, "010-0000-0902", tmp_path)["codes"][-1] == 486
    assert 200 in call(farm, "010-0000-0902", tmp_path, "--hang-up-after", "0.3")["codes"]


def test_reject(farm: PhoneFarm, tmp_path: Path) -> None:
    """A person who presses "거절" is 603 after some ringing."""
    assert call(farm, "010-0000-0903", tmp_path)["codes"][-2:] == [180, 603]


def test_no_answer(farm: PhoneFarm, tmp_path: Path) -> None:
    """The phone rings until the caller gives up."""
    report = call(farm, "010-0000-0904", tmp_path, "--at-most", "1.0")
    assert report["codes"][-1] == 487
    assert report["talked_s"] is None
    assert not named(wait_for_end(farm, "010-0000-0904"), "answered")


def test_voicemail(farm: PhoneFarm, tmp_path: Path) -> None:
    """A voicemail answers, greets and beeps at 1 kHz, then listens."""
    report = call(farm, "010-0000-0905", tmp_path, "--hang-up-after", "3.2")
    assert 200 in report["codes"]
    sound = heard(tmp_path / "call.wav").astype(float)
    beep = sound[int(named(wait_for_end(farm, "010-0000-0905"), "beeped")[0]["t"] * 8000) - 2000 :][:1024]
    peak = np.abs(np.fft.rfft(beep * np.hanning(len(beep)))).argmax() * 8000 / 1024
    assert abs(peak - 1000) < 16


def test_hangs_up(farm: PhoneFarm, tmp_path: Path) -> None:
    """A person who hangs up after a second ends the call, not the caller."""
    report = call(farm, "010-0000-0906", tmp_path)
    assert report["over"]
    assert 0.9 <= report["talked_s"] <= 1.6


def test_switched_off(farm: PhoneFarm, tmp_path: Path) -> None:
    """A carrier's announcement is heard in early media; the call is never answered."""
    report = call(farm, "010-0000-0907", tmp_path)
    assert 183 in report["codes"]
    assert report["codes"][-1] == 480
    assert report["talked_s"] is None
    assert _loud(heard(tmp_path / "call.wav")).sum() * STEP / 8000 > 0.5


def test_unknown_number(farm: PhoneFarm, tmp_path: Path) -> None:
    """A number that nobody has is 404."""
    uri = f"sip:01000000999@127.0.0.1:{FIRST_PORT}"
    arguments = [sys.executable, "-W", "ignore", str(HERE / "sip_caller.py"), uri, "--port", str(CALLER_PORT)]
    done = subprocess.run(
        [*arguments, "--out", str(tmp_path / "c.wav")], capture_output=True, text=True, timeout=30, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1])["codes"][-1] == 404


def test_speaks_over_the_bot_and_presses_a_key(farm: PhoneFarm, tmp_path: Path) -> None:
    """A recipient may talk over a question it has recognised, and press a key that the caller receives."""
    bot = VoiceCache(farm.workdir / "voice", Babble(), "bot")
    report = call(farm, "010-0000-0908", tmp_path, "--play", f"0.8={bot.path(MEALS)}", "--hang-up-after", "3.5")
    events = wait_for_end(farm, "010-0000-0908")
    began, said = named(events, "bot_speaks")[0]["t"], named(events, "says")[0]
    assert 0.95 <= said["t"] - began <= 1.5
    assert report["digits"] == "1"


def test_port_in_use(farm: PhoneFarm, tmp_path: Path) -> None:
    """A taken port is one clear sentence, not a hang."""
    second = PhoneFarm(
        farm.personas[:1], first_port=FIRST_PORT, workdir=tmp_path, voice_cache_dir=tmp_path, engine=Babble()
    )
    with pytest.raises(PhonesDown, match=rf"포트 {FIRST_PORT}.*CALLBOT_PHONES_PORT"):
        second.start()
