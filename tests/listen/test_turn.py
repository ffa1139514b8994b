"""Whose turn it is: the tracks are drawings, one character 100 ms."""

from dataclasses import replace

import pytest
from tracks import SHORT, Call, line, voice

from callbot.listen.decisions import Decision, DecodeNow, DropDecode, FlushPlayback, Overheard, SilenceOver, TurnOver
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.turn_policy import Pauses, TurnPolicy

OPENING = ListenFor(QuestionKind.OPENING, silence_s=1.2)
CLOSED = ListenFor(QuestionKind.CLOSED)
OPEN = ListenFor(QuestionKind.OPEN)
DONE = SentenceEnding.FINAL
GOES_ON = SentenceEnding.CONNECTIVE


@pytest.mark.parametrize(
    ("wanted", "text_after_s", "ending", "pause"),
    [
        (OPENING, None, SentenceEnding.UNKNOWN, 0.46),  # never waits for the text; 20 ms steps
        (CLOSED, 0.2, SentenceEnding.UNKNOWN, 1.5),
        (CLOSED, 0.2, DONE, 0.66),
        (CLOSED, 0.6, DONE, 0.88),  # late text: the turn is over when it comes
        (CLOSED, 0.2, SentenceEnding.BARE, 0.76),
        (CLOSED, 0.2, SentenceEnding.PLAIN, 1.2),
        (CLOSED, 0.2, GOES_ON, 2.6),
        (CLOSED, None, SentenceEnding.UNKNOWN, 1.66),  # text that never comes is waited for one second
        (OPEN, 0.3, DONE, 1.1),
        (OPEN, 0.3, SentenceEnding.PLAIN, 1.8),
        (OPEN, 0.3, SentenceEnding.BARE, 2.2),  # "네." is no answer to how somebody is
        (OPEN, 0.3, SentenceEnding.UNKNOWN, 2.2),
        (OPEN, 0.3, GOES_ON, 2.6),
        (ListenFor(QuestionKind.OPEN, pause_s=1.4), 0.3, DONE, 1.4),
        (ListenFor(QuestionKind.CLOSED, pause_s=0.1), 0.0, DONE, 0.66),
    ],
)
def test_the_pause_fits_question_and_sentence(
    wanted: ListenFor, text_after_s: float | None, ending: SentenceEnding, pause: float
) -> None:
    """A yes/no question ends sooner than an open one, a finished sentence sooner than one that goes on."""
    call = Call(TurnPolicy(), text_after_s=text_after_s, ending=ending).listen(wanted)
    call.run(voice("__=====" + "_" * 35))
    assert call.names[:2] == ["DecodeNow", "TurnOver"]
    assert call.when("TurnOver") == pytest.approx(0.7 + pause, abs=0.021)


def test_a_patient_person_is_given_longer_pauses() -> None:
    """The person's own factor stretches every pause."""
    slow = Call(replace(SHORT, patience=1.5), text_after_s=0.1).listen(CLOSED).run(voice("====" + "_" * 20))
    assert slow.when("TurnOver") == pytest.approx(0.4 + 0.9, abs=0.021)


def test_recognition_starts_before_the_pause_is_over() -> None:
    """The decode begins at 0.28 s of silence and covers a little before the onset and after the end."""
    call = Call(text_after_s=0.1).listen(CLOSED).run(voice("_____=====" + "_" * 15))
    assert call.when("DecodeNow") == pytest.approx(1.28, abs=0.021)
    assert call.the("DecodeNow") == DecodeNow(1, start_s=pytest.approx(0.14), end_s=pytest.approx(1.2))  # type: ignore[arg-type]
    over = call.the("TurnOver")
    assert isinstance(over, TurnOver)
    assert (over.start_s, over.end_s, over.decode_id, over.cut) == (0.14, 1.2, 1, False)


def test_a_decode_is_dropped_when_speech_resumes_and_the_turn_goes_on() -> None:
    """Two halves with a pause of 0.5 s are one turn, decoded once more as a whole."""
    call = Call(text_after_s=0.2).listen(OPEN).run(voice("_=====_____=====" + "_" * 20))
    assert call.names == ["DecodeNow", "DropDecode", "DecodeNow", "TurnOver"]
    (first, dropped, second, over) = (decision for _, decision in call.log)
    assert isinstance(first, DecodeNow)
    assert dropped == DropDecode(first.id)
    assert isinstance(second, DecodeNow)
    assert second.id == first.id + 1
    assert second.start_s == first.start_s
    assert isinstance(over, TurnOver)
    assert over.decode_id == second.id


def test_an_ending_that_goes_on_joins_what_follows() -> None:
    """'밥은 먹었는데 ... (1.3 s) ... 입맛이 없어요' is one turn even after a closed question."""
    call = Call(text_after_s=0.2, ending=GOES_ON).listen(CLOSED).run(voice("=====" + "_" * 13 + "=====" + "_" * 20))
    assert call.names == ["DecodeNow", "DropDecode", "DecodeNow", "TurnOver"]


def test_the_ending_of_a_dropped_decode_is_forgotten() -> None:
    """A new decode starts with its ending unknown, whatever the caller still passes in that step."""
    call = Call(TurnPolicy(text_wait_s=0.0))
    call.listen(CLOSED)
    for drawing in ("=====", "____", "====", "____"):
        call.at += 0.0
        for probability in voice(drawing):
            call.at = round(call.at + 0.02, 3)
            for decision in call.reducer.step(call.at, probability, playing=False, ending=DONE):
                call.log.append((call.at, decision))
    first = call.names.index("DecodeNow")
    assert "TurnOver" not in [
        name for (at, _), name in zip(call.log, call.names, strict=True) if at == call.log[first][0]
    ]


def test_speech_while_the_text_is_awaited_is_joined_not_cut() -> None:
    """The pause is over, the text is not there yet: resumed speech still belongs to the turn."""
    call = Call(text_after_s=0.9).listen(CLOSED).run(voice("=====" + "_" * 8 + "====" + "_" * 15))
    assert call.names == ["DecodeNow", "DropDecode", "DecodeNow", "TurnOver"]


@pytest.mark.parametrize("drawing", ["_=________", "_~~~~~~___", "__________"])
def test_a_click_or_half_a_voice_is_no_speech(drawing: str) -> None:
    """100 ms of voice, or voice below the threshold, starts nothing; the silence clock goes on."""
    call = Call().listen(ListenFor(silence_s=2.0)).run(voice(drawing + "_" * 15))
    assert call.names == ["SilenceOver"]
    assert call.when("SilenceOver") == pytest.approx(2.0)


def test_a_click_in_a_pause_does_not_end_it() -> None:
    """40 ms of something inside the pause neither drops the decode nor restarts the pause."""
    track = [*voice("====____"), *[0.9] * 2, *voice("_" * 12)]
    call = Call(text_after_s=0.1).listen(CLOSED).run(track)
    assert call.names == ["DecodeNow", "TurnOver"]
    assert call.when("TurnOver") == pytest.approx(1.0, abs=0.021)


def test_voice_that_fades_holds_on_to_the_release_threshold() -> None:
    """Speech that sinks to 0.42 is still speech: the pause starts where it ends."""
    call = Call(text_after_s=0.1).listen(CLOSED).run(voice("===~~" + "_" * 15))
    assert call.when("TurnOver") == pytest.approx(0.5 + 0.6, abs=0.021)


def test_a_short_yes_is_a_turn() -> None:
    """A '네' of 140 ms counts."""
    call = Call(text_after_s=0.1, ending=DONE).listen(CLOSED).run([*voice("__"), *[0.9] * 7, *voice("_" * 15)])
    assert call.names == ["DecodeNow", "TurnOver"]


def test_silence_is_counted_from_the_end_of_the_line() -> None:
    """A three-second line does not use up the two seconds given for an answer."""
    call = Call().listen(ListenFor(silence_s=2.0)).run(voice("_" * 60), line("#" * 30))
    assert call.when("SilenceOver") == pytest.approx(5.0)
    assert call.the("SilenceOver") == SilenceOver(2.0)


def test_silence_ends_once() -> None:
    """After SilenceOver nothing more is decided until the next wait; nothing is acknowledged."""
    call = Call().listen(ListenFor(silence_s=1.0)).run(voice("_" * 60))
    assert call.names == ["SilenceOver"]


def test_speech_at_the_last_moment_is_not_silence() -> None:
    """Speech that begins before the silence is over takes the turn."""
    call = Call(text_after_s=0.1).listen(ListenFor(silence_s=2.0)).run(voice("_" * 18 + "====" + "_" * 12))
    assert call.names == ["DecodeNow", "TurnOver"]


def test_a_turn_too_long_is_cut() -> None:
    """Somebody who does not stop is cut at at_most_s, with a decode of everything so far."""
    call = Call().listen(ListenFor(at_most_s=2.0)).run(voice("=" * 30))
    assert call.names[:2] == ["DecodeNow", "TurnOver"]
    over = call.the("TurnOver")
    assert isinstance(over, TurnOver)
    assert over.cut
    assert over.end_s == pytest.approx(1.9, abs=0.15)


def test_who_speaks_on_after_a_cut_does_not_stop_every_line() -> None:
    """A television cut off once may not silence the bot for ever; after the line it is a turn again, and bounded again."""
    call = Call().listen(ListenFor(at_most_s=2.0)).run(voice("=" * 25))
    call.listen(ListenFor(at_most_s=2.0)).run(voice("=" * 50), line("#" * 20))
    assert "FlushPlayback" not in call.names
    assert call.names.count("TurnOver") == 2


def test_a_backchannel_does_not_stop_the_line() -> None:
    """A '네' during the line is overheard, with its place, and the line goes on."""
    call = Call().listen(CLOSED).run([*voice("_____"), *[0.9] * 9, *voice("_" * 20)], line("#" * 25))
    assert call.names == ["Overheard"]
    assert call.the("Overheard") == Overheard(start_s=pytest.approx(0.14), end_s=pytest.approx(0.88))  # type: ignore[arg-type]


def test_sustained_speech_stops_the_line() -> None:
    """0.4 s after the onset (0.34 s after the detector saw it) the line is stopped; the turn ends like any other."""
    call = Call(text_after_s=0.2).listen(OPEN).run(voice("_____" + "=" * 8 + "_" * 15), line("#" * 30))
    assert call.names == ["FlushPlayback", "DecodeNow", "TurnOver"]
    assert call.when("FlushPlayback") == pytest.approx(0.5 - 0.06 + 0.4, abs=0.021)
    assert call.the("FlushPlayback") == FlushPlayback(pytest.approx(0.44))  # type: ignore[arg-type]


def test_a_line_that_may_not_be_interrupted_goes_on() -> None:
    """Speech over the recording notice is overheard, however long."""
    call = Call().listen(CLOSED, interruptible=False).run(voice("__" + "=" * 15 + "_" * 20), line("#" * 37))
    assert call.names == ["Overheard"]


def test_a_line_without_a_question_can_be_interrupted() -> None:
    """Where no answer is awaited, a barge-in still takes the turn."""
    call = Call(text_after_s=0.2).listen(None).run(voice("__" + "=" * 8 + "_" * 15), line("#" * 30))
    assert call.names == ["FlushPlayback", "DecodeNow", "TurnOver"]


def test_nothing_is_awaited_after_a_line_without_a_question() -> None:
    """Silence after such a line decides nothing."""
    assert Call().listen(None).run(voice("_" * 100), line("#" * 20)).names == []


def test_an_answer_that_overlaps_the_end_of_the_line_is_the_answer() -> None:
    """'네' said while the last syllables of the question are played is not lost as a backchannel."""
    call = Call(text_after_s=0.1).listen(CLOSED).run([*voice("_" * 7), *[0.9] * 8, *voice("_" * 15)], line("#" * 9))
    assert call.names == ["DecodeNow", "TurnOver"]


def test_speech_that_runs_on_past_a_line_that_could_not_be_stopped_is_the_answer() -> None:
    """It began during the line and ended after it."""
    call = Call(text_after_s=0.1).listen(CLOSED, interruptible=False)
    call.run(voice("_" * 5 + "=" * 10 + "_" * 15), line("#" * 9))
    assert call.names == ["DecodeNow", "TurnOver"]


def test_words_just_before_a_line_are_overheard_in_it() -> None:
    """Speech that ended as the next line began is neither a barge-in nor lost."""
    call = Call().listen(None).run(voice("__===_"))
    call.listen(CLOSED).run(voice("_" * 20), line("#" * 20))
    assert call.names == ["Overheard"]


def test_the_line_yields_to_a_person_who_is_still_speaking() -> None:
    """Speech that goes on into the line stops it, 0.4 s after the line began."""
    call = Call(text_after_s=0.1).listen(None).run(voice("__======"))
    began = call.at
    call.listen(CLOSED).run(voice("======" + "_" * 15), line("#" * 20))
    assert call.names == ["FlushPlayback", "DecodeNow", "TurnOver"]
    assert call.when("FlushPlayback") == pytest.approx(began + 0.4, abs=0.021)


def test_dead_air_is_acknowledged_once() -> None:
    """1.2 s after the endpoint, not after the text."""
    call = Call(text_after_s=0.8).listen(CLOSED).run(voice("====" + "_" * 60))
    assert call.names == ["DecodeNow", "TurnOver", "Acknowledge"]
    assert call.when("Acknowledge") == pytest.approx(0.4 + 0.6 + 1.2, abs=0.021)


def test_a_reply_in_time_is_not_acknowledged() -> None:
    """The next line, or the next wait, ends the wait for a reply."""
    call = Call(text_after_s=0.1).listen(CLOSED).run(voice("====" + "_" * 10))
    call.run(voice("_" * 30), line("#" * 30))
    assert call.names == ["DecodeNow", "TurnOver"]


def test_speech_before_the_reply_is_told_and_can_be_joined() -> None:
    """A person who goes on after all: the turn is taken back and ends with both halves."""
    call = Call(text_after_s=0.1).listen(CLOSED)

    def reopen(decision: Decision) -> None:
        if type(decision).__name__ == "Resumed":
            call.reducer.reopen()

    call.run(voice("_====" + "_" * 8 + "=====" + "_" * 15), on=reopen)
    assert call.names == ["DecodeNow", "TurnOver", "Resumed", "DecodeNow", "TurnOver"]
    whole = call.log[-1][1]
    assert isinstance(whole, TurnOver)
    assert whole.start_s == 0.0
    assert whole.end_s == pytest.approx(2.0)


def test_speech_before_the_reply_that_is_not_joined_belongs_to_the_next_wait() -> None:
    """Without reopen nothing is lost: what was said while we thought is part of the next answer."""
    call = Call(text_after_s=0.1).listen(CLOSED).run(voice("====" + "_" * 8 + "==="))
    call.listen(CLOSED).run(voice("==" + "_" * 15))
    assert call.names == ["DecodeNow", "TurnOver", "Resumed", "DecodeNow", "TurnOver"]
    assert call.log[-1][1].start_s == pytest.approx(0.8, abs=0.05)  # type: ignore[union-attr]


def test_turns_never_share_audio() -> None:
    """The pre-roll of a turn does not reach into the one before."""
    call = (
        Call(replace(SHORT, closed=Pauses(0.3, 0.3, 0.3, 0.3, 0.3), text_wait_s=0.0))
        .listen(CLOSED)
        .run(voice("====____"))
    )
    call.listen(CLOSED).run(voice("====______"))
    first, second = (decision for _, decision in call.log if isinstance(decision, TurnOver))
    assert second.start_s >= first.end_s


def test_speaking_says_whether_to_wait_with_the_next_line() -> None:
    """True from the first 0.12 s of voice until the turn is over."""
    call = Call(text_after_s=0.1).listen(CLOSED)
    assert not call.reducer.speaking
    assert call.run(voice("_===")).reducer.speaking
    assert call.run(voice("___")).reducer.speaking
    assert not call.run(voice("_" * 6)).reducer.speaking


def test_reopen_without_a_turn_does_nothing() -> None:
    """A late Resumed after the next wait began is harmless."""
    call = Call(text_after_s=0.1).listen(CLOSED)
    call.reducer.reopen()
    assert call.run(voice("===" + "_" * 10)).names == ["DecodeNow", "TurnOver"]
