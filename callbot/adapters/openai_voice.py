"""Any OpenAI-compatible text-to-speech server (`/v1/audio/speech`), through the `openai` client."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray
from openai import OpenAI, OpenAIError

from callbot.converse.spoken_text import spoken
from callbot.talk.telephone_level import for_telephone
from callbot.talk.voice_cache import CannotSpeak

SLOWER = 0.8


class OpenAiVoice:
    """Renders lines before dialling. They hold people's names: only for a server the district may send names to."""

    def __init__(self, base_url: str, api_key: str, model: str, *, timeout_s: float = 30.0, retries: int = 2) -> None:
        self._client = OpenAI(base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=retries)
        self._model = model
        self.version = f"openai:{self._client.base_url.host}:{model}"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def speak(self, text: str, voice: str, speed: float = 1.0, *, slow: bool = False) -> NDArray[np.int16]:
        """Mono 8 kHz. `voice`: a name the server knows. Raises CannotSpeak."""
        try:
            answer = self._client.audio.speech.create(
                model=self._model,
                voice=voice,
                input=spoken(text),
                response_format="wav",
                speed=speed * (SLOWER if slow else 1),
            )
            audio, rate = soundfile.read(io.BytesIO(answer.content), dtype="float32", always_2d=True)
        except OpenAIError as error:
            raise CannotSpeak(f"음성 합성 서버({self._client.base_url.host})가 응답하지 않습니다: {error}") from error
        except soundfile.LibsndfileError as error:
            raise CannotSpeak(
                f"음성 합성 서버({self._client.base_url.host})의 답이 소리 파일(WAV)이 아닙니다."
            ) from error
        speech = for_telephone(audio.mean(axis=1), rate, slow=slow)
        if not speech.size:
            raise CannotSpeak(f"음성 합성 서버({self._client.base_url.host})가 빈 소리를 보냈습니다.")
        return speech
