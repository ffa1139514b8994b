"""Earlier calls as the baseline; a stored call scored again."""

import json
from datetime import timedelta

from ledger_calls import PERSON_SPOKE, at, dial
from ledger_fixtures import TUESDAY, Town

from callbot.assess.assessment import assess
from callbot.assess.trend import speech_of
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.replay import recorded, replay
from callbot.store.call_rows import transcript
from callbot.store.past_calls import earlier_speech
from callbot.understand.meaning import AnswerValue, Level, Topic
from callbot.workflows.compare_with_past import compare_with_past
from callbot.workflows.finish_call import finish_call


def test_a_first_call_has_nothing_to_be_compared_with(town: Town) -> None:
    """No baseline, no signal, however slowly somebody speaks."""
    call = dial(town).answer(at(0.2)).say()
    slow = [Turn(0, "bot", "네?", audio_offset_s=0.0, seconds=1.0), Turn(1, "person", "응", audio_offset_s=30.0)]
    assert compare_with_past(town.store, call.call_id, slow, {Topic.MEALS: AnswerValue.BAD}) == []


def test_what_was_fine_last_week_and_is_not_today(town: Town) -> None:
    """Read from the ledger: the last assessed call of the same person."""
    topics = (Topic.MEALS, Topic.SLEEP, Topic.MOOD, Topic.HEALTH)
    call = dial(town).answer(TUESDAY)
    outcome = Outcome(
        WhoAnswered.PERSON, ContactResult.CONTACTED, answers=dict.fromkeys(topics, AnswerValue.OK), completed=True
    )
    judged = assess([PERSON_SPOKE], [], outcome.answers, [])
    finish_call(town.store, call.order.attempt_id, call.order.token, outcome, TUESDAY, assessment=judged)
    week_later = TUESDAY + timedelta(weeks=1)
    now = dial(town, week_later).answer(week_later)
    found = compare_with_past(town.store, now.call_id, [PERSON_SPOKE], dict.fromkeys(topics, AnswerValue.BAD))
    assert [(signal.rule, signal.level) for signal in found] == [("change.answers", Level.HIGH)]


def test_how_they_spoke_is_read_without_what_the_bot_said(town: Town) -> None:
    """The latest calls, oldest first, each measured as its whole transcript would be; the call itself is not its own past."""
    spoken = []
    for week in range(3):
        now = TUESDAY + timedelta(weeks=week)
        call = dial(town, now).answer(now)
        call.say(Turn(1, "bot", "요즘 잘 주무세요?", audio_offset_s=4.0, seconds=2.0, said_until_s=1.5))
        call.say(Turn(2, "person", "네 잘 자요" * (week + 1), audio_offset_s=7.0 + week, seconds=2.0))
        call.say(Turn(3, "person", "", audio_offset_s=12.0, seconds=1.0, rejected="no_speech"))
        judged = assess([PERSON_SPOKE], [], {}, [])
        outcome = Outcome(WhoAnswered.PERSON, ContactResult.CONTACTED, completed=True)
        finish_call(town.store, call.order.attempt_id, call.order.token, outcome, now, assessment=judged)
        spoken.append(call.call_id)
    with town.store.read() as connection:
        before = earlier_speech(connection, spoken[-1], most=8)
        assert [speech_of(turns) for turns in before] == [speech_of(transcript(connection, i)) for i in spoken[:-1]]
        assert {turn.text for turns in before for turn in turns if turn.who == "bot"} == {""}
        assert earlier_speech(connection, spoken[-1], most=1) == before[-1:]


def test_a_stored_call_scored_again_gives_the_same_bytes(town: Town, understander) -> None:
    """Twice from the database: byte for byte the same, with the versions that it rests on."""
    call = dial(town).answer(at(0.2)).say()
    said = [
        Turn(1, "bot", "요즘 마음은 어떠세요?", audio_offset_s=4.0, seconds=2.0),
        Turn(2, "person", "그냥 죽고 싶어요", audio_offset_s=7.0, seconds=2.0, confidence=0.9),
    ]
    for turn in said:
        call.say(turn)
    call.finish(ContactResult.CONTACTED, at(2))
    with town.store.read() as connection:
        lines = {replay(connection, call.call_id, understander) for _ in range(2)}
        assert recorded(connection, call.call_id)[0] in (None, "none", "unassessable")
    (line,) = lines
    scored = json.loads(line)
    assert (scored["id"], scored["level"]) == (call.call_id, "emergency")
    assert scored["signals"][0]["audio_offset_s"] == 7.0
    assert set(scored["versions"]) == {"assessment", "lexicon"}
    assert assess([], [], {}, []).level is Level.NONE
