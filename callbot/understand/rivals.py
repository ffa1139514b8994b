"""What else an utterance may have been: the sentences that are worth weighing against what a recogniser wrote.

A small recogniser loses the weak syllables that turn an answer around ("안", "못", "빼"), and writes nonsense for plain answers.
Both are found by asking it how likely other sentences are for the same sound (adapters/whisper_worker.py); these are the sentences.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from rapidfuzz import fuzz, process

from callbot.understand.lexicon import ExpectedFile
from callbot.understand.sounds import sound_key

NEAR = 62.0
"""Sounds (0..100) that an expected answer must share with a hypothesis to be worth weighing."""
AT_MOST = 4
"""Expected answers a hypothesis is weighed against: each costs about 25 ms."""
_DENYING = ("안", "못")
_LOSING = {"먹": "빼"}
"""A verb, and what turns it around when written together ("빼먹었어요")."""
_DENIED = ("안 ", "못 ", "않", "없", "아니", "말아", "빼먹", "까먹")
_MARKS = " .,!?…~"


def written_out(template: str) -> tuple[str, ...]:
    """Every sentence that a template stands for; choices in parentheses, one of them may be empty.

    >>> written_out("(밥|죽) (잘 |)먹어요")
    ('밥 잘 먹어요', '밥 먹어요', '죽 잘 먹어요', '죽 먹어요')
    """
    pieces = [part.split("|") for part in template.replace(")", "(").split("(")]
    return tuple(" ".join("".join(chosen).split()) for chosen in product(*pieces))


def plainly(sentence: str) -> str | None:
    """The same without the polite ending, as to a friend; None where it has none that simply falls away.

    >>> plainly("잘 먹어요"), plainly("별로예요"), plainly("괜찮습니다")
    ('잘 먹어', None, None)
    """
    return sentence[:-1] if re.search("[아어해와여가려워봐써서지]요$", sentence) else None


def expected_answers(file: ExpectedFile) -> dict[str, tuple[str, ...]]:
    """Every expected sentence by topic, politely and plainly."""
    return {
        topic.value: tuple(
            dict.fromkeys(
                said
                for template in (*some.ok, *some.bad, *file.anywhere)
                for sentence in written_out(template)
                for said in (sentence, plainly(sentence))
                if said is not None
            )
        )
        for topic, some in file.topics.items()
    }


class Rivals:
    """Expected answers by topic, indexed by their sounds."""

    def __init__(self, expected: Mapping[str, Iterable[str]]) -> None:
        self._by_topic = {topic: _indexed(sentences) for topic, sentences in expected.items()}

    def expected(self, topic: str, hypotheses: Sequence[str]) -> tuple[str, ...]:
        """Expected answers that sound like one of the hypotheses, the likest first, without the first hypothesis itself."""
        sentences = self._by_topic.get(topic, {})
        found: dict[str, float] = {}
        for hypothesis in hypotheses:
            hits = process.extract(
                _sounds(hypothesis), sentences.keys(), scorer=fuzz.ratio, score_cutoff=NEAR, limit=AT_MOST
            )
            for sounds, score, _ in hits:
                found[sounds] = max(score, found.get(sounds, 0.0))
        first = _sounds(hypotheses[0]) if hypotheses else ""
        nearest = sorted((sounds for sounds in found if sounds != first), key=lambda sounds: (-found[sounds], sounds))
        return tuple(sentences[sounds] for sounds in nearest[:AT_MOST])

    def expects(self, topic: str, text: str) -> bool:
        """Whether the text sounds exactly like an expected answer."""
        return _sounds(text) in self._by_topic.get(topic, {})


def denied(text: str) -> tuple[str, ...]:
    """The same words turned around before the last one, over nothing or over one or two syllables that may be what was heard of
    it; none where something is denied already.

    >>> denied("아침건대 먹었어요")[:3]
    ('아침건대 안 먹었어요', '아침건대 못 먹었어요', '아침건 안 먹었어요')
    """
    bare = text.strip(_MARKS)
    if not bare or any(word in f"{bare} " for word in _DENIED):
        return ()
    before, _, last = bare.rpartition(" ")
    return tuple(dict.fromkeys(_turned_around(before, last)))


def _turned_around(before: str, last: str) -> Iterator[str]:
    losing = [word for verb, word in _LOSING.items() if last.startswith(verb)]
    for dropped in range(min(3, len(before) + 1)):
        kept = before[: len(before) - dropped].rstrip(_MARKS)
        yield from (f"{kept} {denying} {last}".strip() for denying in _DENYING if dropped <= 1 or denying == "안")
        yield from (f"{kept} {word}{last}".strip() for word in losing if dropped == 1)


def _indexed(sentences: Iterable[str]) -> dict[str, str]:
    return {_sounds(sentence): sentence for sentence in sentences}


def _sounds(text: str) -> str:
    return sound_key(text)[0]
