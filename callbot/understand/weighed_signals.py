"""The third net for emergencies: what the recogniser found nearly as likely as what it wrote (docs/adr/0026, 0036)."""

from collections.abc import Sequence
from dataclasses import replace

from callbot.listen.utterance import Weighed
from callbot.understand.meaning import Level, Signal
from callbot.understand.signals import SignalDetectors
from callbot.understand.utterance import Reader

AS_LIKELY = 3.0
"""Natural logarithm: a sentence less likely than this by sound (one to twenty) raises nothing."""
DETECTOR = "weighed"
_REASON = "말씀이 '{quote}'(으)로도 들려 확인이 필요합니다. {reason}"


def weighed_signals(
    detectors: SignalDetectors, reader: Reader, weighed: Sequence[Weighed], known: Sequence[Signal]
) -> list[Signal]:
    """Emergencies by stems in other sentences for the same sound, always 미확인; none of a category that is one already."""
    covered = {signal.category for signal in known if signal.level is Level.EMERGENCY}
    found: list[Signal] = []
    for other in sorted(weighed, key=lambda each: -each.against):
        if other.against < -AS_LIKELY:
            break
        for signal in detectors.find(reader(other.text)):
            if signal.level is not Level.EMERGENCY or signal.category in covered or signal.detector == "jamo":
                continue
            covered.add(signal.category)
            reason = _REASON.replace("{quote}", signal.quote).replace("{reason}", signal.reason)
            found.append(replace(signal, detector=DETECTOR, unconfirmed=True, reason=reason))
    return found
