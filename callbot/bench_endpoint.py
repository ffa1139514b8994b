"""`callbot bench endpoint`: who is cut off inside a sentence, and how long everybody else waits, on an audio timeline.

No phone and no waiting: the turn reducer of a live call, its policy, its pause model and its reading of endings, over answers that
were really spoken and really recognised (callbot/paused_answers.py), with drawn pauses (callbot/simulate/turn_timeline.py).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from callbot.bench_report import spread
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import QuestionKind
from callbot.listen.turn_policy import TurnPolicy
from callbot.listen.utterance import Transcript
from callbot.paused_answers import MATERIAL, UNSEEN, heard_file, read_heard
from callbot.simulate.turn_timeline import HABITS, PauseHabit, SpokenAnswer, Talk, Turned, hold_talks

EndingOf = Callable[[Transcript], SentenceEnding]


def measure(ending_of: EndingOf, talk: Talk | None = None, policy: TurnPolicy | None = None) -> dict[str, Any]:
    """Twice: with the texts as our recogniser heard them, and as one without mistakes would, after the same time."""
    talk, policy = talk or Talk(), policy or TurnPolicy()
    file, unseen = heard_file(MATERIAL), heard_file(UNSEEN)
    heard, exact = read_heard(file), read_heard(file, exact=True)
    return {
        "people": talk.people,
        "calls_each": talk.calls,
        "turns_a_call": talk.turns,
        "answers": len(heard),
        "as_recognised": held(heard, ending_of, talk, policy),
        "heard_exactly": held(exact, ending_of, talk, policy),
        "unseen_as_recognised": held(read_heard(unseen), ending_of, talk, policy),
        "unseen_heard_exactly": held(read_heard(unseen, exact=True), ending_of, talk, policy),
    }


def held(answers: list[SpokenAnswer], ending_of: EndingOf, talk: Talk, policy: TurnPolicy) -> dict[str, Any]:
    """All turns, those of first calls (nothing is known of the person) and of later ones, and by how people pause."""
    rows = list(hold_talks(answers, ending_of, talk, policy))
    found = {
        "all": figures(turned for _, _, turned in rows),
        "first_call": figures(turned for call, _, turned in rows if call == 0),
        "later_calls": figures(turned for call, _, turned in rows if call > 0),
    }
    return found | {f"pauses {habit.median_s:g} s": _by(rows, habit) for habit in HABITS}


def _by(rows: list[tuple[int, PauseHabit, Turned]], habit: PauseHabit) -> dict[str, Any]:
    return figures(turned for _, theirs, turned in rows if theirs == habit)


def figures(turns: Iterable[Turned]) -> dict[str, Any]:
    """Rates are shares of turns. `cut_in_rate`: inside a sentence; `after_a_word_rate`: after "네" or "글쎄요", which may be all."""
    every = list(turns)
    cut = [turned for turned in every if turned.cut_in]
    inside = [turned for turned in cut if turned.inside]
    pauses = [pause for turned in every for pause in turned.pauses_s]
    return {
        "n": len(every),
        "pauses": {
            "n": len(pauses),
            "over_1_s": _share(sum(each > 1.0 for each in pauses), len(pauses)),
            "max_s": max(pauses, default=0.0),
        },
        "cut_in_rate": _share(len(inside), len(every)),
        "after_a_word_rate": _share(len(cut) - len(inside), len(every)),
        "cut_in_endings": dict(Counter(str(turned.cut_ending) for turned in inside)),
        "delay_closed": spread([one.delay_s for one in every if one.kind is QuestionKind.CLOSED and not one.cut_in]),
        "delay_open": spread([one.delay_s for one in every if one.kind is QuestionKind.OPEN and not one.cut_in]),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
