"""`callbot transcribe`: JSON lines on stdout, one clear sentence on stderr for a file that cannot be read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callbot.adapters.kokoro import KokoroVoice
from callbot.bench_ears import on_the_line, speak
from callbot.cli_transcribe import CannotRead, read, utterances
from callbot.settings import ROOT
from callbot.speech_measures import RATE, character_errors

SAID = ("밥은 먹었어요.", "무릎이 아파서 밖에 못 나가요.")
PROGRAM = "import typer; from callbot.cli_transcribe import command; typer.run(command)"


@pytest.fixture(scope="module")
def call() -> np.ndarray:
    """Two sentences by the embedded voice, 1.5 s apart, through the telephone; rendered once a machine."""
    cache = ROOT / ".state" / "test-cache" / "spoken"
    spoken = [on_the_line(speak(text, "jf_nezumi", cache, KokoroVoice())) for text in SAID]
    gap = np.zeros(RATE * 3 // 2, dtype=np.int16)
    return np.concatenate([spoken[0], gap, spoken[1], gap])


def test_a_recording_is_cut_into_its_utterances(call: np.ndarray, tmp_path: Path) -> None:
    """Two sentences are two utterances, whatever the file's rate, channels and sample format."""
    soundfile.write(tmp_path / "8.wav", call, RATE)
    soundfile.write(tmp_path / "44.flac", np.stack([np.repeat(call, 6)] * 2, axis=1), 48_000)
    telephone, studio = (utterances(read(tmp_path / name)) for name in ("8.wav", "44.flac"))
    assert len(telephone) == len(studio) == 2
    for one, other in zip(telephone, studio, strict=True):
        assert one.start_s == pytest.approx(other.start_s, abs=0.1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.wav", None, "no such file"),
        ("text.wav", b"hello", "not a sound file"),
        ("empty.wav", b"", "not a sound file"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    """The sentence names the file and what is wrong with it."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CannotRead, match=f"{name}: .*{message}"):
        read(file)


def test_a_sound_file_without_samples_is_named(tmp_path: Path) -> None:
    """A header alone."""
    file = tmp_path / "header.wav"
    soundfile.write(file, np.zeros(0, dtype=np.int16), RATE)
    with pytest.raises(CannotRead, match="holds no sound"):
        read(file)


def test_the_command_transcribes_what_it_can(call: np.ndarray, tmp_path: Path) -> None:
    """A broken file is told on stderr and in the exit status; the others are still done; silence is a rejection."""
    (tmp_path / "broken.wav").write_bytes(b"RIFF....WAVE")
    soundfile.write(tmp_path / "call.wav", call, RATE)
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE * 2, dtype=np.int16), RATE)

    files = ("broken.wav", "call.wav", "silence.wav")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr.startswith(str(tmp_path / "broken.wav"))
    assert ran.stderr.count("\n") == 1
    spoken, silent = (json.loads(line) for line in ran.stdout.splitlines())
    assert set(spoken) == {"file", "text", "seconds", "cpu_seconds", "rejected"}
    assert spoken["rejected"] is None
    assert spoken["cpu_seconds"] > 0
    edits, length = character_errors(" ".join(SAID), spoken["text"])
    assert edits / length < 0.4
    assert (silent["text"], silent["rejected"]) == ("", "no_speech")


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """No traceback."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--model", str(tmp_path / "nowhere"), "x.wav"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.count("\n") == 1
    assert "nowhere does not exist" in ran.stderr
