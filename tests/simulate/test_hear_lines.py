"""The bot's lines are recognised by ear, as they come through a telephone."""

import audioop
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from callbot.simulate.hear_lines import (
    LINE_OVER_S,
    STEP,
    Heard,
    LineBegan,
    LineEnded,
    LineListener,
    LineRecognised,
    _similarities,
    known_clip,
    similarity,
    spectra,
)

Pcm = NDArray[np.int16]
SILENCE = np.zeros(6000, np.int16)


def speech(text: str) -> Pcm:
    """Noise with the rhythm of syllables, another for every character."""
    pieces = []
    for char in text:
        if char == " ":
            pieces.append(np.zeros(2400))
            continue
        random = np.random.default_rng(zlib.crc32(char.encode()))
        t = np.arange(960) / 8000
        pieces.append(sum(np.sin(2 * np.pi * hz * t) for hz in random.uniform(250, 3300, 3)) * np.hanning(960) * 4000)
    return np.concatenate(pieces).astype(np.int16)


LINES = {
    "hello": "안녕하세요동구청입니다",
    "meals": "식사는 잘하셨나요",
    "sleep": "밤에 잠은 주무세요",
    "bye": "알겠습니다",
    "long_bye": "알겠습니다 다시전화드릴게요",
}


def telephone(pcm: Pcm, *, delay: int = 40, loss: float = 0.0, seed: int = 1) -> Pcm:
    """Through ulaw, off by a part of a frame, with lost packets."""
    data = audioop.ulaw2lin(audioop.lin2ulaw(pcm.astype("<i2").tobytes(), 2), 2)
    out = np.concatenate([np.zeros(delay, np.int16), np.frombuffer(data, np.int16)])
    random = np.random.default_rng(seed)
    for start in range(0, len(out) - STEP, STEP):
        if random.random() < loss:
            out[start : start + STEP] = 0
    return out


def listen(sound: Sequence[Pcm], *, frame: int = 160) -> list[Heard]:
    ear = LineListener([known_clip(name, speech(text)) for name, text in LINES.items()])
    whole = np.concatenate([SILENCE[:1000], *sound, SILENCE])
    return [heard for start in range(0, len(whole), frame) for heard in ear.feed(whole[start : start + frame])]


def ends(heard: list[Heard]) -> list[LineEnded]:
    return [event for event in heard if isinstance(event, LineEnded)]


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("loss", [0.0, 0.03])
def test_every_line_is_recognised(name: str, loss: float) -> None:
    """Through G.711, shifted against the frames, with 3 % of the packets lost."""
    heard = listen([telephone(speech(LINES[name]), loss=loss)])
    assert [event.name for event in ends(heard)] == [name]
    assert ends(heard)[0].whole


def test_times() -> None:
    """Beginning and end are told to within two frames."""
    sound = telephone(speech(LINES["meals"]), delay=0)
    heard = listen([sound])
    began = next(event for event in heard if isinstance(event, LineBegan))
    assert abs(began.at_s - 1000 / 8000) < 0.05
    assert abs(ends(heard)[0].at_s - (1000 + len(sound)) / 8000) < 0.05


def test_frame_size_does_not_matter() -> None:
    """Sound may arrive in any portions."""
    sound = [telephone(speech(LINES["sleep"]))]
    assert listen(sound, frame=160) == listen(sound, frame=777)


def test_recognised_before_its_end() -> None:
    """After 0.6 s of a line it is known which one it is, so that one can talk over it."""
    heard = listen([telephone(speech(LINES["hello"]))])
    names = [type(event) for event in heard]
    assert names == [LineBegan, LineRecognised, LineEnded]


def test_two_lines_without_a_pause() -> None:
    """Where one line follows at once, what is asked is the last one."""
    heard = listen([telephone(speech(LINES["hello"])), SILENCE[:1600], telephone(speech(LINES["meals"]))])
    assert [event.name for event in ends(heard)] == ["meals"]


def test_a_line_that_begins_like_another() -> None:
    """ "알겠습니다" alone is not mistaken for the longer line that begins with it, nor the other way."""
    assert [event.name for event in ends(listen([speech(LINES["bye"])]))] == ["bye"]
    assert [event.name for event in ends(listen([speech(LINES["long_bye"])]))] == ["long_bye"]


def test_of_two_lines_that_end_alike_the_better_one_is_taken() -> None:
    """ "밥은 잘 드세요?" is not taken for "약은 잘 드세요?" because that one is a little longer."""
    said, other = "밥은요즘도잘드시고계세요", "약약은요즘도잘드시고계세요"
    ear = LineListener([known_clip("rice", speech(said)), known_clip("pills", speech(other))])
    assert [event.name for event in ends(ear.feed(np.concatenate([telephone(speech(said)), SILENCE])))] == ["rice"]


def test_broken_off() -> None:
    """A line that stops in the middle (barge-in) is named, with the seconds that were played."""
    whole = speech(LINES["hello"])
    heard = ends(listen([telephone(whole[: len(whole) // 2])]))
    assert [(event.name, event.whole) for event in heard] == [("hello", False)]
    assert abs(heard[0].played_s - len(whole) / 2 / 8000) < 0.1


def test_a_long_pause_inside_a_line_is_not_its_end() -> None:
    """A known pause is waited out."""
    text = speech("가나다라마"), np.zeros(int(8000 * (LINE_OVER_S + 0.3)), np.int16), speech("바사아자차카")
    line = np.concatenate(text)
    ear = LineListener([known_clip("pause", line)])
    heard = ear.feed(np.concatenate([line, SILENCE]))
    assert [(event.name, event.whole) for event in ends(heard)] == [("pause", True)]


def test_unknown_line() -> None:
    """A line that nobody told us about is heard, and not taken for a known one."""
    assert [event.name for event in ends(listen([speech("카타파하거너더러머")]))] == [None]


def test_silence_is_nothing() -> None:
    """Digital silence and a faint hum are no line."""
    hum = (60 * np.sin(np.arange(16_000) * 2 * np.pi * 60 / 8000)).astype(np.int16)
    assert listen([hum]) == []


def test_similarity() -> None:
    """1 for the same sound; two different ones are far from it."""
    left, right = spectra(speech("가나다라마바사")), spectra(speech("아자차카타파하"))
    assert similarity(left, left) == pytest.approx(1)
    assert similarity(left, right) < 0.6
    stretches = _similarities(right[5:15], right)
    assert stretches.argmax() == 5
    assert stretches[3] == pytest.approx(similarity(right[5:15], right[3:13]), abs=1e-4)
