"""A script: what is said and in which order, as a supervisor writes it in YAML. Word in YAML = name here."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callbot.converse.script_memory import MemoryLines
from callbot.converse.script_part import Part, Text
from callbot.converse.script_question import Prompt, Question
from callbot.people.consent import ConsentKind
from callbot.understand.meaning import MemoryKind, Topic

LONGEST_S = 480
"""Eight minutes; a check-in takes two to four."""


class Identity(Prompt):
    """Who is on the line. The only lines that name the person."""

    keys: Text
    """Asks for key 1 by name; a key press here is contact of the degraded kind."""


class Opening(Part):
    """Until it is clear who is speaking and that they have time."""

    hello: Text
    """The first sentence: who calls, and that it is an AI."""
    recording: Text
    identity: Identity
    who: Text
    """After "누구세요?"."""
    are_you_there: Text
    handover: Prompt
    """Somebody else answered: may I speak to the person? Without the name."""
    is_it_you: Prompt
    """To whoever takes the phone over. Without the name."""
    good_time: Prompt


class Repair(Part):
    """When words were lost."""

    not_heard: Text
    yes_no: Text = "네, 아니요로만 말씀해 주세요."
    """Before the simplest words are asked once more."""
    keys: Text
    """Key 1: fine; key 2: help is needed."""
    by_keys: Text
    """We cannot hear them: answers by key from here on."""
    help_wanted: Text
    """After key 2."""
    misheard: Text
    """The person says that we misheard something grave."""
    go_on: Text
    """A question is given up."""


class Acknowledge(Part):
    """Said to any topic; never glad."""

    neutral: Text
    request: Text
    """A wish is passed on; no promise."""
    more: Text
    """After the question that followed a worrying answer."""


class Reports(Part):
    """To somebody who tells us what happened to the person."""

    dead: Text
    in_hospital: Text
    moved: Text


class OtherClosings(Part):
    """Other wordings of the lines that end every call."""

    thanks: tuple[Text, ...] = ()
    goodbye: tuple[Text, ...] = ()


class Closing(Part):
    """How each conversation ends."""

    thanks: Text
    callback: Text
    phishing: Text
    goodbye: Text
    cut_short: Text
    """The person has to go in the middle; enough was said."""
    busy: Text
    refused: Text
    do_not_call: Text
    not_here: Text
    wrong_number: Text
    silent: Text
    unheard: Text
    too_long: Text
    also: OtherClosings = OtherClosings()
    reported: Reports


class CrisisLines(Part):
    """Fixed, approved by people. `serious` answers a high signal, the rest an emergency."""

    serious: Text
    heard: Text
    number: Text
    confirm: Prompt
    """Is it so now? `네` means: yes."""
    heard_right: Text
    """Did we hear you right? Asked where the words were hardly heard. `네` means: yes."""
    close: Text


class Connect(Part):
    """Bringing the worker on duty into the call. Without this section nobody is offered that."""

    offer: Prompt
    """Shall we connect you? `네` means: yes. Anything but a no connects (ADR 0034)."""
    declined: Text
    ringing: Text
    waiting: Text
    """Said again and again while a telephone rings: nobody waits in silence."""
    listening: Text
    """To somebody who speaks while we ring."""
    joined: Text
    """To both: the worker is there."""
    nobody: Text
    """Nobody took it. Names 119 and 109."""


class Crisis(Part):
    """By kind."""

    suicide: CrisisLines
    medical: CrisisLines
    abuse: CrisisLines
    generic: CrisisLines
    connect: Connect | None = None


class Incoming(Part):
    """Somebody calls us. Without this section a caller hears a recorded notice only."""

    wish: Prompt
    """To the person, recognised: may we ask now?"""
    unknown: Text
    """To anybody else: who this number belongs to."""
    message: Prompt
    """Asks for something to pass on."""
    taken: Text
    goodbye: Text
    in_call: Text
    """Somebody is talking to us on the person's number at this very moment."""


class Contact(Part):
    """A guardian or neighbour is called because the person was not reached. Nothing about the person but the name."""

    ask: Prompt
    """Is this the registered contact? With the person's name."""
    why: Text
    seen: Prompt
    """Have they met or talked to the person lately? `네` means: yes."""
    look_in: Prompt
    """Can they look in? `네` means: yes."""
    fine: Text
    will_look: Text
    cannot: Text


class Script(Part):
    """One kind of call."""

    script: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    version: int = Field(ge=1)
    language: Literal["ko"]
    title: str
    kind: Literal["check_in", "special"] = "check_in"
    """`special`: for one purpose (heat, holiday); it need not ask about meals and mood."""
    needs_consent: ConsentKind | None = None
    """Whoever has not given it is called with the default script instead."""
    longest_s: int = Field(LONGEST_S, ge=60, le=570)
    """Seconds of talk after which no further question is begun: a warm goodbye instead."""
    opening: Opening
    questions: tuple[Question, ...] = Field(min_length=1)
    repair: Repair
    acknowledge: Acknowledge
    closing: Closing
    crisis: Crisis
    incoming: Incoming | None = None
    contact: Contact | None = None
    memory: MemoryLines | None = None

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic asked about, in order, once."""
        return tuple(dict.fromkeys(question.id for question in self.questions))

    @property
    def mandatory(self) -> frozenset[Topic]:
        """Topics that must be asked or recorded as not asked."""
        return frozenset(question.id for question in self.questions if question.mandatory)

    def texts(self) -> dict[str, str]:
        """Every spoken line before names are filled in: `meals.ask`, `crisis.suicide.heard`, ... One wording of each, and
        no question about a memory: what it is about is known only before a call."""
        found: dict[str, str] = {}
        for question in self.questions:
            found |= dict(_spoken(question, question.id.value))
        for section in ("opening", "repair", "acknowledge", "closing", "crisis", "incoming", "contact"):
            part = getattr(self, section)
            found |= dict(_spoken(part, section)) if part is not None else {}
        if self.memory is not None:
            found |= {f"memory.{name}": getattr(self.memory, name) for name in ("bad", "heard", "forgotten")}
        return found

    def other_texts(self) -> dict[str, tuple[str, ...]]:
        """Further wordings of lines, by line id."""
        found = {f"{question.id.value}.ask": question.also for question in self.questions}
        found |= {"closing.thanks": self.closing.also.thanks, "closing.goodbye": self.closing.also.goodbye}
        return {line_id: texts for line_id, texts in found.items() if texts}

    def every_text(self) -> dict[str, str]:
        """All that can be said, by its place in the file: the other wordings (`meals.also.0`), and those about memories."""
        found = self.texts()
        for line_id, texts in self.other_texts().items():
            part, _, name = line_id.rpartition(".")
            place = f"{part}.also" if name == "ask" else f"{part}.also.{name}"
            found |= {f"{place}.{number}": text for number, text in enumerate(texts)}
        for kind in MemoryKind if self.memory is not None else ():
            part = getattr(self.memory, kind.value)
            found |= {f"memory.{kind}.ask.{number}": text for number, text in enumerate(part.ask)}
            found[f"memory.{kind}.simpler"] = part.simpler
        return found


_NOT_SPOKEN = {"id", "kind", "mandatory", "only_if", "unless", "listen", "also"}


def _spoken(part: Part, prefix: str) -> Iterator[tuple[str, str]]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in _NOT_SPOKEN:
            continue
        if isinstance(value, Part):
            yield from _spoken(value, f"{prefix}.{name}")
        elif isinstance(value, str):
            yield f"{prefix}.{name}", value
