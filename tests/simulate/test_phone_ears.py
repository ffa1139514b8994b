"""Which of our lines a virtual recipient knows by ear."""

from pathlib import Path

import numpy as np

from callbot.line.g711 import alaw_to_pcm
from callbot.people.hearing_aid import STEPS
from callbot.simulate.answering import KnownLine
from callbot.simulate.hear_lines import LineEnded, LineListener
from callbot.simulate.phone_call import known_clips, line_of
from callbot.talk.aided_clip import aided
from callbot.talk.voice_cache import VOICE_PACK

CLIPS = [path for path in sorted(VOICE_PACK.glob("*/*.alaw")) if path.stat().st_size > 16000][:3]
LINES = [
    KnownLine("health.ask", "", "health", str(CLIPS[0])),
    KnownLine("meals.ask", "", "meals", str(CLIPS[1])),
    KnownLine("health.ask", "", "health", str(CLIPS[2])),
    KnownLine("health.ask", "", "health", "/nowhere.alaw"),
]


def recognised(sound: bytes, *, aided_too: bool = False) -> str | None:
    """What somebody who knows LINES takes it for."""
    listener = LineListener(known_clips(LINES, aided_too=aided_too))
    heard = listener.feed(np.concatenate([alaw_to_pcm(sound), np.zeros(8000, np.int16)]))
    [ended] = [each for each in heard if isinstance(each, LineEnded)]
    return line_of(ended.name) if ended.name else None


def test_every_wording_of_a_line_is_that_line() -> None:
    """Also where the wording that comes last has not been rendered."""
    assert [recognised(Path(path).read_bytes()) for path in CLIPS] == ["health.ask", "meals.ask", "health.ask"]


def test_who_hears_badly_knows_slower_and_louder_lines() -> None:
    """The same line stretched and louder; to anybody else it is a sound nobody told them about."""
    slower = aided(CLIPS[1].read_bytes(), STEPS[2])
    assert recognised(slower, aided_too=True) == "meals.ask"
    assert recognised(slower) is None
