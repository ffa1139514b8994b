"""Labels from closed cases."""

from callbot.assess.feedback import Labelled, Proposal, Verdict, precision, proposals
from callbot.understand.meaning import Category, Level


def labels(rule: str, category: Category, true: int, false: int, level: Level = Level.HIGH) -> list[Labelled]:
    """So many findings of one rule."""
    verdicts = [Verdict.TRUE] * true + [Verdict.FALSE] * false
    return [Labelled(rule, "1", category, level, verdict) for verdict in verdicts]


def test_precision_counts_the_decided_only():
    """Unclear is told and is in no share; the interval stands beside it."""
    found = precision(
        [
            *labels("fall.injury", Category.FALL, 3, 1),
            Labelled("fall.injury", "1", Category.FALL, Level.HIGH, Verdict.UNCLEAR),
        ]
    )
    row = found["rules"]["fall.injury 1"]
    assert (row["true"], row["false"], row["unclear"]) == (3, 1, 1)
    assert (row["precision"]["part"], row["precision"]["of"]) == (3, 4)
    assert row["precision"]["interval"][0] < 0.75 < row["precision"]["interval"][1]
    assert found["categories"]["fall high"] == row


def test_a_rule_that_is_wrong_again_and_again_is_proposed_for_less():
    """With what the change would have done, true ones included."""
    assert proposals(labels("food.days", Category.FOOD, 2, 28)) == [
        Proposal("food.days", Level.HIGH, Level.WATCH, 28, 2)
    ]


def test_few_labels_or_a_middling_rule_propose_nothing():
    """Five false alarms are no reason."""
    assert proposals(labels("food.days", Category.FOOD, 0, 5)) == []
    assert proposals(labels("food.days", Category.FOOD, 12, 18)) == []


def test_nothing_is_proposed_to_lower_suicide():
    """Whatever the figures."""
    assert proposals(labels("suicide.wish", Category.SUICIDE, 0, 400, Level.EMERGENCY)) == []
