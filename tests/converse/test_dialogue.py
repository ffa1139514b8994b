"""Single turns of the conversation that no golden call shows: what arrives late, out of order, or from a closed line."""

from collections.abc import Generator

import pytest
from arbitrary_calls import KIM, SCRIPT, signal

from callbot.converse.commands import Ask, AwaitPickup, Command, HangUp, Page, Say
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import Event, Heard, HungUp, Interrupted, KeyPressed, PickedUp, Silence, Spoken, Unclear
from callbot.converse.exchange import Conversation
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.question import may_be_glad
from callbot.understand.meaning import AnswerValue, Category, Intent, Level, Meaning, Reported, Request, Signal, Topic

YES = frozenset({Intent.YES})
EMERGENCY = signal(Category.MEDICAL, Level.EMERGENCY)
HIGH = signal(Category.FOOD, Level.HIGH)

Dialogue = Generator[Command, Event, Outcome]


def heard(topic: Topic = Topic.NOTICE, answer: AnswerValue = AnswerValue.UNSURE, **meaning: object) -> Heard:
    return Heard("말", Meaning(topic, answer, evidence="말", **meaning), 0.9, 1)  # type: ignore[arg-type]


def up_to(line_id: str, *, replies: dict[str, Event] | None = None) -> tuple[Dialogue, Command]:
    """A call in which all is well, held until a line is reached; `replies` by line id."""
    dialogue, event = welfare_call(SCRIPT, KIM), None
    while True:
        command = dialogue.send(event)
        line = getattr(command, "line", None)
        if line is not None and line.id == line_id:
            return dialogue, command
        if line is not None and line.id in (replies or {}):
            event = replies[line.id]
        elif isinstance(command, Ask):
            event = heard(command.topic, AnswerValue.OK, intents=YES)
        elif isinstance(command, AwaitPickup):
            event = PickedUp(spoke=True)
        else:
            event = Spoken() if isinstance(command, Say) else None


def ended(dialogue: Dialogue, event: Event = None) -> Outcome:
    with pytest.raises(StopIteration) as stop:
        dialogue.send(event)
    return stop.value.value


def gone(dialogue: Dialogue, hung_up: HungUp) -> tuple[list[Command], Outcome]:
    commands: list[Command] = []
    try:
        commands.append(dialogue.throw(hung_up))
        while True:
            commands.append(dialogue.send(None))
    except StopIteration as stop:
        return commands, stop.value


def test_last_words_before_a_hang_up_are_paged() -> None:
    """ "가슴이 아파" and the line closes: understood a second later, and a human hears of it."""
    dialogue, _ = up_to("health.ask")

    commands, outcome = gone(dialogue, HungUp(overheard=(heard(Topic.HEALTH, AnswerValue.BAD, signals=(EMERGENCY,)),)))

    assert commands[0] == Page((EMERGENCY,))
    assert outcome.signals[0] == EMERGENCY
    assert outcome.answers[Topic.HEALTH] is AnswerValue.BAD
    assert outcome.result is ContactResult.CONTACTED


@pytest.mark.parametrize(
    ("said", "crisis"),
    [
        (EMERGENCY, True),
        (signal(Category.SUICIDE, Level.HIGH), True),
        (signal(Category.ABUSE, Level.HIGH), True),
        (HIGH, False),
        (signal(Category.SUICIDE, Level.WATCH), False),
    ],
)
def test_a_hang_up_after_a_crisis_signal_is_a_crisis(said: Signal, crisis: bool) -> None:
    """The line closes while it is being answered: what was said is an emergency now, and a human hears so."""
    dialogue, _ = up_to("mood.ask")
    dialogue.send(heard(Topic.MOOD, AnswerValue.BAD, signals=(said,)))
    commands, outcome = gone(dialogue, HungUp())
    found = [each for command in commands if isinstance(command, Page) for each in command.signals]
    assert [(each.level, each.rule) for each in found] == [(Level.EMERGENCY, "hang_up_after_crisis")] * crisis
    assert any(each.level is Level.EMERGENCY for each in outcome.signals) == crisis


def test_a_hang_up_long_after_a_high_signal_is_no_crisis() -> None:
    """It was taken seriously, the talk went on calmly for two questions; then the line closed."""
    grave = signal(Category.PAIN, Level.HIGH)
    pain = heard(Topic.HEALTH, AnswerValue.BAD, signals=(signal(Category.MEDICAL, Level.HIGH), grave))
    dialogue, _ = up_to("medicine.ask", replies={"health.ask": pain})
    commands, _ = gone(dialogue, HungUp())
    assert commands == []


def test_a_signal_overheard_during_a_question_is_paged() -> None:
    """What was said before the key was pressed counts too."""
    dialogue, _ = up_to("meals.ask")

    assert dialogue.send(Silence(6.0, overheard=(heard(signals=(HIGH,)),))) == Page((HIGH,))


def test_an_emergency_over_the_closing_words_is_attended_to() -> None:
    """ "안녕히 계세요" - "저기, 숨이 차요": no call ends over that."""
    dialogue, _ = up_to("closing.goodbye")

    assert dialogue.send(Interrupted(heard(signals=(EMERGENCY,)), 0.5)) == Page((EMERGENCY,))
    assert dialogue.send(None).line.id == "crisis.medical.heard"  # type: ignore[union-attr]


def test_an_emergency_over_a_refusal_is_attended_to() -> None:
    """The person refuses, and adds something grave over our last line."""
    dialogue, _ = up_to("closing.refused", replies={"health.ask": heard(intents=frozenset({Intent.REFUSE}))})

    assert dialogue.send(Spoken((heard(signals=(EMERGENCY,)),))) == Page((EMERGENCY,))
    assert dialogue.send(None).line.id == "crisis.medical.heard"  # type: ignore[union-attr]


def test_a_wish_to_end_the_call_does_not_end_an_emergency_with_a_routine_line() -> None:
    """Hardly heard emergency, "끊어요" to the question whether we heard right: crisis lines, then we leave."""
    unsure = signal(Category.SUICIDE, Level.EMERGENCY, unconfirmed=True)
    dialogue, _ = up_to("crisis.suicide.heard_right", replies={"mood.ask": heard(Topic.MOOD, signals=(unsure,))})

    command = dialogue.send(heard(Topic.CONFIRM, intents=frozenset({Intent.REFUSE})))

    assert command.line.id == "crisis.suicide.heard"  # type: ignore[union-attr]


def test_a_machine_is_left_before_the_name_is_said() -> None:
    """A voicemail greeting that is recognised during our first sentence."""
    dialogue, _ = up_to("opening.hello")

    assert dialogue.send(Spoken((heard(intents=frozenset({Intent.MACHINE})),))) == HangUp("machine")
    assert ended(dialogue).who is WhoAnswered.VOICEMAIL


def test_an_announcement_on_television_does_not_end_a_call_with_a_person() -> None:
    """After the person was recognised, "고객이 전화를 받을 수 없어" comes from the television."""
    dialogue, _ = up_to("health.ask")

    command = dialogue.send(heard(Topic.HEALTH, intents=frozenset({Intent.MACHINE})))

    assert isinstance(command, Ask)


def test_somebody_who_refuses_over_the_greeting_hears_no_name() -> None:
    """ "전화하지 마세요" over the first sentence: the name is never said, and it is a hold."""
    dialogue, _ = up_to("opening.hello")

    command = dialogue.send(Spoken((heard(intents=frozenset({Intent.DO_NOT_CALL})),)))

    assert command.line.id == "closing.do_not_call"  # type: ignore[union-attr]
    assert dialogue.send(Spoken()) == HangUp("refused")
    assert ended(dialogue).result is ContactResult.DO_NOT_CALL


def test_a_widow_is_not_reported_dead_by_herself() -> None:
    """ "영감이 죽었어" said by the person we know: no end of all calls."""
    dialogue, _ = up_to("mood.ask")

    command = dialogue.send(heard(Topic.MOOD, AnswerValue.BAD, reported=Reported.DEAD))

    assert command.line.id == "mood.bad.say"  # type: ignore[union-attr]


def test_a_key_means_nothing_before_keys_were_explained() -> None:
    """Somebody who leans on the keypad has not answered; but keys are then explained at once."""
    dialogue, _ = up_to("health.ask")

    assert dialogue.send(KeyPressed("1")).line.id == "repair.keys"  # type: ignore[union-attr]
    _, outcome = gone(dialogue, HungUp())
    assert outcome.answers[Topic.HEALTH] is AnswerValue.UNSURE
    assert outcome.result is ContactResult.NO_CONTACT


def test_a_request_said_over_an_acknowledgement_is_acknowledged() -> None:
    """ "네, 잘하고 계세요." - "쌀 좀 주세요": passed on, with fixed words."""
    dialogue, _ = up_to("meals.ok")

    command = dialogue.send(Interrupted(heard(Topic.MEALS, requests=(Request("rice", "쌀"),)), 0.5))

    assert command == Say(next(line for line in _lines() if line.id == "acknowledge.request"), interruptible=False)


def test_an_ok_is_taken_back_when_the_person_objects() -> None:
    """ "네, 다행이에요." - "아니!": fine no longer stands."""
    dialogue, _ = up_to("health.ok")
    dialogue.send(Interrupted(heard(Topic.HEALTH, intents=frozenset({Intent.NO})), 0.4))

    _, outcome = gone(dialogue, HungUp())

    assert outcome.answers[Topic.HEALTH] is AnswerValue.UNSURE


@pytest.mark.parametrize(
    ("reply", "glad"),
    [
        (heard(Topic.MEALS, AnswerValue.OK), True),
        (heard(Topic.MEALS, AnswerValue.UNSURE), False),
        (heard(Topic.MEALS, AnswerValue.BAD), False),
        (Heard("말", Meaning(Topic.MEALS, AnswerValue.OK, evidence=None), 0.9, 1), False),
        (Heard("말", Meaning(Topic.MEALS, AnswerValue.OK, evidence="말"), 0.4, 1), False),
        (heard(Topic.MEALS, AnswerValue.OK, signals=(signal(Category.PAIN, Level.WATCH),)), False),
        (heard(Topic.MEALS, AnswerValue.OK, signals=(signal(Category.PAIN, Level.NONE),)), True),
        (heard(Topic.MEALS, AnswerValue.OK, requests=(Request("rice", "쌀"),)), False),
    ],
)
def test_when_the_bot_may_be_glad(reply: Heard, glad: bool) -> None:
    """Positively understood as fine, with words to show for it, well heard, and nothing worrying beside it."""
    assert may_be_glad(Conversation(SCRIPT, KIM), reply) is glad


def test_thanks_beside_an_answer_do_not_end_the_call() -> None:
    """ "잘 먹어요, 고맙습니다": the call goes on."""
    thanks = heard(Topic.MEALS, AnswerValue.OK, intents=frozenset({Intent.FAREWELL}))

    up_to("sleep.ask", replies={"meals.ask": thanks})


def test_goodbye_twice_ends_the_call_kindly() -> None:
    """ "들어가세요" - "밥은 잘 드세요?" - "들어가세요": the person has had enough."""
    goodbye = heard(Topic.MEALS, intents=frozenset({Intent.FAREWELL}))

    dialogue, _ = up_to("closing.cut_short", replies={"meals.ask": goodbye, "meals.simpler": goodbye})

    assert dialogue.send(Spoken()) == HangUp("busy")
    outcome = ended(dialogue)
    assert outcome.result is ContactResult.CONTACTED
    assert outcome.answers[Topic.MEALS] is AnswerValue.UNSURE
    assert not outcome.completed


def test_the_same_signal_is_paged_once() -> None:
    """Somebody who says it twice is not two pages."""
    dialogue, _ = up_to("health.ask")
    assert isinstance(dialogue.send(heard(Topic.HEALTH, AnswerValue.BAD, signals=(HIGH,))), Page)
    command: Command = dialogue.send(None)
    while not isinstance(command, Ask):
        command = dialogue.send(Spoken())

    assert not isinstance(dialogue.send(heard(Topic.MEALS, AnswerValue.BAD, signals=(HIGH,))), Page)


def test_unclear_speech_in_the_opening_is_not_a_silent_line() -> None:
    """Somebody is there: that is not `silent`, and it is not the person either."""
    unclear = dict.fromkeys(
        ("opening.identity.ask", "repair.not_heard", "opening.identity.simpler"), Unclear("loop", 1)
    )
    dialogue, _ = up_to("opening.identity.keys", replies=unclear)

    assert dialogue.send(Unclear("loop", 1)).line.id == "closing.unheard"  # type: ignore[union-attr]
    assert dialogue.send(Spoken()) == HangUp("silent")
    outcome = ended(dialogue)
    assert outcome.who is WhoAnswered.OTHER_PERSON
    assert outcome.result is ContactResult.NO_CONTACT


def _lines() -> tuple:  # type: ignore[type-arg]
    return Conversation(SCRIPT, KIM).line.all()
