"""`callbot bench answers`: how often the answer to a question is taken down wrongly, by question, on answers kept apart from the rules.

Only figures are given, never an item: rules are not to be mended by looking at them (docs/measurements/answers.md).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callbot.assess.interval import share
from callbot.converse.question import GLAD_CONFIDENCE
from callbot.converse.script import Script
from callbot.settings import ROOT
from callbot.understand.meaning import AnswerValue, Meaning, Topic
from callbot.understand.understander import Understander

SET = ROOT / "tests" / "data" / "answers" / "answers.jsonl"
TARGET = 0.02
"""Of issue 4: the most answers that may be taken down wrongly."""
CONFIDENCE = 0.7
"""As of an utterance that was heard well enough; nothing was said aloud here."""


@dataclass(frozen=True)
class Item:
    """One answer of known meaning."""

    topic: Topic
    label: AnswerValue
    written: str
    """The hand-written answer it was made of: its variants stand or fall together."""
    kind: str
    text: str


@dataclass(frozen=True)
class Read:
    """How it was understood."""

    item: Item
    value: AnswerValue
    glad: bool
    """The bot would have said how glad it is."""

    @property
    def wrong(self) -> bool:
        """Taken down as what it is not: fine for bad or for unclear, bad for fine."""
        label, value = self.item.label, self.value
        if value is AnswerValue.OK:
            return label is not AnswerValue.OK
        return value is AnswerValue.BAD and label is AnswerValue.OK

    @property
    def asked_again(self) -> bool:
        """A human would have understood; we ask once more."""
        return self.value is AnswerValue.UNSURE and self.item.label is not AnswerValue.UNSURE


def read_items(path: Path = SET) -> list[Item]:
    """All of the set."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [
        Item(Topic(row["topic"]), AnswerValue(row["label"]), row["written"], row["kind"], row["text"]) for row in rows
    ]


def measure(understander: Understander, script: Script, path: Path = SET) -> dict[str, Any]:
    """By question and by kind of variant."""
    questions = {question.id: question.ask for question in script.questions}
    read = [understood(item, questions[item.topic], understander) for item in read_items(path)]
    topics = _groups(read, lambda one: one.item.topic.value)
    kinds = _groups(read, lambda one: one.item.kind)
    return {
        "target": TARGET,
        "all": figures(read),
        "questions": {topic: figures(group) for topic, group in topics.items()},
        "kinds": {kind: _short(group) for kind, group in kinds.items()},
        "over_target": [topic for topic, group in topics.items() if sum(r.wrong for r in group) > TARGET * len(group)],
    }


def understood(item: Item, question: str, understander: Understander) -> Read:
    """As a call would hear it."""
    meaning = understander.hear(item.text, item.topic, question=question, confidence=CONFIDENCE, by_ear=True)
    return Read(item, meaning.answer, _is_glad(meaning))


def _is_glad(meaning: Meaning) -> bool:
    """As converse.question.may_be_glad at the beginning of a call."""
    worrying = any(signal.level.rank >= 1 for signal in meaning.signals) or bool(meaning.requests)
    fine = meaning.answer is AnswerValue.OK and bool(meaning.evidence)
    return fine and not worrying and CONFIDENCE >= GLAD_CONFIDENCE


def figures(read: Sequence[Read]) -> dict[str, Any]:
    """Shares with 95 % intervals. `wrong_written`: the same over hand-written answers, of which one variant is enough."""
    written: defaultdict[str, bool] = defaultdict(bool)
    for one in read:
        written[one.item.written] |= one.wrong
    clear = [one for one in read if one.item.label is not AnswerValue.UNSURE]
    return {
        "n": len(read),
        "wrong": share(sum(one.wrong for one in read), len(read)),
        "wrong_written": share(sum(written.values()), len(written)),
        "bad_as_ok": sum(one.value is AnswerValue.OK and one.item.label is AnswerValue.BAD for one in read),
        "ok_as_bad": sum(one.value is AnswerValue.BAD and one.item.label is AnswerValue.OK for one in read),
        "unclear_as_ok": sum(one.value is AnswerValue.OK and one.item.label is AnswerValue.UNSURE for one in read),
        "glad_wrongly": sum(one.glad and one.item.label is not AnswerValue.OK for one in read),
        "asked_again": share(sum(one.asked_again for one in clear), len(clear)),
    }


def _short(read: Sequence[Read]) -> dict[str, Any]:
    found = figures(read)
    return {name: found[name] for name in ("n", "wrong", "asked_again")}


def _groups(read: Iterable[Read], name: Callable[[Read], str]) -> dict[str, list[Read]]:
    groups: defaultdict[str, list[Read]] = defaultdict(list)
    for one in read:
        groups[name(one)].append(one)
    return dict(sorted(groups.items()))
