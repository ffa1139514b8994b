"""Who or what picked up, from the first words: as written, and as a small recogniser heard them through the telephone."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from callbot.converse.events import Heard
from callbot.converse.notes import confirms_identity
from callbot.dial.announced import effect_of
from callbot.settings import ROOT
from callbot.talk.early_words import announced
from callbot.understand.meaning import Intent, Topic
from callbot.understand.understander import Understander

DATA = ROOT / "tests" / "data"
PEOPLE = {"person", "organisation"}
MACHINE = {Intent.MACHINE, Intent.ANNOUNCEMENT}
QUESTION = "김순자 어르신 맞으세요?"


@dataclass(frozen=True)
class Opening:
    kind: str
    text: str
    held_out: bool
    alternatives: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        return self.kind in PEOPLE


@cache
def written() -> tuple[Opening, ...]:
    """tests/data/openings.yaml (every third of a group is held out), and the older set of development."""
    groups = YAML(typ="safe").load((DATA / "openings.yaml").read_text("utf-8"))
    found = [Opening(kind, text, at % 3 == 2) for kind, texts in groups.items() for at, text in enumerate(texts)]
    lines = (DATA / "score" / "openings.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return (*found, *(Opening(row["expect"], row["text"], held_out=False) for row in rows))


@cache
def heard() -> tuple[Opening, ...]:
    """What Whisper base made of some of them, spoken by Kokoro through G.711 (scripts/hear-openings.py)."""
    lines = Path(DATA / "openings_heard.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(
        Opening(row["kind"], row["heard"], row["held_out"], tuple(row["alternatives"]))
        for row in rows
        if row["rejected"] is None
    )


def what_follows(kind: str | None) -> tuple[object, bool]:
    """The delay before the next call, and whether the number is given up."""
    effect = effect_of(kind)
    return (None, False) if effect is None else (effect.cause, effect.number_is_bad)


def is_machine(understander: Understander, opening: Opening) -> bool:
    meaning = understander.hear(opening.text, Topic.NOTICE, alternatives=opening.alternatives)
    return bool(meaning.intents & MACHINE)


@pytest.mark.parametrize("held_out", [False, True])
def test_people_are_hardly_ever_taken_for_machines(understander: Understander, held_out: bool) -> None:
    """At most 0.5 %, of what is written and of what was heard; on the part nobody looked at as well."""
    people = [one for one in (*written(), *heard()) if one.is_person and one.held_out == held_out]
    wrong = [one.text for one in people if is_machine(understander, one)]
    assert len(wrong) <= 0.005 * len(people), wrong


def test_no_machine_is_taken_for_contact(understander: Understander) -> None:
    """Not one machine's sentence, written or heard, says yes to "… 맞으세요?": none can become contact."""
    machines = [one for one in (*written(), *heard()) if not one.is_person]
    taken = []
    for one in machines:
        meaning = understander.hear(
            one.text, Topic.IDENTITY, question=QUESTION, alternatives=one.alternatives, name="김순자"
        )
        if confirms_identity(Heard(one.text, meaning, 0.9, 1)):
            taken.append(one.text)
    assert taken == []


@pytest.mark.parametrize("held_out", [False, True])
def test_machines_are_recognised(understander: Understander, held_out: bool) -> None:
    """Of those written 96 %, of those heard by a small recogniser 75 %: the rest is a voice that never becomes contact."""
    for openings, least in ((written(), 0.96), (heard(), 0.75)):
        machines = [one for one in openings if not one.is_person and one.held_out == held_out]
        found = [one for one in machines if is_machine(understander, one)]
        assert len(found) >= least * len(machines), [one.text for one in machines if one not in found]


def test_before_the_answer_the_kind_is_right_in_what_it_does(understander: Understander) -> None:
    """Of garbled announcements two in three lead to the right delay, and none of another kind to a bad number."""
    machines = [one for one in heard() if one.kind in {"off", "no_such_number", "suspended", "busy", "out_of_area"}]
    kinds = {one: announced(understander, [one.text, *one.alternatives]) for one in machines}
    right = [one for one, kind in kinds.items() if what_follows(kind) == what_follows(one.kind)]
    useless = {"no_such_number", "suspended"}
    assert [one.text for one, kind in kinds.items() if kind in useless and one.kind not in useless] == []
    assert len(right) >= 0.65 * len(machines), [(one.text, kind) for one, kind in kinds.items() if one not in right]


def test_the_set_is_large_enough_to_mean_something() -> None:
    """At least 600 written, a third of them held out, of people at least 350; and what was heard of at least 110."""
    own = written()
    assert len(own) >= 600
    assert sum(one.is_person for one in own) >= 350
    assert sum(one.held_out for one in own) >= 190
    assert len(heard()) >= 110
