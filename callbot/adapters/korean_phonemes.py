"""Korean text to the IPA that Kokoro-82M knows: standard pronunciation by ko_speech_tools, then one table.

Kokoro has no Korean, but its phoneme table is shared by its languages. The choices here were searched one at a time
against Whisper base through G.711 (docs/measurements.md): ㅓ as ɔ and ㅐ as e mattered most, then ㅆ as a long s.
"""

from functools import cache
from typing import Any

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
NUCLEI = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_ONSET = dict(zip(ONSETS, ("ɡ", "ʔk", "n", "d", "ʔt", "ɾ", "m", "b", "ʔp", "s", "ss", "", "ʥ", "ʔʨ", "ʨʰ", "kʰ", "tʰ", "pʰ", "h"),
                  strict=True))  # fmt: skip
_NUCLEUS = dict(zip(NUCLEI, ("a", "e", "ja", "je", "ɔ", "e", "jɔ", "je", "o", "wa", "we", "we", "jo", "u", "wɔ", "we", "wi", "ju",
                             "ɯ", "ɯi", "i"), strict=True))  # fmt: skip
_CODA = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_NEUTRAL = {"ㄲ": "ㄱ", "ㅋ": "ㄱ", "ㄳ": "ㄱ", "ㄺ": "ㄱ", "ㅅ": "ㄷ", "ㅆ": "ㄷ", "ㅈ": "ㄷ", "ㅊ": "ㄷ", "ㅌ": "ㄷ", "ㅎ": "", "ㅍ": "ㅂ",
            "ㄿ": "ㅂ", "ㅄ": "ㅂ", "ㄵ": "ㄴ", "ㄶ": "ㄴ", "ㄻ": "ㅁ", "ㄼ": "ㄹ", "ㄽ": "ㄹ", "ㄾ": "ㄹ", "ㅀ": "ㄹ"}  # fmt: skip
_AFTER_STOP = {"ㄱ": "k", "ㄷ": "t", "ㅂ": "p", "ㅈ": "ʨ"}
_STOPS = ("ㄱ", "ㄷ", "ㅂ")
_PALATAL = "ㅣㅑㅕㅛㅠㅖㅒㅟ"
_SYLLABLES = ("가", "힣")
_KEPT = " ,.?!"


@cache
def _pronouncer() -> Any:
    """Loads mecab's Korean dictionary (about 1 s), once a process."""
    from ko_speech_tools import G2p  # noqa: PLC0415 - a second of start-up that only speaking needs

    return G2p()


def phonemes(text: str) -> str:
    """`text` as IPA. Hangul and , . ? ! are spoken, everything else is dropped: use spoken_text.spoken first."""
    out, before = "", None  # before: the neutralised coda of the syllable before; None at the start of a word
    for char in _pronouncer()(text):
        if _SYLLABLES[0] <= char <= _SYLLABLES[1]:
            sound, before = _syllable(char, before)
            out += sound
        elif char in _KEPT:
            out, before = out + char, None
    return out


def _syllable(char: str, before: str | None) -> tuple[str, str]:
    """IPA of one syllable after the coda `before`, and its own neutralised coda."""
    code = ord(char) - ord(_SYLLABLES[0])
    onset, nucleus, coda = ONSETS[code // 588], NUCLEI[code % 588 // 28], CODAS[code % 28]
    coda = _NEUTRAL.get(coda, coda)
    sound = _ONSET[onset]
    if onset in _AFTER_STOP and before in _STOPS:
        sound = _AFTER_STOP[onset]  # lax stops are not voiced after a stop
    elif onset in "ㅅㅆ" and nucleus in _PALATAL:
        sound = "ɕ"
    elif onset == "ㄹ" and before == "ㄹ":
        sound = "l"
    return sound + _NUCLEUS[nucleus] + _CODA[coda], coda
