"""A model reads calls after their end: it raises with words that were said, asks once, and its failures cost nothing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from ledger_calls import PERSON_SPOKE, at, dial, ledger
from ledger_fixtures import Town
from sqlalchemy import select

from callbot.assess.second_opinion import Opinion, OpinionUnavailable, Suspicion
from callbot.converse.outcome import ContactResult
from callbot.converse.transcript import Turn
from callbot.store.tables import calls
from callbot.understand.meaning import Category, Level, Topic
from callbot.workflows.second_opinions import take_opinions

ASKED = Turn(0, "bot", "요즘 마음은 어떠세요?", topic=Topic.MOOD)
SAID = Turn(1, "person", "홍길동이가 통장도 다 접었어", topic=Topic.MOOD)
QUOTE = "통장도 다 접었어"


class Model:
    """Answers what it is told to; remembers what it was shown."""

    def __init__(self, *answers: Opinion | OpinionUnavailable) -> None:
        self._answers = list(answers)
        self.shown: list[str] = []

    def judge(self, turns: Sequence[Turn]) -> Opinion:
        self.shown.append(" / ".join(turn.text for turn in turns))
        answer = self._answers.pop(0)
        if isinstance(answer, OpinionUnavailable):
            raise answer
        return answer


def suspects(level: Level, quote: str = QUOTE) -> Opinion:
    return Opinion("m", (Suspicion(Category.SUICIDE, level, quote),))


def without_names(text: str) -> str:
    return text.replace("홍길동", "[이름1]")


def ask(town: Town, model: Model, minute: float = 5) -> int:
    return take_opinions(town.store, model, lambda _: without_names, at(minute))


@pytest.fixture
def ended(town: Town) -> Town:
    """One call that the rules found nothing in."""
    line = dial(town).answer(at(0.2)).say(ASKED).say(SAID).say(replace(PERSON_SPOKE, index=2))
    line.finish(ContactResult.CONTACTED, at(3))
    return town


def opinion(town: Town) -> tuple[str | None, str | None]:
    with town.store.read() as connection:
        return tuple(connection.execute(select(calls.c.opinion, calls.c.level)).one())


def test_it_raises_to_high_and_pages_with_the_words_that_were_said(ended: Town) -> None:
    """Whatever level it gives; once; names are not sent."""
    model = Model(suspects(Level.EMERGENCY))
    assert ask(ended, model) == 1
    found = ledger(ended.store, at(5))
    assert found["cases"] == [("distress", "high")]
    assert found["pages"] == 1
    assert opinion(ended) == ("raised", "high")
    assert "홍길동" not in model.shown[0]
    assert ask(ended, model, 6) == 0


def test_words_that_nobody_said_raise_nothing(ended: Town) -> None:
    """And are asked about once."""
    model = Model(suspects(Level.HIGH, "죽고 싶다고 하셨다"))
    assert ask(ended, model) == 1
    assert ledger(ended.store, at(5))["cases"] == []
    assert opinion(ended)[0] == "nothing_more"


def test_a_server_that_is_away_is_asked_again(ended: Town) -> None:
    """Nothing changes meanwhile."""
    model = Model(OpinionUnavailable("APITimeoutError"), suspects(Level.HIGH))
    assert ask(ended, model) == 0
    assert opinion(ended)[0] is None
    assert ledger(ended.store, at(5))["cases"] == []
    assert ask(ended, model, 6) == 1
    assert ledger(ended.store, at(6))["cases"] == [("distress", "high")]


def test_babble_about_a_call_is_not_asked_for_twice(ended: Town) -> None:
    """The rules alone stand."""
    model = Model(OpinionUnavailable("not_the_schema"))
    assert ask(ended, model) == 0
    assert opinion(ended)[0] == "unavailable"
    assert ask(ended, model, 6) == 0


def test_a_call_under_way_is_left_alone(town: Town) -> None:
    """The model is never in the way of a conversation."""
    dial(town).answer(at(0.2)).say(ASKED).say(SAID)
    model = Model()
    assert ask(town, model) == 0
    assert model.shown == []
