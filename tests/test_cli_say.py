"""`callbot say`."""

import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callbot.cli import build


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build(["say"]), ["say", *arguments])


def test_speaks_into_a_file(tmp_path: Path) -> None:
    """A telephone WAV of what was said, figures included."""
    out = tmp_path / "out.wav"
    result = run("3번", "-o", str(out))
    assert result.exit_code == 0, result.output
    with wave.open(str(out)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert 0.2 < file.getnframes() / 8000 < 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["...", "-o", "{}/a.wav"], "한글"),
        (["네", "-o", "{}/a.wav", "--voice", "jf_nobody"], "jf_nobody"),
        (["네", "-o", "{}/nowhere/a.wav"], "쓸 수 없습니다"),
    ],
)
def test_bad_input(tmp_path: Path, arguments: list[str], said: str) -> None:
    """One sentence on stderr, exit 1, and no file."""
    result = run(*[argument.format(tmp_path) for argument in arguments])
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.wav"))
