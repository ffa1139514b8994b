"""A drawn "네" into a line is no turn: the line goes on. Real media server, voice activity and recognition adapter."""

import asyncio

import numpy as np
import pytest
from conversations import Call, Decorator, conversation, conversations  # noqa: F401 - a fixture
from known_words import KnownWords

from callbot.adapters.kokoro import KokoroVoice
from callbot.line.g711 import pcm_to_alaw
from callbot.line.happenings import Utterance
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.utterance import Transcript
from callbot.settings import ROOT
from callbot.talk.backchannels import ask_through, is_backchannel, say_through
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache

VOICE = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"))
CLOSED = ListenFor(QuestionKind.CLOSED, silence_s=4.0)


def spoken(text: str) -> bytes:
    """A person's clip of the voice pack."""
    found = VOICE.clip(text)
    assert found is not None
    return found


CLIPS = {text: spoken(text) for text in ("네.", "네, 좋아요.")}


def line(seconds: float) -> bytes:
    """Of the bot: no two frames of it are alike."""
    t = np.arange(int(seconds * 8000)) / 8000
    return pcm_to_alaw((6000 * np.sin(2 * np.pi * (400 + 40 * t) * t)).astype(np.int16))


def held() -> Decorator:
    """A conversation whose recogniser knows CLIPS; the longer one is not taken for the shorter."""
    return conversation(words=KnownWords({"네.": CLIPS["네."], "네, 좋아요.": CLIPS["네, 좋아요."]}))


@held()
async def test_the_line_goes_on_after_a_drawn_yes(one: Call) -> None:
    """Half a second of "네" at 0.6 s: the person hears the whole line all the same, and the "네" is overheard, no turn."""
    whole = line(5.0)
    saying = asyncio.create_task(say_through(one.line, whole))
    await asyncio.sleep(0.6)
    one.person.say(CLIPS["네."])
    said = await saying
    assert (said.took_turn, said.said_until_s) == (None, None)
    assert [(await each.words).text for each in said.overheard] == ["네."]
    assert one.person.heard_s(whole) == pytest.approx(5.0, abs=0.1)


@held()
async def test_the_question_is_asked_to_its_end(one: Call) -> None:
    """ "네" in the middle of a question does not answer it; what is said after it does."""
    whole = line(4.0)
    asking = asyncio.create_task(ask_through(one.line, whole, CLOSED))
    await asyncio.sleep(0.6)
    one.person.say(CLIPS["네."])
    await asyncio.sleep(6.5)
    assert one.person.heard_s(whole) == pytest.approx(4.0, abs=0.1)
    one.person.say(CLIPS["네, 좋아요."])
    answered = await asking
    assert answered.utterance is not None
    assert "좋아요" in (await answered.utterance.words).text
    assert [(await each.words).text for each in answered.overheard] == ["네."]


@held()
async def test_near_the_end_of_a_question_yes_is_the_answer(one: Call) -> None:
    """Everybody knows how it ends: the rest is not said, and "네" has taken the turn."""
    whole = line(1.8)
    asking = asyncio.create_task(ask_through(one.line, whole, CLOSED))
    await asyncio.sleep(0.6)
    one.person.say(CLIPS["네."])
    answered = await asking
    assert answered.utterance is not None
    assert answered.said_until_s is not None
    assert answered.overheard == ()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("네.", True),
        ("응 그래", True),
        ("아이고.", True),
        ("네 네", True),
        ("아니", False),
        ("네, 좋아요.", False),
        ("", False),
        ("네 네 네", False),
    ],
)
def test_what_is_a_backchannel(text: str, is_one: bool) -> None:
    """Agreement and sympathy in a word or two; an objection, an answer or a rejected sound is none."""

    async def judged() -> bool:
        words: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        words.set_result(Transcript(text, 0.9))
        return is_backchannel(Utterance(0.0, 1.0, words))

    assert asyncio.run(judged()) is is_one
