"""What a conversation came to: the return value of the dialogue generator."""

from dataclasses import dataclass, field
from enum import StrEnum

from callbot.converse.memory import Heard as HeardOfMemory
from callbot.converse.memory_candidate import MemoryCandidate
from callbot.people.hearing_aid import HearingAid
from callbot.understand.call_wish import CallWish
from callbot.understand.meaning import AnswerValue, Reported, Request, Signal, Topic


class WhoAnswered(StrEnum):
    """Who or what was on the line, from transcript evidence alone."""

    PERSON = "person"
    OTHER_PERSON = "other_person"
    VOICEMAIL = "voicemail"
    ANNOUNCEMENT = "announcement"
    SILENT = "silent"


class ContactResult(StrEnum):
    """What the call did for the due contact."""

    CONTACTED = "contacted"  # the person's own words are in the transcript
    CONTACTED_DEGRADED = "contacted_degraded"  # only a key press that was asked for by name
    REFUSED = "refused"  # not today
    DO_NOT_CALL = "do_not_call"  # hold and a case
    CALL_AGAIN = "call_again"  # busy: later today
    REPORTED = "reported"  # somebody told us: hospital, death, moved
    NO_CONTACT = "no_contact"  # the ladder goes on


@dataclass(frozen=True)
class Outcome:
    """Everything the ledger needs to know of a conversation."""

    who: WhoAnswered
    result: ContactResult
    answers: dict[Topic, AnswerValue] = field(default_factory=dict)
    """Every topic of the script; `not_asked` where it was not reached."""
    signals: tuple[Signal, ...] = ()
    requests: tuple[Request, ...] = ()
    memories: tuple[MemoryCandidate, ...] = ()
    """What may be asked about again in another week."""
    reported: Reported | None = None
    told: str | None = None
    """Which machine spoke, a kind of prompts/lexicon/announcements.yaml; or `wrong_number`, by the word of who answered."""
    call_wish: CallWish | None = None
    """When to call instead (`call_again`), where a time was named."""
    memory: HeardOfMemory = field(default_factory=HeardOfMemory)
    """What to ask about again, and what not."""
    hung_up: bool = False
    """The person ended the call before its closing line."""
    completed: bool = False
    """Every mandatory question was asked."""
    aid: HearingAid | None = None
    """How they were spoken to in the end; None: nobody was."""
    without: tuple[str, ...] = ()
    """What the call had to do without: `ears` (no recognition: keys), `voice` (no rendering: nobody was asked for by name)."""
