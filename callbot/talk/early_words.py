"""What the network said before any answer, from the words of every piece of it."""

import asyncio
from collections.abc import Sequence

from callbot.dial.announced import ONLY_IF_SURE
from callbot.line.early_media import EarlyMedia
from callbot.line.ports import EarsDown
from callbot.listen.tones import Tone
from callbot.listen.utterance import Transcript
from callbot.understand.understander import Understander

EARLY_WAIT_S = 4.0
"""For the words of an announcement whose last pieces are still being decoded when the call is over."""


async def announcement_in(early: EarlyMedia, understander: Understander) -> str | None:
    """Kind of the announcement (prompts/lexicon/announcements.yaml), None where it was ringing or music."""
    if early.words:
        await asyncio.wait(early.words, timeout=EARLY_WAIT_S)
    heard = [words.result() for words in early.words if _is_known(words)]
    texts = [text for one in heard if one.rejected is None for text in (one.text, *one.alternatives)]
    kind = await asyncio.to_thread(announced, understander, texts)
    if Tone.FAX in early.tones:
        return "fax"
    return "busy" if kind is None and Tone.BUSY in early.tones else kind


def announced(understander: Understander, texts: Sequence[str]) -> str | None:
    """The same, of texts."""
    found = understander.announced([*texts, " ".join(dict.fromkeys(texts))]) if texts else None
    if found is None or (found.kind in ONLY_IF_SURE and not found.sure):
        return None
    return found.kind


def _is_known(words: "asyncio.Future[Transcript]") -> bool:
    """The ears may be down, or late."""
    if not words.done() or words.cancelled():
        return False
    return not isinstance(words.exception(), EarsDown)
