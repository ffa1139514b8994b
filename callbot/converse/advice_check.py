"""A model's proposal, looked through: what rests on the person's words and passes every guard is advice, the rest is counted."""

import re
from dataclasses import dataclass, field

from callbot.converse.advice import Advice, Proposal, Situation
from callbot.converse.commands import Line
from callbot.converse.masking import Masking
from callbot.converse.memory_candidate import MemoryCandidate, MemoryKind
from callbot.converse.sentence_guards import SentenceGuards
from callbot.understand.meaning import AnswerValue, Request

SHORTEST_QUOTE = 2
"""Syllables; a shorter quote is found in anything."""
LONGEST_NAME = 20
"""Letters of what a memory is about."""
SAY, ASK = "model.say", "model.ask"
"""Ids of lines that a model worded; transcript and console show them."""
UNGROUNDED = "unquoted"
_LETTERS = re.compile(r"[^가-힣a-zA-Z0-9]")


@dataclass
class AdviceCheck:
    """For one call."""

    guards: SentenceGuards
    masking: Masking
    name: str = ""
    blocked: list[str] = field(default_factory=list)
    """Of the proposal that is being looked through."""

    def check(self, proposal: Proposal, situation: Situation) -> Advice:
        """`situation` with the person's words unmasked; `proposal` as the model gave it, masked."""
        self.blocked = []
        bad = None
        if situation.by_rules is AnswerValue.UNSURE and proposal.answer is AnswerValue.BAD:
            bad = self._quote(proposal.quote, situation)
        return Advice(
            topic=situation.topic,
            turn=situation.turn,
            bad=bad,
            say=self._sympathy(proposal.empathy, situation),
            ask=self._question(proposal.question, situation) if situation.may_ask else None,
            requests=self._requests(proposal, situation),
            memories=self._memories(proposal, situation),
            blocked=tuple(self.blocked),
        )

    def _quote(self, quote: str, situation: Situation) -> str | None:
        """In the person's own words again, or None where they said no such thing."""
        said = self.masking.restore(quote).strip()
        letters = _LETTERS.sub("", said)
        if len(letters) >= SHORTEST_QUOTE and letters in _LETTERS.sub("", situation.said):
            return said
        self.blocked.append(UNGROUNDED)
        return None

    def _sympathy(self, text: str, situation: Situation) -> Line | None:
        if not text:
            return None
        fault = self.guards.blocks_sympathy(text, situation.said, question=situation.question, name=self.name)
        return self._line(SAY, text, fault)

    def _question(self, text: str, situation: Situation) -> Line | None:
        if not text:
            return None
        fault = self.guards.blocks_question(text, situation.said, question=situation.question, name=self.name)
        return self._line(ASK, text, fault)

    def _line(self, line_id: str, text: str, fault: str | None) -> Line | None:
        if fault is None:
            return Line(line_id, text)
        self.blocked.append(fault)
        return None

    def _requests(self, proposal: Proposal, situation: Situation) -> tuple[Request, ...]:
        quoted = ((kind, self._quote(quote, situation)) for kind, quote in proposal.requests)
        return tuple(Request(kind, quote, situation.turn) for kind, quote in quoted if quote is not None)

    def _memories(self, proposal: Proposal, situation: Situation) -> tuple[MemoryCandidate, ...]:
        found = []
        for kind, about, quote in proposal.memories:
            said = self._quote(quote, situation)
            name = self.masking.restore(about).strip()
            if said is not None and 0 < len(name) <= LONGEST_NAME:
                found.append(MemoryCandidate(MemoryKind(kind), name, said, situation.topic, situation.turn))
        return tuple(found)
