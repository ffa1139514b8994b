"""What a guardian or neighbour said is never contact: at most it is reported."""

from dataclasses import replace

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered

RESULT: dict[ContactResult, ContactResult] = {
    # "She is fine": told by somebody else, listed for a human.
    ContactResult.CONTACTED: ContactResult.REPORTED,
    ContactResult.CONTACTED_DEGRADED: ContactResult.REPORTED,
    # Hospital, death, moved: as it is.
    ContactResult.REPORTED: ContactResult.REPORTED,
    # Their own wishes do not stop the calls to the person: the ladder goes on.
    ContactResult.REFUSED: ContactResult.NO_CONTACT,
    ContactResult.DO_NOT_CALL: ContactResult.NO_CONTACT,
    ContactResult.CALL_AGAIN: ContactResult.NO_CONTACT,
    ContactResult.NO_CONTACT: ContactResult.NO_CONTACT,
}


def word_of_contact(outcome: Outcome) -> Outcome:
    """The outcome of a call on somebody else's number. Signals and requests stay: whoever reports an emergency is heard."""
    who = WhoAnswered.OTHER_PERSON if outcome.who is WhoAnswered.PERSON else outcome.who
    # Only somebody who spoke can report: a machine's "yes" reports nothing.
    result = RESULT[outcome.result] if who is WhoAnswered.OTHER_PERSON else ContactResult.NO_CONTACT
    return replace(outcome, who=who, result=result, answers={})
