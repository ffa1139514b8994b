"""How an attempt to call somebody ended: the names of design.md section 1."""

from enum import StrEnum


class AttemptEnd(StrEnum):
    """Exactly one of these closes an attempt. Only `person` can make contact, and only with the person's own words."""

    PERSON = "person"  # the recipient spoke
    OTHER_PERSON = "other_person"  # somebody else spoke
    VOICEMAIL = "voicemail"
    ANNOUNCEMENT = "announcement"  # off, no such number, suspended, busy, out of area: said by the carrier's voice
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"  # the callee's phone declined
    SILENT = "silent"  # answered, and nobody said a word
    BAD_NUMBER = "bad_number"  # it cannot exist (network, announcement), is a fax, or somebody else's by their word
    NETWORK_FAILURE = "network_failure"  # the carrier or the trunk failed
    SYSTEM_FAILURE = "system_failure"  # we failed: no bot, no Asterisk, bot died in the call
    INTERRUPTED = "interrupted"  # our process died, or our operator ended it, while the attempt ran
    WINDOW_CLOSED = "window_closed"  # the person's hours were over before it could be dialled
