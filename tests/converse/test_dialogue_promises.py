"""What holds in every call, whatever happens in it."""

import contextlib
import random
from collections.abc import Iterable

import pytest
from arbitrary_calls import KIM, SCRIPT, Played, heard_in, play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbot.converse import guards
from callbot.converse.commands import Ask, HangUp, Page, Say
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import Heard, KeyPressed, Silence, Spoken, Unclear
from callbot.converse.lines import lines_for
from callbot.converse.outcome import ContactResult, WhoAnswered
from callbot.understand.meaning import AnswerValue, Intent, Level, Meaning, Topic

LINES = lines_for(SCRIPT, KIM)
GLAD = {f"{topic}.ok" for topic in SCRIPT.topics}


class Dice:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one_of(self, options: Iterable[object]) -> object:
        return self._random.choice(list(options))

    def happens(self, percent: int) -> bool:
        return self._random.random() * 100 < percent


class Drawn:
    """Choices made by hypothesis, which then looks for the shortest call that breaks a promise."""

    def __init__(self, data: st.DataObject) -> None:
        self._random = data.draw(st.randoms(use_true_random=False))

    def one_of(self, options: Iterable[object]) -> object:
        return self._random.choice(list(options))

    def happens(self, percent: int) -> bool:
        return self._random.randrange(100) < percent


@pytest.fixture(scope="module")
def calls() -> list[Played]:
    return [play(Dice(seed)) for seed in range(1500)]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_call_ends_and_speaks_only_known_lines(data: st.DataObject) -> None:
    """Whatever happens, a call ends in an outcome and says nothing that was not rendered before dialling."""
    played = play(Drawn(data), at_most=250)
    for command, _ in played.steps:
        if isinstance(command, Say | Ask):
            assert command.line in LINES


def test_only_lines_of_lines_for_are_spoken_and_every_one_is_spoken_in_some_call(calls: list[Played]) -> None:
    """lines_for is neither too short (silence in a call) nor too long (rendering what is never said)."""
    spoken = {
        command.line
        for played in (*calls, endless(), slow_to_answer())
        for command, _ in played.steps
        if isinstance(command, Say | Ask)
    }
    assert spoken <= set(LINES)
    assert {line.id for line in LINES} - {line.id for line in spoken} == set()


def slow_to_answer() -> Played:
    """Somebody who is well, and silent the first time that each question is put."""
    dialogue, played, event = welfare_call(SCRIPT, KIM), Played(), None
    with contextlib.suppress(StopIteration):
        while True:
            command = dialogue.send(event)
            event = Spoken() if isinstance(command, Say) else None
            if isinstance(command, Ask):
                first = command.topic in SCRIPT.topics and command.line.id.endswith(".ask")
                fine = Meaning(command.topic, AnswerValue.OK, "말", intents=frozenset({Intent.YES}))
                event = Silence(6.0) if first else Heard("말", fine, 0.9, 1)
            played.steps.append((command, event))
    return played


def endless() -> Played:
    """Somebody who is heard only at the last try of each question, and then has something to complain about."""
    dialogue, played, event = welfare_call(SCRIPT, KIM), Played(), None
    try:
        while True:
            command = dialogue.send(event)
            event = Spoken() if isinstance(command, Say) else None
            if isinstance(command, Ask):
                last_try = command.line.id.endswith((".keys", ".good_time.simpler", ".bad.ask"))
                meaning = Meaning(command.topic, AnswerValue.BAD, "말", said_name=command.topic is Topic.IDENTITY)
                event = (
                    Heard("말", meaning, 0.9, 1) if last_try and "good" not in command.line.id else Unclear("loop", 1)
                )
            played.steps.append((command, event))
    except StopIteration as stop:
        played.outcome = stop.value
    return played


def test_no_call_asks_for_ever(calls: list[Played]) -> None:
    """At most 32 routine questions and 120 commands, however the person behaves."""
    assert max(len(played.steps) for played in calls) <= 120
    routine = (Topic.CONFIRM,)
    counts = [
        sum(isinstance(command, Ask) and command.topic not in routine for command, _ in played.steps)
        for played in calls
    ]
    assert max(counts) <= 32
    assert endless().steps[-1][0] == HangUp("too_long")


def test_the_bot_is_glad_only_about_words_understood_as_fine(calls: list[Played]) -> None:
    """A glad line comes directly after the person's own words, read as OK with evidence; never after a grave one."""
    glad_lines = 0
    for played in calls:
        misheard = any(isinstance(c, Say) and c.line.id == "repair.misheard" for c, _ in played.steps)
        grave = False
        asked: tuple[Ask, object] | None = None
        for command, event in played.steps:
            if isinstance(command, Say | Ask) and guards.relief(command.line.text):
                glad_lines += 1
                assert command.line.id in GLAD
                assert asked is not None
                assert isinstance(asked[1], Heard)
                assert asked[1].meaning.answer is AnswerValue.OK
                assert asked[1].meaning.evidence
                assert asked[1].confidence >= 0.5
                assert asked[0].topic == command.line.id.removesuffix(".ok")
                assert misheard or not grave
            if isinstance(command, Ask):
                asked = (command, event)
            grave |= any(s.level.rank >= 2 for heard in heard_in(event) for s in heard.meaning.signals)
    assert glad_lines > 100


def test_every_topic_ends_in_exactly_one_answer(calls: list[Played]) -> None:
    """Asked or recorded as not asked: no topic is missing, none has two values, and none was answered without being asked."""
    for played in calls:
        assert played.outcome is not None
        assert tuple(played.outcome.answers) == SCRIPT.topics
        asked = {command.topic for command, _ in played.steps if isinstance(command, Ask)}
        for topic, value in played.outcome.answers.items():
            assert (value is AnswerValue.NOT_ASKED) == (topic not in asked)


def test_ok_is_never_an_answer_without_words_or_key(calls: list[Played]) -> None:
    """Unclear speech and silence are never fine (invariant 7), and a word said too soon or misheard is not either."""
    for played in calls:
        for topic, value in played.outcome.answers.items():
            if value is AnswerValue.OK:
                replies = [
                    event for command, event in played.steps if isinstance(command, Ask) and command.topic is topic
                ]
                words = any(isinstance(r, Heard) and r.meaning.answer is AnswerValue.OK for r in replies)
                assert words or KeyPressed("1") in replies


def test_bad_is_never_taken_back(calls: list[Played]) -> None:
    """A worrying answer, well heard, stands however the person plays it down afterwards."""
    for played in calls:
        misheard = any(isinstance(command, Say) and command.line.id == "repair.misheard" for command, _ in played.steps)
        for command, event in played.steps:
            if (
                isinstance(command, Ask)
                and isinstance(event, Heard)
                and command.topic in SCRIPT.topics
                and not misheard
            ):
                early = event.said_until_s is not None and event.meaning.intents & {Intent.YES, Intent.NO}
                if event.meaning.answer is AnswerValue.BAD and not early:
                    assert played.outcome.answers[command.topic] is AnswerValue.BAD


def test_a_page_goes_out_before_the_next_word(calls: list[Played]) -> None:
    """High and emergency signals are paged before anything else is said, and none is lost from the outcome."""
    pages = 0
    for played in calls:
        due: set[tuple[str, str]] = set()
        paged: set[tuple[str, str]] = set()
        machine = played.outcome.who in {WhoAnswered.VOICEMAIL, WhoAnswered.ANNOUNCEMENT}
        for command, event in played.steps:
            if isinstance(command, Page):
                pages += 1
                paged |= {(s.category, s.level) for s in command.signals}
            elif isinstance(command, Say | Ask):
                assert due <= paged
            if not machine:
                due |= {(s.category, s.level) for h in heard_in(event) for s in h.meaning.signals if s.level.rank >= 2}
        assert {category for category, _ in due} <= {s.category for s in played.outcome.signals}
    assert pages > 100


def test_after_an_emergency_the_routine_is_not_taken_up_again(calls: list[Played]) -> None:
    """Once a certain emergency was heard, only crisis lines follow, the last one closes, and the line is left by us."""
    emergencies = 0
    for played in calls:
        certain = False
        for command, event in played.steps:
            if certain and isinstance(command, Say | Ask):
                assert command.line.id.startswith("crisis.")
            certain |= any(
                s.level is Level.EMERGENCY and not s.unconfirmed and h.confidence >= 0.5
                for h in heard_in(event)
                for s in h.meaning.signals
            ) and not any(h.meaning.intents & {Intent.MACHINE, Intent.ANNOUNCEMENT} for h in heard_in(event))
        if certain and played.hung_up_after is None and played.outcome.who is not WhoAnswered.VOICEMAIL:
            emergencies += 1
            assert isinstance(played.steps[-1][0], HangUp)
    assert emergencies > 30


def test_a_crisis_line_is_not_repeated_but_to_finish_it(calls: list[Played]) -> None:
    """A person in distress does not hear the same sentence again and again; but while a worker is rung, nobody waits in silence."""
    for played in calls:
        said = [c.line.id for c, _ in played.steps if isinstance(c, Say) and c.line.id.startswith("crisis.")]
        assert all(said.count(line_id) <= 2 for line_id in said if not line_id.startswith("crisis.connect."))


def test_nobody_else_hears_the_name(calls: list[Played]) -> None:
    """After "아들인데요" or "잘못 거셨어요" (before the person was recognised) the name is not said again."""
    for played in calls:
        somebody_else = False
        for command, event in played.steps:
            if isinstance(command, Say | Ask) and somebody_else:
                assert KIM.name not in command.line.text
            wrong = {Intent.OTHER_PERSON, Intent.WRONG_NUMBER, Intent.NOT_HERE}
            somebody_else |= any(h.meaning.intents & wrong for h in heard_in(event))


def test_contact_needs_the_person(calls: list[Played]) -> None:
    """`contacted` only after yes to the name, the name itself, or the key asked for by name; then own words."""
    contacted = 0
    for played in calls:
        if played.outcome.result not in {ContactResult.CONTACTED, ContactResult.CONTACTED_DEGRADED}:
            continue
        contacted += 1
        assert played.outcome.who is WhoAnswered.PERSON
        identity = [(c, e) for c, e in played.steps if isinstance(c, Ask) and c.topic is Topic.IDENTITY]
        assert any(
            (isinstance(e, Heard) and not e.meaning.intents & {Intent.NO, Intent.OTHER_PERSON, Intent.WRONG_NUMBER})
            or (e == KeyPressed("1") and c.line.id == "opening.identity.keys")
            for c, e in identity
        )
        if played.outcome.result is ContactResult.CONTACTED_DEGRADED:
            assert any(isinstance(e, KeyPressed) for _, e in played.steps)
    assert contacted > 100


def test_a_hang_up_keeps_what_is_known(calls: list[Played]) -> None:
    """Whenever the person hangs up, there is an outcome; before the closing it says so."""
    hung_up = [played for played in calls if played.hung_up_after is not None]
    assert len(hung_up) > 100
    for played in hung_up:
        spoken = [c.line.id for c, _ in played.steps if isinstance(c, Say | Ask)]
        closing = bool(spoken) and spoken[-1].startswith("closing.")
        assert played.outcome.hung_up or closing or isinstance(played.steps[-1][0], HangUp)
