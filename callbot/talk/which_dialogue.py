"""Which conversation a call is, by who is called, and the lines it may say."""

from collections.abc import Mapping

import structlog

from callbot.converse.addressee import Addressee
from callbot.converse.background import Background
from callbot.converse.contact_call import contact_call
from callbot.converse.dialogue import welfare_call
from callbot.converse.exchange import Talk
from callbot.converse.lines import UNNAMED, CallKind, is_slow, lines_for
from callbot.converse.outcome import Outcome
from callbot.converse.script import Script
from callbot.people.numbers import Relation

log = structlog.get_logger()

DEFAULT_SCRIPT = "weekly-checkin"
ACKNOWLEDGEMENT = "네."
"""Covers thinking that takes longer than a second; rendered with the lines of the script."""


def script_for(scripts: Mapping[str, Script], name: str, background: Background) -> Script:
    """The script of that name; the default one where there is none, or where the person has not consented to what it asks."""
    script = scripts.get(name)
    if script is None:
        log.warning("script_unknown", script=name)
        return scripts[DEFAULT_SCRIPT]
    if script.needs_consent is not None and script.needs_consent not in background.consents:
        log.info("script_without_consent", script=name)
        return scripts[DEFAULT_SCRIPT]
    return script


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


def unnamed_lines() -> list[tuple[str, bool]]:
    """Rendered ahead: what takes the place of names where no voice is to be had later."""
    return [(text, is_slow(line_id)) for line_id, text in UNNAMED.items()]


def _spoken(script: Script, addressee: Addressee, kind: CallKind) -> list[tuple[str, bool]]:
    return [*((line.text, line.slow) for line in lines_for(script, addressee, kind)), (ACKNOWLEDGEMENT, False)]
