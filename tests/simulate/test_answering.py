"""What a virtual recipient says to which question."""

from typing import Any

from callbot.simulate.answering import AGAIN, NOTICE, UNKNOWN_WAIT_S, Answering, KnownLine
from callbot.simulate.persona import Persona, Pickup


def answering(pickup: Pickup = Pickup.ANSWER, **facts: Any) -> Answering:
    me = {"gap_s": 0.7, "default": "네.", "says": {"meals": ["먹었어요.", "먹었다니까요."], "meals.bad": "어제부터요.",
          "confirm": {"say": "네, 지금도요.", "after_s": 3}, "mood": {"say": "좋아요.", "barge_in_s": 1}}}  # fmt: skip
    base = {"number": "010-0000-0999", "name": "가", "about": "시험", "me": me}
    return Answering(Persona.model_validate(base | facts), pickup)


def line(line_id: str, topic: str) -> KnownLine:
    return KnownLine(line_id, "?", topic, "")


def say(who: Answering, heard: KnownLine | None) -> str | None:
    answer = who.plan(heard)
    if answer is None:
        return None
    who.given(answer)
    return answer.utterance.say


def test_by_topic_then_again() -> None:
    """The same question asked again gets the next answer; the last one repeats."""
    who = answering()
    asked = line("meals.ask", "meals")
    assert [say(who, asked), say(who, line("meals.simpler", "meals")), say(who, asked)] == [
        "먹었어요.", "먹었다니까요.", "먹었다니까요.",
    ]  # fmt: skip


def test_planning_alone_changes_nothing() -> None:
    """An answer that was not given, because the bot went on, is not used up."""
    who = answering()
    who.plan(line("meals.ask", "meals"))
    assert say(who, line("meals.ask", "meals")) == "먹었어요."


def test_longest_line_id_wins() -> None:
    """A follow-up question has its own answer."""
    assert say(answering(), line("meals.bad.ask", "meals")) == "어제부터요."


def test_default_for_what_is_not_foreseen() -> None:
    """A question without an entry gets the default, and so does a line that nobody told us about, a little later."""
    who = answering()
    assert say(who, line("sleep.ask", "sleep")) == "네."
    unknown = who.plan(None)
    assert unknown is not None
    assert (unknown.utterance.say, unknown.wait_s) == ("네.", UNKNOWN_WAIT_S)


def test_notices_are_not_answered() -> None:
    """Nobody answers "네, 다행이에요"."""
    assert say(answering(), line("meals.ok", NOTICE)) is None


def test_asked_to_say_it_again() -> None:
    """ "한 번만 더 말씀해 주세요" is answered with the last answer."""
    who = answering()
    say(who, line("meals.ask", "meals"))
    assert say(who, line("repair.not_heard", AGAIN)) == "먹었다니까요."


def test_waits() -> None:
    """The speaker's own gap, unless the utterance has one."""
    who = answering()
    usual, long = who.plan(line("meals.ask", "meals")), who.plan(line("crisis.medical.confirm.ask", "confirm"))
    assert usual is not None
    assert long is not None
    assert (usual.wait_s, long.wait_s) == (0.7, 3)


def test_talks_over_only_where_told() -> None:
    """Talking over a line is the exception."""
    who = answering()
    assert who.over(line("mood.ask", "mood")) is not None
    assert who.over(line("meals.ask", "meals")) is None


def test_hangs_up_after_turns() -> None:
    """A person who means to answer one question hangs up after it."""
    who = answering(hang_up={"after_turns": 1})
    answer = who.plan(line("meals.ask", "meals"))
    assert answer is not None
    assert not who.hangs_up_now(answer)
    who.given(answer)
    assert who.hangs_up_now(answer)


def test_somebody_else_speaks() -> None:
    """Where another person answers, it is their words that are said."""
    who = answering(Pickup.OTHER_ANSWERS, calls=["other_answers"], other={"says": {"identity": "아들인데요."}})
    assert say(who, line("opening.identity.ask", "identity")) == "아들인데요."
