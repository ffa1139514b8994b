"""Louder for who asks, and a warm end for who talks long."""

from dataclasses import replace

from arbitrary_calls import KIM, SCRIPT, signal
from test_dialogue import YES, Dialogue, ended, heard, up_to

from callbot.converse.commands import Ask, Command, HangUp, Page, Say
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import Event, Heard, Spoken
from callbot.people.hearing_aid import NO_AID, STEPS
from callbot.understand.meaning import AnswerValue, Category, Intent, Level, Topic

AGAIN = heard(intents=frozenset({Intent.REPEAT}))


def late(event: Heard, at_s: float) -> Heard:
    """Said so many seconds into the call."""
    return replace(event, audio_offset_s=at_s)


def on(dialogue: Dialogue, event: Event) -> Command:
    """The next question, page or hang-up; lines on the way are spoken."""
    command = dialogue.send(event)
    while isinstance(command, Say):
        command = dialogue.send(Spoken())
    return command


def test_who_asks_is_spoken_to_louder_and_slower_from_then_on() -> None:
    """ "뭐라고?" raises it one step for every line that follows, the second time another; the outcome keeps it."""
    dialogue, command = up_to("meals.ask")
    assert isinstance(command, Ask)
    assert command.line.aid == NO_AID
    assert on(dialogue, AGAIN).line.aid == STEPS[1]  # type: ignore[union-attr]
    assert on(dialogue, AGAIN).line.aid == STEPS[2]  # type: ignore[union-attr]
    after = on(dialogue, heard(Topic.MEALS, AnswerValue.OK))
    assert (after.line.id, after.line.aid) == ("sleep.ask", STEPS[2])  # type: ignore[union-attr]
    on(dialogue, heard(intents=frozenset({Intent.REFUSE})))
    assert ended(dialogue).aid == STEPS[2]


def test_a_call_begins_as_the_last_one_ended() -> None:
    """What was learned is there from the first word."""
    dialogue = welfare_call(SCRIPT, replace(KIM, aid=STEPS[1]))
    dialogue.send(None)
    command = dialogue.send(None)
    assert isinstance(command, Say)
    assert command.line.aid == STEPS[1]


def test_after_eight_minutes_no_question_is_begun() -> None:
    """The answer that is being given is heard and answered; then thanks and goodbye, not the next question."""
    dialogue, _ = up_to("meals.ask")
    command = dialogue.send(late(heard(Topic.MEALS, AnswerValue.OK, intents=YES), SCRIPT.longest_s + 1.0))
    lines = []
    while isinstance(command, Say):
        lines.append(command.line.id)
        command = dialogue.send(Spoken())
    assert lines[-1] == "closing.too_long"
    assert command == HangUp("too_long")
    outcome = ended(dialogue)
    assert outcome.answers[Topic.MEALS] is AnswerValue.OK
    assert outcome.answers[Topic.SLEEP] is AnswerValue.NOT_ASKED
    assert not outcome.completed


def test_an_emergency_is_never_too_late() -> None:
    """After nine minutes as after one: a human is told, and the crisis lines are said."""
    dialogue, _ = up_to("meals.ask")
    grave = signal(Category.MEDICAL, Level.EMERGENCY)
    command = dialogue.send(late(heard(Topic.MEALS, AnswerValue.BAD, signals=(grave,)), 540.0))
    assert command == Page((grave,))
    assert dialogue.send(None).line.id == "crisis.medical.heard"  # type: ignore[union-attr]
