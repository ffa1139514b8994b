"""A drawn "네" into our line stops it like any speech; once its words are known to be no more, the line goes on where it was.

A turn is taken by what was said, not by how long it took. "아니" is no backchannel: it objects. Near the end of a line even "네" is the answer.
"""

from dataclasses import replace
from typing import Protocol

from callbot.line.happenings import Answered, Said, Utterance
from callbot.listen.endings import MARKS
from callbot.listen.listen_for import ListenFor

BACKCHANNELS = frozenset(
    {
        "네",
        "예",
        "응",
        "어",
        "음",
        "아",
        "오",
        "그래",
        "그래요",
        "그렇지",
        "그렇죠",
        "그럼",
        "그럼요",
        "아이고",
        "아이구",
        "네네",
    }
)
REST_S = 1.5
"""With less of the line left, "네" may well answer it: everybody knows how it ends."""
BACK_S = 0.3
"""The line goes on a little before where it broke off: the word that was cut is said again."""
TIMES = 2
"""Who says it a third time wants to say more."""
RATE = 8000
FRAME_S = 0.02


class Speaking(Protocol):
    """What is needed of a line."""

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:
        """Play to the end, or until the person takes the turn."""

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        """Play, then listen."""


async def say_through(line: Speaking, clip: bytes, *, interruptible: bool = True) -> Said:
    """Like `line.say`, of the whole clip: backchannels in it come as overheard."""
    said, start = await line.say(clip, interruptible=interruptible), 0.0
    began, overheard = said.began_s, said.overheard
    for _ in range(TIMES):
        rest = _goes_on(clip, start, said.said_until_s, said.took_turn)
        if rest is None or said.took_turn is None:
            break
        overheard, start = (*overheard, said.took_turn), rest
        said = await line.say(clip[round(rest * RATE) :], interruptible=interruptible)
        overheard += said.overheard
    return replace(said, began_s=began, overheard=overheard, said_until_s=_until(start, said.said_until_s))


async def ask_through(line: Speaking, clip: bytes, listen: ListenFor) -> Answered:
    """Like `line.ask`: a backchannel in the middle of the question is no answer to it."""
    answered, start = await line.ask(clip, listen), 0.0
    began, overheard = answered.began_s, answered.overheard
    for _ in range(TIMES):
        rest = _goes_on(clip, start, answered.said_until_s, answered.utterance)
        if rest is None or answered.utterance is None:
            break
        overheard, start = (*overheard, answered.utterance), rest
        answered = await line.ask(clip[round(rest * RATE) :], listen)
        overheard += answered.overheard
    return replace(answered, began_s=began, overheard=overheard, said_until_s=_until(start, answered.said_until_s))


def _until(start: float, until: float | None) -> float | None:
    return None if until is None else round(start + until, 3)


def _goes_on(clip: bytes, start: float, until: float | None, said: Utterance | None) -> float | None:
    """Second of the clip at which the line goes on; None: the turn was taken, or the line was said."""
    if until is None or said is None or not is_backchannel(said):
        return None
    at = round(max(start, start + until - BACK_S) / FRAME_S) * FRAME_S
    return at if len(clip) / RATE - at >= REST_S else None


def is_backchannel(said: Utterance) -> bool:
    """One or two of these words and nothing else, as they were understood."""
    if not said.words.done() or said.words.cancelled() or said.words.exception() is not None:
        return False
    words = MARKS.sub(" ", said.words.result().text).split()
    return 0 < len(words) <= 2 and all(word in BACKCHANNELS for word in words)  # noqa: PLR2004 - "네, 네"
