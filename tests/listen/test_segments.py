"""Recorded audio is cut by the reducer that listens live."""

import itertools

import pytest
from tracks import voice

from callbot.listen.segments import segments


def test_utterances_of_a_recording_are_found() -> None:
    """Two utterances 2 s apart are two, a short pause inside one is not an end, and the last needs no silence after it."""
    found = segments(voice("_____=====___====" + "_" * 20 + "===="))
    assert [(part.start_s, part.end_s) for part in found] == [
        (pytest.approx(0.14), pytest.approx(1.9)),
        (pytest.approx(3.34), pytest.approx(4.1)),
    ]


def test_silence_has_no_utterances() -> None:
    """A silent or empty recording yields nothing."""
    assert segments(voice("_" * 100)) == []
    assert segments([]) == []


def test_endless_speech_is_cut_without_losing_any() -> None:
    """45 s of speech come in pieces of at most 20 s that touch."""
    found = segments(voice("=" * 450))
    assert len(found) == 3
    assert found[0].start_s == 0.0
    assert all(after.start_s == pytest.approx(before.end_s, abs=0.05) for before, after in itertools.pairwise(found))
    assert found[-1].end_s == pytest.approx(45.0)
