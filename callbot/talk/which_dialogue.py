"""Which conversation a call is, by who is called, and the lines it may say."""

from callbot.converse.addressee import Addressee
from callbot.converse.contact_call import contact_call
from callbot.converse.dialogue import welfare_call
from callbot.converse.exchange import Talk
from callbot.converse.lines import CallKind, lines_for
from callbot.converse.outcome import Outcome
from callbot.converse.script import Script
from callbot.people.numbers import Relation

ACKNOWLEDGEMENT = "네."
"""Covers thinking that takes longer than a second; rendered with the lines of the script."""


def dialogue_for(script: Script, addressee: Addressee, relation: Relation = Relation.SELF) -> Talk[Outcome]:
    """The check-in; a guardian or neighbour is asked about the person instead, where the script has words for it."""
    if relation is not Relation.SELF and script.contact is not None:
        return contact_call(script, addressee)
    return welfare_call(script, addressee)


def spoken_by(script: Script, addressee: Addressee, relation: Relation = Relation.SELF) -> list[tuple[str, bool]]:
    """Everything that a call we place may say: (text, slow)."""
    contact = relation is not Relation.SELF and script.contact is not None
    return _spoken(script, addressee, CallKind.CONTACT if contact else CallKind.CHECK_IN)


def spoken_to_callers(script: Script, addressee: Addressee) -> list[tuple[str, bool]]:
    """Everything that may be said to who calls us."""
    return _spoken(script, addressee, CallKind.INCOMING)


def _spoken(script: Script, addressee: Addressee, kind: CallKind) -> list[tuple[str, bool]]:
    return [*((line.text, line.slow) for line in lines_for(script, addressee, kind)), (ACKNOWLEDGEMENT, False)]
