"""What a machine's words do to an attempt, by the kinds of prompts/lexicon/announcements.yaml: one table."""

from dataclasses import dataclass

from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.ladder import RetryCause


@dataclass(frozen=True)
class AnnouncedEffect:
    """Of one kind."""

    end: AttemptEnd
    cause: RetryCause
    number_is_bad: bool = False
    """Calling it again today is of no use: the other number is tried, else a human corrects it."""


_WAIT = AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.OFF)
_USELESS = AnnouncedEffect(AttemptEnd.BAD_NUMBER, RetryCause.DEFAULT, number_is_bad=True)

EFFECTS: dict[str, AnnouncedEffect] = {
    "off": _WAIT,
    "out_of_area": _WAIT,
    "voicemail": AnnouncedEffect(AttemptEnd.VOICEMAIL, RetryCause.OFF),
    "screening": AnnouncedEffect(AttemptEnd.VOICEMAIL, RetryCause.REJECTED),
    "busy": AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.BUSY),
    "no_answer": AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.NO_ANSWER),
    "blocked": AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.REJECTED),
    "menu": AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.DEFAULT),
    "no_such_number": _USELESS,
    # Off for days, at the owner's wish or for a bill: it will not be lifted within hours.
    "suspended": AnnouncedEffect(AttemptEnd.ANNOUNCEMENT, RetryCause.OFF, number_is_bad=True),
    "fax": _USELESS,
    # Who answered said that nobody of that name lives there.
    "wrong_number": _USELESS,
}
"""Kinds that a supervisor adds and this table does not know wait like a telephone that is off."""

NOT_AN_END = frozenset({"connecting"})
"""A voice while it rings ("... 연결 중입니다"): the network's word for the end stands."""
ONLY_IF_SURE = frozenset({"no_such_number", "suspended", "menu"})
"""Before the answer a garbled piece that merely resembles one of these is not believed: too much follows from it."""

_VAGUE = frozenset({"no_answer", "menu"})
_PLAIN = frozenset({AttemptEnd.BUSY, AttemptEnd.REJECTED, AttemptEnd.BAD_NUMBER})
"""What the network says plainly is not made vague by "지금은 연결되지 않습니다"."""

BAD_NUMBER_KO = {
    "bad_number": "없는 번호",
    "no_such_number": "없는 번호",
    "suspended": "정지된 번호",
    "fax": "팩스 번호",
    "wrong_number": "다른 사람 번호",
}
"""For the case that asks a human to correct the number."""


def effect_of(kind: str | None) -> AnnouncedEffect | None:
    """What follows from a machine of this kind; None: from none."""
    if kind is None or kind in NOT_AN_END:
        return None
    return EFFECTS.get(kind, _WAIT)


def end_announced(kind: str | None, end: AttemptEnd) -> AttemptEnd:
    """What was said in words is worth more than the network's cause, except where the fault was ours.

    >>> end_announced("off", AttemptEnd.NO_ANSWER), end_announced("connecting", AttemptEnd.NO_ANSWER)
    (<AttemptEnd.ANNOUNCEMENT: 'announcement'>, <AttemptEnd.NO_ANSWER: 'no_answer'>)
    """
    effect = effect_of(kind)
    if effect is None or end is AttemptEnd.SYSTEM_FAILURE or (kind in _VAGUE and end in _PLAIN):
        return end
    return effect.end
