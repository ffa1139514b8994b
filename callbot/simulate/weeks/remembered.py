"""Understanding that remembers: the same words to the same question are analysed once, whoever says them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from callbot.listen.utterance import Weighed
from callbot.understand.meaning import Meaning, Topic
from callbot.understand.understander import Understander

_MAY_NAME = frozenset({Topic.IDENTITY, Topic.NOTICE})


class RememberingUnderstander(Understander):
    """The real one, with a memory keyed by everything its answer depends on. Turn and offset are only written into it."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._known: dict[tuple[object, ...], Meaning] = {}

    def hear(
        self,
        text: str,
        topic: Topic,
        *,
        question: str = "",
        turn: int = -1,
        audio_offset_s: float | None = None,
        confidence: float = 1.0,
        alternatives: Sequence[str] = (),
        name: str | None = None,
        by_ear: bool = False,
        weighed: Sequence[Weighed] = (),
    ) -> Meaning:
        about = name if name and (topic in _MAY_NAME or name[1:] in text) else None
        key = (text, topic, question, confidence, tuple(alternatives), about, by_ear, tuple(weighed))
        meaning = self._known.get(key)
        if meaning is None:
            meaning = super().hear(
                text,
                topic,
                question=question,
                confidence=confidence,
                alternatives=alternatives,
                name=about,
                by_ear=by_ear,
                weighed=weighed,
            )
            self._known[key] = meaning
        if not meaning.signals and not meaning.requests:
            return meaning
        return replace(
            meaning,
            signals=tuple(replace(signal, turn=turn, audio_offset_s=audio_offset_s) for signal in meaning.signals),
            requests=tuple(replace(request, turn=turn) for request in meaning.requests),
        )
