"""Which transcripts are no speech at all. Whisper answers silence, ringback and music with fluent Korean: every rejection
has a name. Thresholds and phrases: facts/speech.md, section 4 (n = 37 real utterances, 20 kinds of non-speech)."""

import math
import re
import unicodedata
import zlib
from dataclasses import dataclass, replace

from callbot.listen.utterance import Transcript, Weighed

NO_SPEECH = 0.4
"""Every kind of non-speech lay above, every real utterance below (max .30), with a plain 10 s or 30 s window."""
SUSPECT = 0.25
"""From here, what is said by many but also invented for noise ("고마워요") is not believed."""
COMPRESSION = 2.4
REPEATS = 4
TOO_FAST = 14.0
"""Syllables a second of audio; nobody speaks faster than about 10."""
TOO_SHORT_S = 0.1
UNLIKELY = -1.7
"""Mean log probability below which the words have nothing to do with the sound (docs/measurements/ears.md)."""

PHRASES = (
    "시청해주셔서감사합니다", "시청해주셔서고맙습니다", "구독과좋아요", "구독좋아요", "좋아요와구독", "구독부탁", "알림설정",
    "mbc뉴스", "kbs뉴스", "sbs뉴스", "ytn뉴스", "기자입니다", "앵커입니다", "다음영상에서", "다음시간에만나요", "영상에서만나요",
    "이영상은", "이시각세계", "자막제공", "한글자막", "자막by", "자막뉴스", "한국어자막", "배달의민족",
)  # fmt: skip
"""Found anywhere in the text without spaces and punctuation, in lower case: subtitles, never said on a welfare call."""
SUSPECT_TEXTS = frozenset({
    "고마워요", "고맙습니다", "감사합니다", "네", "아", "어", "음", "오", "으", "빅", "안녕", "안녕하세요", "이정도는더이상은것같아요",
    "이정도는전혀안좋습니다",
})  # fmt: skip
"""Whole texts that are real answers too: rejected only together with a raised no-speech probability."""
SAID_OVER_AND_OVER = frozenset({
    "네", "예", "응", "어", "아니", "아니요", "아뇨", "아냐", "그래", "그럼", "됐어", "싫어", "괜찮아", "몰라", "여보세요", "아파",
    "아파요", "아이고", "아야", "살려줘", "살려주세요", "도와줘", "도와주세요", "구해줘", "빨리", "제발",
})  # fmt: skip
"""What people do say four to eight times running; a cry must not be lost to the loop gate."""

NOT_TEXT = re.compile(r"[^0-9a-z가-힣]")
REPEATED = re.compile(r"(.{1,6}?)\1{3,}")


@dataclass(frozen=True)
class RawTranscript:
    """One decode as the recogniser gave it."""

    text: str
    avg_logprob: float
    """Mean log probability of a token; 0 is certain."""
    no_speech_prob: float
    seconds: float
    """Length of the audio."""
    cpu_seconds: float = 0.0
    alternatives: tuple[str, ...] = ()
    weighed: tuple[Weighed, ...] = ()


def judge(raw: RawTranscript) -> Transcript:
    """Accept the words, or say why they are none.

    >>> judge(RawTranscript("MBC 뉴스 김혜연입니다.", -1.1, 0.2, 3.0)).rejected
    'phrase'
    >>> judge(RawTranscript("밥 먹었어요.", -0.3, 0.05, 1.2)).text
    '밥 먹었어요.'
    """
    rejected = rejection(raw)
    return Transcript(
        text="" if rejected else raw.text.strip(),
        confidence=confidence(raw.avg_logprob),
        rejected=rejected,
        no_speech_prob=raw.no_speech_prob,
        compression_ratio=compression_ratio(raw.text),
        seconds=raw.seconds,
        cpu_seconds=raw.cpu_seconds,
        alternatives=() if rejected else tuple(text for text in raw.alternatives if _believable(text, raw)),
        weighed=() if rejected else raw.weighed,
    )


def rejection(raw: RawTranscript) -> str | None:
    """`no_speech`, `too_short`, `loop`, `too_fast`, `unlikely`, `phrase`, or None. The first that holds."""
    bare = bare_text(raw.text)
    checks = {
        "no_speech": raw.no_speech_prob > NO_SPEECH,
        "too_short": not bare or raw.seconds < TOO_SHORT_S,
        "loop": _is_loop(raw, bare),
        "too_fast": len(bare) > TOO_FAST * max(raw.seconds, 0.5),
        "unlikely": raw.avg_logprob < UNLIKELY,
        "phrase": _is_phrase(raw, bare),
    }
    return next((name for name, holds in checks.items() if holds), None)


def confidence(avg_logprob: float) -> float:
    """The geometric mean probability of a token.

    >>> round(confidence(-0.693), 2)
    0.5
    """
    return max(0.0, min(1.0, math.exp(avg_logprob)))


def compression_ratio(text: str) -> float:
    """Bytes over compressed bytes: about 1 for a sentence, above 2.4 for a loop."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def bare_text(text: str) -> str:
    """Hangul, letters and digits only, lower case, NFC."""
    return NOT_TEXT.sub("", unicodedata.normalize("NFC", text).lower())


def _believable(text: str, raw: RawTranscript) -> bool:
    return rejection(replace(raw, text=text)) is None


def _is_loop(raw: RawTranscript, bare: str) -> bool:
    repeated = REPEATED.search(bare)
    if repeated is None:
        return compression_ratio(raw.text) > COMPRESSION
    times = len(repeated.group()) // len(repeated.group(1))
    return not (repeated.group(1) in SAID_OVER_AND_OVER and times <= 2 * REPEATS and raw.no_speech_prob < SUSPECT)


def _is_phrase(raw: RawTranscript, bare: str) -> bool:
    if any(phrase in bare for phrase in PHRASES):
        return True
    return bare in SUSPECT_TEXTS and raw.no_speech_prob > SUSPECT
