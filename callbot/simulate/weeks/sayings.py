"""The bank of invented answers (prompts/simulation/sayings.yaml). Labels are for the report only; the program hears words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from callbot.settings import ROOT

BANK = ROOT / "prompts" / "simulation" / "sayings.yaml"


class Distress(BaseModel):
    """Something alarming, when it is said, and how bad a human finds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    category: str
    level: str
    say: str


class Bank(BaseModel):
    """Everything that can be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[str, dict[str, tuple[str, ...]]]
    follow_up: tuple[str, ...]
    distress: tuple[Distress, ...]
    pickup: tuple[str, ...]
    voicemail: tuple[str, ...]
    announcement: tuple[str, ...]
    no_such_number: tuple[str, ...]
    busy: tuple[str, ...]
    refuse: tuple[str, ...]
    do_not_call: tuple[str, ...]
    wrong_number: tuple[str, ...]
    other_person: tuple[str, ...]
    dead: tuple[str, ...]
    in_hospital: tuple[str, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True)
class Saying:
    """Words, and what they are known to mean."""

    text: str
    label: str = "other"
    """`ok`, `bad`, `unclear`, `distress`, `other`."""
    topic: str = ""


def read_bank(path: Path = BANK) -> Bank:
    """Raises OSError or pydantic's ValidationError: the bank is part of the program."""
    raw: Any = YAML(typ="safe").load(path.read_text("utf-8"))
    return Bank.model_validate(raw)
