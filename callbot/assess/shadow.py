"""Another version of the rules beside the live one, over the same calls: what would have changed."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.transcript import Turn
from callbot.understand.understander import Understander


def compare(calls: Iterable[tuple[int, tuple[Turn, ...]]], live: Understander, shadow: Understander) -> dict[str, Any]:
    """`calls`: (id, turns). Counts by "level -> level", calls whose level changes, and rules that fire only on one side."""
    moves: Counter[str] = Counter()
    changed: list[dict[str, Any]] = []
    only: dict[str, Counter[str]] = {"live": Counter(), "shadow": Counter()}
    number = 0
    for call_id, turns in calls:
        number += 1
        one, other = score_dialogue(turns, live), score_dialogue(turns, shadow)
        fired = [{signal.rule for signal in each.signals if signal.level.rank > 0} for each in (one, other)]
        only["live"].update(fired[0] - fired[1])
        only["shadow"].update(fired[1] - fired[0])
        if one.level is not other.level:
            moves[f"{one.level.value} -> {other.level.value}"] += 1
            changed.append({"call": call_id, "live": one.level.value, "shadow": other.level.value})
    return {
        "n": number,
        "versions": {"live": live.lexicon.digest, "shadow": shadow.lexicon.digest},
        "moves": dict(sorted(moves.items())),
        "changed": changed,
        "fired_only_in_live": dict(sorted(only["live"].items())),
        "fired_only_in_shadow": dict(sorted(only["shadow"].items())),
    }
