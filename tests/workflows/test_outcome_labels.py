"""An outcome becomes a label; rules in the shadow."""

from datetime import timedelta

from ledger_calls import at, dial, signal
from ledger_fixtures import Town
from sqlalchemy import select, update

from callbot.assess.feedback import Verdict
from callbot.assess.shadow import compare
from callbot.converse.transcript import Turn
from callbot.store.feedback_rows import labelled
from callbot.store.tables import cases
from callbot.understand.meaning import Category
from callbot.understand.understander import Understander
from callbot.workflows.raise_signals import raise_signals


def test_the_outcome_of_a_case_labels_its_findings(town: Town) -> None:
    """A false alarm is false; an open case, or one closed outside the period, is no label."""
    call = dial(town).answer(at(0.2)).say()
    raise_signals(town.store, call.call_id, [signal()], at(0.5))
    day = timedelta(days=1)
    with town.store.read() as connection:
        assert labelled(connection, at(0) - day, at(0) + day) == []
    with town.store.write() as connection:
        closed = {"state": "closed", "outcome": "false_alarm", "closed_at": at(3)}
        connection.execute(update(cases).values(**closed))
        assert connection.scalar(select(cases.c.outcome)) == "false_alarm"
    with town.store.read() as connection:
        (label,) = labelled(connection, at(0) - day, at(0) + day)
        assert labelled(connection, at(0) + day, at(0) + 2 * day) == []
    assert (label.rule, label.verdict) == (signal().rule, Verdict.FALSE)


def test_a_shadow_tells_what_it_would_have_changed(understander: Understander) -> None:
    """A lexicon without the rules of suicide: the calls that it would have lost are named."""
    without = tuple(file for file in understander.lexicon.signals if file.category is not Category.SUICIDE)
    fewer = understander.lexicon.model_copy(update={"signals": without, "digest": "x"})
    shadow = Understander(fewer, understander.analyser)
    calls = [(7, (Turn(0, "person", "죽고 싶어"),)), (8, (Turn(0, "person", "밥 먹었어"),))]
    found = compare(calls, understander, shadow)
    assert (found["n"], found["moves"]) == (2, {"emergency -> none": 1})
    assert found["changed"] == [{"call": 7, "live": "emergency", "shadow": "none"}]
    assert "suicide.wish" in found["fired_only_in_live"]
    assert compare(calls, understander, understander)["changed"] == []
