"""The whole timeline of `callbot bench endpoint`: `make prove`, half a minute."""

from typing import Any

import pytest

from callbot.bench_endpoint import measure
from callbot.talk.spoken_ending import EndingByMorphemes
from callbot.understand.understander import Understander

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def figures(understander: Understander) -> dict[str, Any]:
    """1,250 turns of 25 people, four times."""
    return measure(EndingByMorphemes(understander.analyser))


def test_at_most_one_in_two_hundred_is_cut_off(figures: dict[str, Any]) -> None:
    """Inside a sentence, of turns that all have pauses inside: as our recogniser hears, and as one without mistakes would."""
    for name in ("as_recognised", "heard_exactly"):
        assert figures[name]["all"]["n"] >= 1000
        assert figures[name]["all"]["pauses"]["max_s"] > 2.3
        assert figures[name]["all"]["cut_in_rate"] <= 0.005


def test_what_was_learned_of_people_spares_them(figures: dict[str, Any]) -> None:
    """From the second call on fewer are cut off than in the first."""
    heard = figures["as_recognised"]
    assert heard["later_calls"]["cut_in_rate"] < heard["first_call"]["cut_in_rate"]
