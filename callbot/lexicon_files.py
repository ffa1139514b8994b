"""Reads prompts/lexicon into a Lexicon."""

import hashlib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from callbot.understand.lexicon import (
    AnnouncementFile,
    AnswerFile,
    DialectFile,
    ExpectedFile,
    GuardFile,
    IntentFile,
    Lexicon,
    MemoryFile,
    RequestFile,
    SetFile,
    SignalFile,
)

T = TypeVar("T", bound=BaseModel)
DEFAULT_DIR = Path(__file__).resolve().parent.parent / "prompts" / "lexicon"


class LexiconError(ValueError):
    """A lexicon file cannot be used; the message names file, field and mend."""


def load_lexicon(directory: Path = DEFAULT_DIR) -> Lexicon:
    """Raises LexiconError."""
    files = sorted(directory.glob("*.yaml"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    signals = [file for file in files if file.name.startswith("signals-")]
    if not signals:
        raise LexiconError(f"{directory}: no signals-*.yaml here; the lexicon is in prompts/lexicon")
    return Lexicon(
        sets=_read(directory / "sets.yaml", SetFile),
        signals=tuple(_read(file, SignalFile) for file in signals),
        guards=_read(directory / "guards.yaml", GuardFile),
        answers=_read(directory / "answers.yaml", AnswerFile),
        intents=_read(directory / "intents.yaml", IntentFile),
        announcements=_read(directory / "announcements.yaml", AnnouncementFile),
        requests=_read(directory / "requests.yaml", RequestFile),
        memories=_read(directory / "memories.yaml", MemoryFile),
        dialects=_read(directory / "dialects.yaml", DialectFile),
        expected=_read(directory / "expected.yaml", ExpectedFile),
        digest=digest.hexdigest()[:12],
    )


def _read(file: Path, model: type[T]) -> T:
    try:
        data: Any = YAML(typ="safe").load(file.read_text("utf-8"))
    except (OSError, YAMLError) as error:
        raise LexiconError(f"{file}: cannot be read: {error}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise LexiconError(f"{file}: {place}: {first['msg']} (got {first.get('input')!r})") from error
