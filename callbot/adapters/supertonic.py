"""Supertonic 3, a native Korean voice by ONNX; package and weights are the district's to install (OpenRAIL-M licence)."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callbot.converse.spoken_text import spoken
from callbot.talk.telephone_level import for_telephone
from callbot.talk.voice_cache import CannotSpeak

SLOWER = 0.8
_MODEL = "supertonic-3"
_FILES = (
    "onnx/duration_predictor.onnx", "onnx/text_encoder.onnx", "onnx/vector_estimator.onnx", "onnx/vocoder.onnx",
    "onnx/tts.json", "onnx/unicode_indexer.json", "voice_styles",
)  # fmt: skip


class SupertonicVoice:
    """Loads at the first `speak`. Nothing is ever downloaded."""

    version = "supertonic-3"

    def __init__(self, model_dir: Path, *, threads: int = 2) -> None:
        self._model_dir = model_dir
        self._threads = threads
        self._model: Any = None

    def speak(self, text: str, voice: str = "F1", speed: float = 1.0, *, slow: bool = False) -> NDArray[np.int16]:
        """Mono 8 kHz. `voice`: F1 to F5, M1 to M5. Raises CannotSpeak."""
        model = self._loaded()
        try:
            style = model.get_voice_style(voice)
        except (OSError, ValueError, KeyError) as error:
            raise CannotSpeak(f"모르는 목소리입니다: {voice!r}. F1~F5, M1~M5를 쓸 수 있습니다.") from error
        audio, _ = model.synthesize(spoken(text), voice_style=style, speed=speed * (SLOWER if slow else 1), lang="ko")
        return for_telephone(np.asarray(audio, np.float32).ravel(), int(model.sample_rate), slow=slow)

    def __getstate__(self) -> dict[str, Any]:
        """A copy for another process starts unloaded."""
        return self.__dict__ | {"_model": None}

    def _loaded(self) -> Any:
        if self._model is None:
            lacking = [name for name in _FILES if not (self._model_dir / name).exists()]
            if lacking:
                raise CannotSpeak(
                    f"Supertonic 파일이 없습니다: {self._model_dir / lacking[0]}. 모델을 이 폴더에 두십시오."
                )
            try:
                from supertonic import TTS  # noqa: PLC0415 - an optional package
            except ModuleNotFoundError as error:
                raise CannotSpeak(
                    "supertonic 꾸러미가 없습니다. `pip install supertonic==1.3.1`로 설치하십시오."
                ) from error
            self._model = TTS(
                model=_MODEL, model_dir=self._model_dir, auto_download=False, intra_op_num_threads=self._threads
            )
        return self._model
