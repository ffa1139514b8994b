"""Korean morphology by Kiwi."""

import threading

import kiwipiepy
from kiwipiepy import Kiwi

from callbot.understand.morphemes import Morpheme

TYPOS = "basic_with_continual_and_lengthening"
"""Given per call: the constructor's argument is deprecated since 0.23 and costs a minute with dialects."""


class KiwiAnalyser:
    """One Kiwi for the process.

    Cold start, measured on 2 shared cores: Jeolla 4-6 s, every dialect 55-85 s. Other dialects are covered by the
    table in prompts/lexicon/dialects.yaml instead.
    """

    def __init__(self, dialects: str = "jeolla") -> None:
        self._dialects = dialects
        self._lock = threading.Lock()
        self._kiwi: Kiwi | None = None

    @property
    def version(self) -> str:
        return f"kiwi {kiwipiepy.__version__} {self._dialects} {TYPOS}"

    def warm(self) -> None:
        """Loads the model and analyses once, which is what takes seconds."""
        self.analyse("가스미 꽉 조이고 수미 차요")

    def analyse(self, text: str) -> tuple[Morpheme, ...]:
        with self._lock:
            if self._kiwi is None:
                self._kiwi = Kiwi(num_workers=1, enabled_dialects=self._dialects)
            tokens = self._kiwi.tokenize(text, typos=TYPOS, allowed_dialects=self._dialects)
            return tuple(
                Morpheme(token.form, token.tag.partition("-")[0], token.start, token.start + token.len)
                for token in tokens
            )
