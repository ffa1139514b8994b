"""One recogniser process: Whisper by CTranslate2 with a short window. Frames on stdin, answers on stdout; ends with its parent.

A frame is a 4-byte little-endian length, then that many bytes. The first is JSON: the expected answers by topic. Request: JSON header
line, then int16 PCM. Answer: JSON.
Why CTranslate2 directly: faster-whisper always pads to 30 s, which costs three times the CPU (facts/speech.md, section 3).
"""

import json
import math
import os
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from callbot.listen.gates import RawTranscript, bare_text, rejection
from callbot.listen.utterance import Weighed
from callbot.understand.rivals import Rivals, denied

RATE = 16_000
WINDOW_S = 10
"""Shortest window. The decoder loops with less than about 5 s of silence after the speech."""
TRAILING_S = 5
LONGEST_S = 25
"""Longer audio is cut at its quietest place: the window may be 30 s at most."""
BEAM = 5
"""Against 2: CER 21 instead of 25 % over four embedded voices, for 0.06 CPU seconds more (docs/measurements/ears.md)."""
ALTERNATIVES = BEAM - 1
TOKENS_PER_S = 14
"""So that a loop can cost no more than about half a second."""
EXPECTED = 4.5
"""So much less likely by sound alone (natural logarithm) an expected answer is still believed before words that nobody expects:
right sentences lie within 5 of what the beam found, wrong ones beyond 6.5 (docs/measurements/audio-path.md)."""
_NEVER = 1e-9


class Recogniser:
    """Korean speech to text. Not shared between threads."""

    def __init__(self, model_dir: Path, threads: int, expected: Mapping[str, Sequence[str]] | None = None) -> None:
        """`expected`: usual answers by topic, weighed against what was heard."""
        import ctranslate2  # noqa: PLC0415 - reads OMP_* when imported, which main sets first
        import tokenizers  # noqa: PLC0415
        from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415

        self._array_view = ctranslate2.StorageView.from_array
        self._model: Any = ctranslate2.models.Whisper(
            str(model_dir), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )
        self._mel: Any = FeatureExtractor(feature_size=self._model.n_mels)
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(model_dir / "tokenizer.json"))
        names = ["<|startoftranscript|>", "<|ko|>", "<|transcribe|>", "<|notimestamps|>"]
        self._prompt: list[int] = [self._token(name) for name in names]
        self._text_until = self._token("<|endoftext|>")
        self._suppressed = [-1, *self._foreign()]
        self._rivals = Rivals(expected or {})

    def transcribe(self, pcm: NDArray[np.int16], rate: int, topic: str = "") -> RawTranscript:
        """Decode one utterance of any length. `topic`: what was asked (see Rivals); empty: nothing is weighed."""
        began = time.process_time()
        parts = [self._decode(part, topic) for part in pieces(_to_16k(pcm, rate))]
        weights = [max(1, len(part.text)) for part in parts]
        total = sum(weights)
        return RawTranscript(
            text=" ".join(part.text for part in parts if part.text),
            avg_logprob=sum(p.avg_logprob * w for p, w in zip(parts, weights, strict=True)) / total,
            no_speech_prob=min(part.no_speech_prob for part in parts),
            seconds=len(pcm) / rate,
            cpu_seconds=time.process_time() - began,
            alternatives=parts[0].alternatives if len(parts) == 1 else (),
            weighed=parts[0].weighed if len(parts) == 1 else (),
        )

    def _token(self, name: str) -> int:
        number = self._tokenizer.token_to_id(name)
        if number is None:
            raise ValueError(f"this model's tokenizer.json has no {name}: not a multilingual Whisper model")
        return int(number)

    def _foreign(self) -> list[int]:
        """Tokens of other scripts (kana, Cyrillic, Han): unclear Korean came out as "오지로와その". Latin stays: TV, MRI."""
        texts = self._tokenizer.decode_batch([[token] for token in range(self._text_until)])
        return [token for token, text in enumerate(texts) if any(_is_foreign(char) for char in text)]

    def _decode(self, samples: NDArray[np.float32], topic: str) -> RawTranscript:
        seconds = len(samples) / RATE
        window = min(30, max(WINDOW_S, math.ceil(seconds) + TRAILING_S))
        padded = np.zeros(window * RATE, dtype=np.float32)  # silence before the logarithm, not after
        padded[: len(samples)] = samples[: len(padded)]
        mel = np.ascontiguousarray(self._mel(padded, padding=0)[None, :, : window * 100], dtype=np.float32)
        states = self._model.encode(self._array_view(mel))
        best = self._model.generate(
            states,
            [self._prompt],
            beam_size=BEAM,
            num_hypotheses=BEAM,
            max_length=int(len(self._prompt) + 10 + TOKENS_PER_S * seconds),
            return_scores=True,
            return_no_speech_prob=True,
            repetition_penalty=1.1,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )[0]
        texts = [self._text(ids) for ids in best.sequences_ids]
        lengths = [len(ids) for ids in best.sequences_ids]
        alternatives = _different(texts)[1 : 1 + ALTERNATIVES]
        raw = RawTranscript(
            text=texts[0],
            # the score is a mean over the tokens and the end, divided by the tokens alone
            avg_logprob=best.scores[0] * lengths[0] / (lengths[0] + 1),
            no_speech_prob=best.no_speech_prob,
            seconds=seconds,
            alternatives=alternatives,
        )
        if not topic or rejection(raw) is not None:
            return raw
        likelihoods = [score * length for score, length in zip(best.scores, lengths, strict=True)]
        found = {text: likelihoods[texts.index(text)] - likelihoods[0] for text in alternatives}
        return self._weighed(states, window, raw, found, topic, likelihoods[0])

    def _weighed(
        self, states: Any, window: int, raw: RawTranscript, found: dict[str, float], topic: str, total: float
    ) -> RawTranscript:
        """With an expected answer in the place of the text where it is likelier, and all that was weighed beside it."""

        def likelihood(sentence: str) -> float:
            return self._likelihood(states, window, _punctuated_like(raw.text, sentence))

        expected = self._rivals.expected(topic, (raw.text, *raw.alternatives))
        denials = denied(raw.text)
        if not expected and not denials:
            return replace(raw, weighed=_as_weighed(found))
        heard = likelihood(raw.text)
        against = found | {text: likelihood(text) - heard for text in expected}
        text, lead = raw.text, 0.0
        first = max(expected, key=against.__getitem__, default=text)
        if expected and against[first] >= (0.0 if self._rivals.expects(topic, text) else -EXPECTED):
            text, lead = first, against.pop(first)
            against[raw.text] = 0.0
            denials = denied(text)
        if self._rivals.expects(topic, text):  # beside a usual answer, what means nothing is no rival
            against = {other: value for other, value in against.items() if self._rivals.expects(topic, other)}
        against |= {other: likelihood(other) - heard for other in denials if other not in against}
        tokens = len(self._ids(text))
        return replace(
            raw,
            text=_punctuated_like(raw.text, text) if text != raw.text else text,
            avg_logprob=(total + lead) / (tokens + 1) if text != raw.text else raw.avg_logprob,
            alternatives=tuple(other for other in (raw.text, *raw.alternatives) if other != text),
            weighed=_as_weighed({other: value - lead for other, value in against.items()}),
        )

    def _likelihood(self, states: Any, window: int, sentence: str) -> float:
        """Natural logarithm; the whole sentence, without the end."""
        aligned = self._model.align(states, self._prompt, [self._ids(sentence)], [window * 50])[0]
        return sum(math.log(max(chance, _NEVER)) for chance in aligned.text_token_probs)

    def _ids(self, sentence: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(sentence, add_special_tokens=False).ids
        return ids

    def _text(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode([i for i in ids if i < self._text_until])).strip()


def pieces(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cut audio that is too long for the window where it is quietest, in the last 5 s before the limit."""
    out = []
    while len(samples) > LONGEST_S * RATE:
        tail = samples[(LONGEST_S - 5) * RATE : LONGEST_S * RATE]
        loudness = np.square(tail).reshape(-1, RATE // 10).sum(axis=1)
        cut = (LONGEST_S - 5) * RATE + (int(loudness.argmin()) * RATE // 10) + RATE // 20
        out.append(samples[:cut])
        samples = samples[cut:]
    return [*out, samples]


def _different(texts: list[str]) -> tuple[str, ...]:
    """Most of a beam differs in spaces and full stops only; those are one hypothesis."""
    return tuple(
        {bare_text(text): text for text in reversed(texts)}[key] for key in dict.fromkeys(map(bare_text, texts))
    )


def _punctuated_like(heard: str, sentence: str) -> str:
    """With the full stop, and the comma after the first word, of what was heard: in themselves they are worth up to 5."""
    first, _, rest = sentence.rstrip(".!? ").partition(" ")
    comma = "," if rest and heard.startswith(f"{first.rstrip(',')},") else ""
    return f"{first.rstrip(',')}{comma} {rest}".strip() + ("." if heard.endswith(".") else "")


def _as_weighed(against: dict[str, float]) -> tuple[Weighed, ...]:
    ordered = sorted(against.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Weighed(text, round(value, 2)) for text, value in ordered)


def _is_foreign(char: str) -> bool:
    """A letter that is neither Hangul nor ASCII; half a character (U+FFFD) is no letter."""
    return char.isalpha() and not char.isascii() and not "가" <= char <= "힣"


def _to_16k(pcm: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    import soxr  # noqa: PLC0415 - as above

    samples = pcm.astype(np.float32) / 32768.0
    if rate == RATE:
        return samples
    resampled: NDArray[np.float32] = soxr.resample(samples, rate, RATE)
    return resampled


def read_frame(stream: BinaryIO) -> bytes | None:
    """One frame, or None where the other side has closed."""
    head = stream.read(4)
    if len(head) < 4:  # noqa: PLR2004 - the length prefix
        return None
    (size,) = struct.unpack("<I", head)
    body = stream.read(size)
    return body if len(body) == size else None


def frame(body: bytes) -> bytes:
    """`body` with its length in front."""
    return struct.pack("<I", len(body)) + body


def main() -> None:
    """Serve until stdin closes. Arguments: model directory, threads."""
    # Libraries may print; only frames may reach the pipe.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(answer: dict[str, object]) -> None:
        answers.write(frame(json.dumps(answer, ensure_ascii=False).encode()))
        answers.flush()

    try:
        expected = json.loads(read_frame(sys.stdin.buffer) or b"{}")
        recogniser = Recogniser(Path(sys.argv[1]), int(sys.argv[2]), expected)
        recogniser.transcribe(np.zeros(8000, dtype=np.int16), 8000)  # the first decode costs twice
    except (RuntimeError, ValueError, OSError) as error:
        say({"failed": str(error)})
        return
    say({"ready": True})
    while (request := read_frame(sys.stdin.buffer)) is not None:
        header, _, body = request.partition(b"\n")
        asked = json.loads(header)
        pcm = np.frombuffer(body, dtype=np.int16)
        try:
            raw = recogniser.transcribe(pcm, asked["rate"], asked["topic"])
        except (RuntimeError, ValueError) as error:
            say({"failed": str(error)})
        else:
            say({"raw": asdict(raw)})


if __name__ == "__main__":
    main()
