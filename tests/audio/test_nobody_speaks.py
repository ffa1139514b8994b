"""A line on which nobody speaks never yields an answer."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from callbot.adapters.whisper import WhisperEars
from callbot.cli_transcribe import Recording, transcribe_files, utterances
from callbot.line_sounds import SOUNDS, on_the_line
from callbot.settings import load
from callbot.speech_measures import RATE


@pytest.fixture(scope="module")
def recogniser() -> Iterator[tuple[asyncio.AbstractEventLoop, WhisperEars]]:
    loop = asyncio.new_event_loop()
    ears = WhisperEars(load({}).whisper_dir, workers=1, threads=2)
    loop.run_until_complete(ears.start())
    yield loop, ears
    loop.run_until_complete(ears.close())
    loop.close()


@pytest.mark.parametrize("sound", SOUNDS)
def test_no_voice_is_found_in_a_minute_of_it(sound: str) -> None:
    """Voice activity and the turn reducer find nothing worth decoding."""
    assert utterances(Recording(on_the_line(sound, 60.0), RATE)) == []


@pytest.mark.parametrize("sound", SOUNDS)
def test_the_gates_reject_it_were_it_decoded(
    sound: str, recogniser: tuple[asyncio.AbstractEventLoop, WhisperEars]
) -> None:
    """Three seconds of it, handed to Whisper behind the detector's back, come out as a rejection with a name."""
    loop, ears = recogniser
    heard = loop.run_until_complete(ears.transcribe(on_the_line(sound, 3.0)))
    assert heard.text == ""
    assert heard.rejected is not None


def test_transcribe_reports_a_silent_file_as_no_speech(
    tmp_path: Path,
    recogniser: tuple[asyncio.AbstractEventLoop, WhisperEars],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`callbot transcribe` of music: one line of JSON, no text, the reason named."""
    loop, ears = recogniser
    file = tmp_path / "music.wav"
    soundfile.write(file, on_the_line("music", 10.0), RATE)

    assert loop.run_until_complete(transcribe_files([file], ears))

    answer = json.loads(capsys.readouterr().out)
    assert (answer["text"], answer["rejected"], answer["seconds"]) == ("", "no_speech", 10.0)
