"""Whether every word of an answer is accounted for: what a recogniser makes of a misheard denial belongs nowhere.

"빼먹었어요" comes as "태 먹었어요", "못 나가요" as "몸 나가요", "겨울옷이 하나도 없어요" as "요로시 하나도 없어요": fine words, and one that
nobody says beside them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from callbot.understand.lexicon import AnswerFile
from callbot.understand.meaning import Topic
from callbot.understand.pattern import Match
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Utterance

_SAID = frozenset({Kind.WORD, Kind.PREDICATE, Kind.ADVERB})


def plain_words(answers: AnswerFile, sets: Mapping[str, Sequence[str]]) -> dict[Topic, frozenset[str]]:
    """The words that may stand beside a fine answer, by topic; sets written out."""

    def written_out(words: Sequence[str]) -> Iterator[str]:
        for word in words:
            yield from sets[word[1:]] if word.startswith("@") else (word,)

    general = frozenset(written_out(answers.plain))
    return {topic: general | frozenset(written_out(rule.plain)) for topic, rule in answers.topics.items()}


def unaccounted(utterance: Utterance, understood: Sequence[Match], plain: frozenset[str]) -> tuple[Unit, ...]:
    """The words that are neither among what was understood nor plain."""
    spans = [(match.start, match.end) for match in understood]
    known = {place for match in understood for place in match.units}
    return tuple(
        unit
        for place, unit in enumerate(utterance.units)
        if place not in known
        and (unit.kind in _SAID or _is_stray(place, utterance) or unit.names & _LESS)
        and (unit.names.isdisjoint(plain) or _may_be_a_denial(unit, utterance))
        and not (unit.names & _DENYING and any(start <= unit.start < end for start, end in spans))
    )


_DENYING = frozenset({
    "안", "못", "않다", "못하다", "없다", "없이", "말다", "아니다", "하다", "빼다", "까다", "적", "때", "날", "일", "수", "데",
})  # fmt: skip
"""What turns a bad word into a fine one, inside of what was understood; the first half of 빼먹다 and 까먹다."""


_LESS = frozenset({"만", "밖에", "커녕"})
"""Particles that make a fine word less than fine: "점심만 먹어요"."""
_SYLLABLE = re.compile("[가-힣]")
_COUNTED = frozenset({"번", "그릇", "바퀴", "시간", "끼", "공기", "숟갈"})
"""After these "한" is a number."""


def _may_be_a_denial(unit: Unit, utterance: Utterance) -> bool:
    """A word of one syllable that rhymes with 안, or with 못 as the telephone cuts it ("난 먹고", "몸 나가요")."""
    word, after = _word_and_rest(unit, utterance.text)
    if len(word) != 1 or not _SYLLABLE.fullmatch(word):
        return False
    if word == "한" and any(after.startswith(noun) for noun in _COUNTED):
        return False
    code = ord(word) - ord("가")
    return (code % 588 // 28, code % 28) in _DENIAL_RHYMES


_DENIAL_RHYMES = frozenset({(0, 4), (8, 1), (8, 4), (8, 7), (8, 16), (8, 19)})
"""(vowel, coda) in Unicode's order: ㅏㄴ; ㅗ with ㄱ, ㄴ, ㄷ, ㅁ or ㅅ."""


def _word_and_rest(unit: Unit, text: str) -> tuple[str, str]:
    """The word that the unit stands in, bare, and what follows it."""
    start = text.rfind(" ", 0, unit.start + 1) + 1
    end = text.find(" ", unit.start)
    end = len(text) if end < 0 else end
    return text[start:end].strip(".,!?"), text[end:].strip()


def _is_stray(place: int, utterance: Utterance) -> bool:
    """A particle or interjection that begins a word: the rest of something misheard ("한 다녀요" for "안 다녀요")."""
    unit = utterance.units[place]
    if unit.kind is not Kind.FREE or (place > 0 and utterance.units[place - 1].start == unit.start):
        return False
    begins = unit.start == 0 or utterance.text[unit.start - 1].isspace()
    return begins and utterance.text[unit.start : unit.end].isalnum()
