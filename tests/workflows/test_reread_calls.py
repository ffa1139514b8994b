"""A call that breaks off is read again: nobody's words die with the process that heard them."""

from collections.abc import Sequence
from functools import partial

from ledger_calls import at, dial, ledger
from ledger_fixtures import Town

from callbot.assess.assessment import Assessment
from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.transcript import Turn
from callbot.understand.meaning import Topic
from callbot.understand.understander import Understander
from callbot.workflows.recover import recover
from callbot.workflows.reread_calls import reread_calls

ASKED = Turn(0, "bot", "요즘 기분은 어떠세요? 마음은 편안하세요?", topic=Topic.MOOD)
WISH = Turn(1, "person", "죽고 싶어요", topic=Topic.MOOD)


def test_killed_between_the_words_and_their_page(town: Town, understander: Understander) -> None:
    """The turn was saved, then the process died: after the restart there is an emergency case, paged, once."""
    dial(town).answer(at(0.2)).say(ASKED).say(WISH)
    assert recover(town.store, at(1), frozenset(), "one").interrupted
    assert ledger(town.store, at(1))["cases"] == []

    score = partial(score_dialogue, understander=understander)
    assert reread_calls(town.store, score, at(1)) == 1

    found = ledger(town.store, at(1))
    assert found["cases"] == [("distress", "emergency")]
    assert found["pages"] == 1
    assert reread_calls(town.store, score, at(2)) == 0
    assert ledger(town.store, at(2))["pages"] == 1


def test_a_finished_call_is_not_read_again(town: Town) -> None:
    """Only what broke off; a call under way is left alone."""
    dial(town).answer(at(0.2)).say(ASKED).say(WISH)

    def score(turns: Sequence[Turn]) -> Assessment:
        raise AssertionError(turns)

    assert reread_calls(town.store, score, at(1)) == 0
