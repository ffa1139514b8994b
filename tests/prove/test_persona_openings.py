"""What every virtual recipient says first, or what is played instead of them, through G.711 and the real recogniser."""

import numpy as np
import pytest

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.model_files import WHISPER_BASE, join_whisper
from callbot.adapters.whisper_worker import Recogniser
from callbot.bench_ears import on_the_line
from callbot.line.g711 import alaw_to_pcm
from callbot.listen.gates import judge
from callbot.listen.utterance import Transcript
from callbot.settings import ROOT
from callbot.simulate.persona import MACHINE_SPEED, MACHINE_VOICE, Persona, Pickup, load_personas
from callbot.talk.early_words import announced
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache
from callbot.understand.meaning import Intent, Topic
from callbot.understand.understander import Understander

pytestmark = [pytest.mark.prove, pytest.mark.timeout(900)]

PERSONAS = load_personas(ROOT / "prompts" / "personas")


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    """The embedded Whisper, in this process."""
    join_whisper(ROOT / ".models")
    return Recogniser(ROOT / ".models" / WHISPER_BASE, 1)


def through_the_telephone(recogniser: Recogniser, voice: str, speed: float, text: str) -> Transcript:
    clip = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"), voice, speed).clip(text)
    assert clip is not None, f"{text} is not in prompts/voice-pack"
    return judge(recogniser.transcribe(on_the_line(np.asarray(alaw_to_pcm(clip))), 8000, ()))


def is_machine(understander: Understander, heard: Transcript) -> bool:
    meaning = understander.hear(heard.text, Topic.NOTICE, alternatives=heard.alternatives)
    return bool(meaning.intents & {Intent.MACHINE, Intent.ANNOUNCEMENT})


@pytest.mark.parametrize("persona", [p for p in PERSONAS if Pickup.VOICEMAIL in p.calls], ids=lambda p: p.number)
def test_mailboxes(persona: Persona, recogniser: Recogniser, understander: Understander) -> None:
    """A mailbox's greeting is a machine's."""
    heard = through_the_telephone(recogniser, MACHINE_VOICE, MACHINE_SPEED, persona.voicemail.greeting)
    assert is_machine(understander, heard), heard


@pytest.mark.parametrize("persona", [p for p in PERSONAS if Pickup.SWITCHED_OFF in p.calls], ids=lambda p: p.number)
def test_announcements(persona: Persona, recogniser: Recogniser, understander: Understander) -> None:
    """ "Switched off" is heard as that, before the answer."""
    heard = through_the_telephone(recogniser, MACHINE_VOICE, MACHINE_SPEED, persona.announcement)
    assert announced(understander, [heard.text, *heard.alternatives]) == "off", heard


def first_words() -> list[tuple[str, float, str]]:
    found = {}
    for persona in PERSONAS:
        for pickup, speaker in ((Pickup.ANSWER, persona.me), (Pickup.OTHER_ANSWERS, persona.other)):
            if speaker is None or pickup not in persona.calls:
                continue
            identity = [each.say for each in speaker.says.get("identity", speaker.default)]
            found |= {(speaker.voice, speaker.speed, text): None for text in (speaker.pickup, *identity) if text}
    return list(found)


@pytest.mark.parametrize("spoken", first_words(), ids=lambda spoken: spoken[2])
def test_people(spoken: tuple[str, float, str], recogniser: Recogniser, understander: Understander) -> None:
    """Nobody's first words are a machine's."""
    assert not is_machine(understander, through_the_telephone(recogniser, *spoken))
