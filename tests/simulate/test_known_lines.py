"""What the lines of the script ask, as a virtual recipient knows it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callbot.converse.addressee import Addressee
from callbot.converse.commands import Line
from callbot.converse.lines import CallKind, lines_for
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.simulate.answering import AGAIN, NOTICE
from callbot.simulate.known_lines import known_lines, topic_of
from callbot.simulate.persona import load_personas
from callbot.talk.voice_cache import VoiceCache


class NoVoice:
    version = "none"

    def speak(self, text: str, voice: str, speed: float, *, slow: bool = False) -> NDArray[np.int16]:
        raise NotImplementedError


@pytest.fixture
def cache(tmp_path: Path) -> VoiceCache:
    return VoiceCache(tmp_path, NoVoice())


@pytest.mark.parametrize(
    ("line_id", "topic"),
    [
        ("meals.ask", "meals"),
        ("meals.reprompt", "meals"),
        ("meals.simpler", "meals"),
        ("meals.bad.ask", "meals"),
        ("meals.ok", NOTICE),
        ("meals.bad.say", NOTICE),
        ("opening.hello", NOTICE),
        ("opening.identity.ask", "identity"),
        ("opening.identity.keys", "identity"),
        ("opening.handover.ask", "identity"),
        ("opening.good_time.simpler", "good_time"),
        ("opening.are_you_there", AGAIN),
        ("repair.not_heard", AGAIN),
        ("crisis.medical.confirm.ask", "confirm"),
        ("crisis.medical.heard", NOTICE),
        ("closing.goodbye", NOTICE),
    ],
)
def test_topic_of_line(line_id: str, topic: str) -> None:
    """What is asked is known from the line's id."""
    assert topic_of(line_id) == topic


def test_a_shared_clip_is_known_once(cache: VoiceCache) -> None:
    """Two lines with the same words are one sound; the one that asks counts."""
    lines = known_lines([Line("needs.ok", "네, 알겠습니다."), Line("needs.ask", "네, 알겠습니다.")], cache)
    assert [(line.id, line.topic) for line in lines] == [("needs.ask", "needs")]


def test_every_key_of_a_persona_is_asked_by_the_script(cache: VoiceCache) -> None:
    """No persona waits for a question that the script does not have (a misspelt topic would never be answered)."""
    script = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
    spoken = [line for kind in CallKind for line in lines_for(script, Addressee("김순자"), kind)]
    lines = known_lines(spoken, cache)
    asked = {line.topic for line in lines} | {line.id for line in lines}
    prefixes = {
        line_id[:end] for line_id in asked for end in range(len(line_id) + 1) if line_id[end : end + 1] in ("", ".")
    }
    for persona in load_personas(ROOT / "prompts" / "personas"):
        for speaker in filter(None, (persona.me, persona.other)):
            assert set(speaker.says) <= asked | prefixes, persona.number
