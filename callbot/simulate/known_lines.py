"""The lines of a script as a virtual recipient knows them: where the clip lies and what it asks."""

from collections.abc import Iterable

from callbot.converse.commands import Line
from callbot.simulate.answering import AGAIN, NOTICE, KnownLine
from callbot.talk.voice_cache import VoiceCache
from callbot.understand.meaning import Topic

_ASKING = ("ask", "reprompt", "simpler", "keys")
_TOPICS = {
    "opening.good_time": Topic.GOOD_TIME,
    "opening": Topic.IDENTITY,
    "crisis": Topic.CONFIRM,
    "repair": AGAIN,
    "incoming": Topic.GOOD_TIME,
    "contact": Topic.SEEN,
}
_AGAIN = ("repair.not_heard", "repair.keys", "opening.are_you_there")


def known_lines(lines: Iterable[Line], clips: VoiceCache) -> list[KnownLine]:
    """The lines of one person's call (converse.lines.lines_for), asking lines first where two share a clip."""
    known = [
        KnownLine(line.id, line.text, topic_of(line.id), str(clips.path(line.text, slow=line.slow)), line.slow)
        for line in lines
    ]
    unique: dict[str, KnownLine] = {}
    for line in sorted(known, key=lambda known: known.topic == NOTICE):
        unique.setdefault(line.clip, line)
    return list(unique.values())


def topic_of(line_id: str) -> str:
    """What a line asks about, by its id.

    >>> topic_of("meals.bad.ask"), topic_of("meals.ok"), topic_of("crisis.medical.confirm.ask")
    ('meals', 'notice', 'confirm')
    """
    if line_id in _AGAIN:
        return AGAIN
    first, _, _ = line_id.partition(".")
    if line_id.rpartition(".")[2] not in _ASKING:
        return NOTICE
    for prefix, topic in _TOPICS.items():
        if line_id.startswith(f"{prefix}."):
            return topic
    return first if first in set(Topic) else NOTICE
