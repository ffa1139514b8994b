"""Questions of a script, and how their answers are listened to."""

from typing import Literal

from pydantic import Field, field_validator

from callbot.converse.condition import Condition
from callbot.converse.script_part import Part, Text
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.understand.meaning import ASKED_TOPICS, Topic


class Prompt(Part):
    """Something asked, and the same thing in simpler, slower words for "뭐라고?"."""

    ask: Text
    simpler: Text


class Listen(Part):
    """Seconds."""

    pause: float | None = Field(None, ge=0.3, le=4)
    """Silence that ends an answer; left out: by kind and person."""
    silence: float = Field(6, ge=2, le=20)
    """Nothing said for this long: silence."""
    at_most: float = Field(20, ge=3, le=60)


class BadReply(Part):
    """What is said to a worrying answer: empathy, and at most one question more."""

    say: Text
    ask: Text | None = None


class Question(Part):
    """One topic. `네` to `ask` and `simpler` means fine (at `needs`: something is needed), so word them that way."""

    id: Topic
    kind: Literal["closed", "open"]
    mandatory: bool = True
    ask: Text
    also: tuple[Text, ...] = ()
    """Other wordings of `ask`: who is called every week hears another one each time."""
    reprompt: Text
    """After silence."""
    simpler: Text
    """A yes/no question in the fewest words; spoken slowly."""
    ok: Text
    """The only place where the bot may be glad."""
    bad: BadReply
    unsure: Text
    only_if: Condition | None = None
    unless: Condition | None = None
    """The other branch: asked except where this holds."""
    listen: Listen = Listen()

    @field_validator("id")
    @classmethod
    def _is_asked_in_a_check_in(cls, topic: Topic) -> Topic:
        if topic not in ASKED_TOPICS:
            raise ValueError("질문 이름은 " + ", ".join(ASKED_TOPICS) + " 가운데 하나여야 합니다")
        return topic

    def listen_for(self, *, simpler: bool = False) -> ListenFor:
        """How to listen to the answer."""
        kind = QuestionKind.CLOSED if simpler else QuestionKind(self.kind)
        return ListenFor(kind, self.listen.pause, self.listen.silence, self.listen.at_most)
