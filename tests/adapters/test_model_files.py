"""Weights in parts: joined whole and checked, or not at all."""

from pathlib import Path

import pytest

from callbot.adapters import model_files
from callbot.adapters.model_files import ModelFilesError, join_whisper


def parts(directory: Path) -> list[Path]:
    """Two package data directories with invented weights."""
    for number in (1, 2):
        data = directory / f"part{number}"
        data.mkdir()
        (data / f"model.bin.part{number}").write_bytes(b"x" * number)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (data / name).write_text("{}")
    return [directory / "part1", directory / "part2"]


def test_wrong_weights_leave_nothing_behind(tmp_path: Path) -> None:
    """Weights whose sha256 is not the pinned one are refused in one sentence, and no half-made directory stays."""
    models = tmp_path / "models"
    with pytest.raises(ModelFilesError, match=r"not the ones expected \(model\.bin.*sha256 differs"):
        join_whisper(models, parts(tmp_path))
    assert list(models.iterdir()) == []


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    """An absent part is named, with the command that mends it."""
    sources = parts(tmp_path)
    (sources[1] / "model.bin.part2").unlink()
    with pytest.raises(ModelFilesError, match=r"model\.bin\.part2.*make setup"):
        join_whisper(tmp_path / "models", sources)
    assert list((tmp_path / "models").iterdir()) == []


def test_the_installed_weights_join_once(tmp_path: Path) -> None:
    """The installed packages give the pinned model; a second call changes nothing; a damaged one is made anew."""
    made = join_whisper(tmp_path)
    assert model_files.wrong_files(made) == []
    before = (made / "model.bin").stat().st_mtime_ns
    assert join_whisper(tmp_path) == made
    assert (made / "model.bin").stat().st_mtime_ns == before
    (made / "config.json").write_text("damaged")
    join_whisper(tmp_path)
    assert model_files.wrong_files(made) == []
    assert [path.name for path in tmp_path.iterdir()] == ["whisper-base"]
