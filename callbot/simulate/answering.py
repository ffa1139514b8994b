"""What a virtual recipient does when a line has been heard. Pure: times go in, decisions come out."""

from dataclasses import dataclass, field

from callbot.simulate.persona import Persona, Pickup, Speaker, Utterance
from callbot.understand.meaning import Topic

UNKNOWN_WAIT_S = 1.5
"""An unrecognised line may go on after a pause; wait longer before answering it."""


@dataclass(frozen=True)
class KnownLine:
    """A line of the bot that the recipient can recognise by ear, and what it asks about."""

    id: str
    text: str
    topic: str
    """A Topic value; `notice`: nothing is asked."""
    clip: str
    """Path of the rendered alaw clip; may not exist yet."""


@dataclass
class Answering:
    """One call of one persona."""

    persona: Persona
    pickup: Pickup
    asked: dict[str, int] = field(default_factory=dict)
    turns: int = 0

    @property
    def speaker(self) -> Speaker:
        """Who is on the line."""
        if self.pickup is Pickup.OTHER_ANSWERS and self.persona.other is not None:
            return self.persona.other
        return self.persona.me

    def before(self, line: KnownLine) -> Utterance | None:
        """What will be said over this line while it is still being spoken, if anything."""
        key = self._key(line)
        utterance = self._next(key) if key else None
        return utterance if utterance is not None and utterance.barge_in_s is not None else None

    def after(self, line: KnownLine | None) -> Utterance | None:
        """The answer to a line that has ended (None: a line nobody told us about), or None where none is due."""
        if line is None:
            return self._take("unknown", self.speaker.default)
        key = self._key(line)
        if key:
            return self._take(key, self.speaker.says[key])
        if line.topic == Topic.NOTICE:
            return None
        return self._take(line.topic, self.speaker.default)

    def wait_s(self, utterance: Utterance, *, recognised: bool) -> float:
        """Seconds from the end of the bot's line to the first word."""
        if utterance.after_s is not None:
            return utterance.after_s
        return self.speaker.gap_s if recognised else max(UNKNOWN_WAIT_S, self.speaker.gap_s)

    def hangs_up_after_turns(self) -> bool:
        """The person has answered as many questions as they meant to."""
        limit = self.persona.hang_up.after_turns
        return limit is not None and self.turns >= limit

    def _key(self, line: KnownLine) -> str | None:
        """The entry of `says` for a line: the longest line-id prefix, else the topic."""
        prefixes = [key for key in self.speaker.says if line.id == key or line.id.startswith(f"{key}.")]
        if prefixes:
            return max(prefixes, key=len)
        return line.topic if line.topic in self.speaker.says and line.topic != Topic.NOTICE else None

    def _next(self, key: str) -> Utterance:
        utterances = self.speaker.says[key]
        return utterances[min(self.asked.get(key, 0), len(utterances) - 1)]

    def _take(self, key: str, utterances: tuple[Utterance, ...]) -> Utterance:
        number = self.asked.get(key, 0)
        self.asked[key] = number + 1
        self.turns += 1
        return utterances[min(number, len(utterances) - 1)]
