"""The bench of answers: what it is made of, how it counts, and that the shipped rules keep what was measured."""

import subprocess
import sys
from collections import Counter, defaultdict

import pytest
from ruamel.yaml import YAML

from callbot.bench_answers import SET, Item, Read, figures, read_items
from callbot.settings import ROOT
from callbot.understand.meaning import CHECK_IN_TOPICS, AnswerValue, Topic

OK, BAD, UNSURE = AnswerValue.OK, AnswerValue.BAD, AnswerValue.UNSURE


def test_the_set_is_what_the_issue_asks_for() -> None:
    """At least 300 answers to each question, of all three kinds, in dialect and misspelt as well."""
    items = read_items()
    by_topic = defaultdict(list)
    for item in items:
        by_topic[item.topic].append(item)
    assert set(by_topic) == set(CHECK_IN_TOPICS)
    for topic, group in by_topic.items():
        assert len(group) >= 300, topic
        assert min(Counter(item.label for item in group).values()) >= 30
        assert sum("noise" in item.kind for item in group) >= 60
        assert sum("dialect" in item.kind for item in group) >= 60
    assert len({(item.topic, item.text) for item in items}) == len(items)


def test_the_set_is_made_by_its_script() -> None:
    """Whoever changes a written answer makes the file anew, and says so with the figures."""
    made = subprocess.run([sys.executable, ROOT / "scripts" / "make-answer-bench.py", "--check"], check=False)
    assert made.returncode == 0


def test_the_set_is_apart_from_what_the_rules_were_made_with() -> None:
    """No written answer stands in the lexicon, the scripts, the personas or the other sets."""
    known = "".join(
        path.read_text("utf-8")
        for folder in ("prompts", "tests/data", "tests/scenarios")
        for path in (ROOT / folder).rglob("*.yaml")
        if path.parent != SET.parent
    )
    written = YAML(typ="safe").load((SET.parent / "written.yaml").read_text("utf-8"))
    texts = [text for groups in written.values() for texts in groups.values() for text in texts]
    found = [text for text in texts if len(text) > 8 and text in known]
    assert found == ["두 번 먹은 것 같아요"], "one was found in a signal of the lexicon after it had been measured"


def read(label: AnswerValue, value: AnswerValue, written: str = "a", *, glad: bool = False) -> Read:
    return Read(Item(Topic.MEALS, label, written, "plain", "말"), value, glad)


@pytest.mark.parametrize(
    ("label", "value", "wrong", "again"),
    [
        (OK, OK, False, False),
        (OK, BAD, True, False),
        (OK, UNSURE, False, True),
        (BAD, OK, True, False),
        (BAD, BAD, False, False),
        (BAD, UNSURE, False, True),
        (UNSURE, OK, True, False),
        (UNSURE, BAD, False, False),
        (UNSURE, UNSURE, False, False),
    ],
)
def test_what_is_wrong(label: AnswerValue, value: AnswerValue, wrong: bool, again: bool) -> None:
    """Fine for what is not fine, or bad for fine. To take an unclear answer for a worry costs a caseworker a look, no more."""
    assert (read(label, value).wrong, read(label, value).asked_again) == (wrong, again)


def test_figures_count_variants_and_written_answers() -> None:
    """Variants of one written answer are not independent: both counts are given."""
    found = figures([read(BAD, OK, glad=True), read(BAD, BAD), read(OK, OK, "b"), read(OK, UNSURE, "b")])
    assert found["wrong"]["part"] == 1
    assert (found["wrong_written"]["part"], found["wrong_written"]["of"]) == (1, 2)
    assert (found["bad_as_ok"], found["ok_as_bad"], found["glad_wrongly"]) == (1, 0, 1)
    assert found["asked_again"]["part"] == 1
