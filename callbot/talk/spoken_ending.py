"""How an utterance ends, by its morphemes and by what else it may have been: what the turn reducer waits by."""

from callbot.listen.endings import SentenceEnding, agreed, sentence_ending
from callbot.listen.utterance import Transcript
from callbot.understand.morphemes import MorphemeAnalyser

_LAST = 3


class EndingByMorphemes:
    """Called in a thread for each decode: about 1 ms a hypothesis (Kiwi, n = 377)."""

    def __init__(self, analyser: MorphemeAnalyser) -> None:
        self._analyser = analyser

    def __call__(self, heard: Transcript) -> SentenceEnding:
        """UNKNOWN where there are no words."""
        if heard.rejected is not None:
            return SentenceEnding.UNKNOWN
        return agreed(self.of(heard.text), [self.of(text) for text in heard.alternatives])

    def of(self, text: str) -> SentenceEnding:
        """Of a text."""
        bare = text.rstrip(" .?!")
        found = [(one.form, one.tag) for one in self._analyser.analyse(bare) if not one.tag.startswith("S")]
        return sentence_ending(text, found[-_LAST:])
