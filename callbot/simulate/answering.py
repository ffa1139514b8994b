"""What a virtual recipient does when a line has been heard. Pure: times go in, decisions come out."""

from dataclasses import dataclass, field

from callbot.simulate.persona import Persona, Pickup, Speaker, Utterance

UNKNOWN_WAIT_S = 1.5
"""An unrecognised line may go on after a pause; wait longer before answering it."""
NOTICE = "notice"
"""Topic of a line that asks nothing."""
AGAIN = "again"
"""Topic of a line that asks the last question again ("한 번만 더 말씀해 주세요")."""


@dataclass(frozen=True)
class KnownLine:
    """A line of the bot that the recipient can recognise by ear, and what it asks about."""

    id: str
    text: str
    topic: str
    """A Topic value, NOTICE or AGAIN."""
    clip: str
    """Path of the rendered alaw clip; may not exist yet."""
    slow: bool = False
    """It was rendered slower and louder."""


@dataclass(frozen=True)
class Answer:
    """What to do, and when: `wait_s` after the end of the bot's line."""

    key: str
    utterance: Utterance
    wait_s: float


@dataclass
class Answering:
    """One call of one persona. `plan` decides, `given` remembers that it was really said."""

    persona: Persona
    pickup: Pickup
    turns: int = 0
    _asked: dict[str, int] = field(default_factory=dict)
    _last: str | None = None

    @property
    def speaker(self) -> Speaker:
        """Who is on the line."""
        if self.pickup is Pickup.OTHER_ANSWERS and self.persona.other is not None:
            return self.persona.other
        return self.persona.me

    def plan(self, line: KnownLine | None) -> Answer | None:
        """The answer to a line that has ended (None: a line nobody told us about); None where no answer is due."""
        key = self._key(line)
        if key is None:
            return None
        utterances = self.speaker.says.get(key, self.speaker.default)
        utterance = utterances[min(self._asked.get(key, 0), len(utterances) - 1)]
        wait = self.speaker.gap_s if utterance.after_s is None else utterance.after_s
        return Answer(key, utterance, wait if line else max(wait, UNKNOWN_WAIT_S))

    def over(self, line: KnownLine) -> Answer | None:
        """What is to be said over this line while it is still being spoken, if anything."""
        answer = self.plan(line)
        return answer if answer is not None and answer.utterance.barge_in_s is not None else None

    def given(self, answer: Answer) -> None:
        """The answer was given; the next time this is asked, the next utterance is due."""
        self._asked[answer.key] = self._asked.get(answer.key, 0) + 1
        self._last = answer.key
        self.turns += 1

    def hangs_up_now(self, answer: Answer) -> bool:
        """Whether the person ends the call after this answer."""
        limit = self.persona.hang_up.after_turns
        return answer.utterance.then_hang_up or (limit is not None and self.turns >= limit)

    def _key(self, line: KnownLine | None) -> str | None:
        """The entry of `says`: the longest line-id prefix, else the topic (which may have no entry: the default is said)."""
        if line is None:
            return "unknown"
        prefixes = [key for key in self.speaker.says if line.id == key or line.id.startswith(f"{key}.")]
        asks_nothing = line.topic == NOTICE
        if asks_nothing:  # only an entry for this very line answers a notice
            return line.id if line.id in self.speaker.says else None
        if prefixes:
            return max(prefixes, key=len)
        return self._last or "unknown" if line.topic == AGAIN else line.topic
