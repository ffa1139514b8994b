"""Recognition by any OpenAI-compatible /v1/audio/transcriptions, through the `openai` client."""

import asyncio
import io
import time
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI, BadRequestError, OpenAIError

from callbot.listen.gates import RawTranscript, judge
from callbot.listen.utterance import Transcript
from callbot.talk.ports import EarsDown

ASSUMED_LOGPROB = -0.5
"""For servers that report no probabilities: confidence 0.6, so that critical findings are not taken as doubtful."""


class OpenAiEars:
    """Ears of callbot.talk.ports. The audio leaves the machine: only for a server the district may send voices to."""

    def __init__(
        self, base_url: str, api_key: str, model: str = "whisper-1", *, timeout_s: float = 6.0, at_once: int = 8
    ) -> None:
        """`timeout_s`: for one utterance, all together; not retried, the person is waiting."""
        self._client = AsyncOpenAI(base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=0)
        self._model = model
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(at_once)
        self._open = 0
        self._verbose = True

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def backlog(self) -> int:
        """Utterances waiting or being recognised."""
        return self._open

    async def transcribe(self, pcm: NDArray[np.int16], *, topic: str = "", rate: int = 8000) -> Transcript:
        """Words of one utterance, or a rejection. Raises EarsDown for anything the server or the network does wrong.

        `topic`: the interface has no way to weigh what is expected, and as a prompt it has replaced what was said.
        """
        del topic
        self._open += 1
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s), self._places:
                answer = await self._ask(_wav(pcm, rate))
            return judge(_raw(answer, len(pcm) / rate))
        except (OpenAIError, TimeoutError) as error:
            waited = time.monotonic() - began
            raise EarsDown(f"transcription server failed after {waited:.1f} s: {type(error).__name__}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EarsDown("transcription server: the answer is not a transcription") from error
        finally:
            self._open -= 1

    async def _ask(self, wav: bytes) -> dict[str, Any]:
        """Ask for probabilities; a server that knows only plain JSON is not asked for them again."""
        if self._verbose:
            try:
                return await self._create(wav, "verbose_json")
            except BadRequestError:
                answer = await self._create(wav, "json")
                self._verbose = False
                return answer
        return await self._create(wav, "json")

    async def _create(self, wav: bytes, response_format: str) -> dict[str, Any]:
        answer: Any = await self._client.audio.transcriptions.create(
            file=("utterance.wav", wav, "audio/wav"),
            model=self._model,
            language="ko",
            temperature=0.0,
            response_format=response_format,  # type: ignore[call-overload,unused-ignore]
        )
        return dict(answer.model_dump())


def _raw(answer: dict[str, Any], seconds: float) -> RawTranscript:
    text = answer["text"]
    if not isinstance(text, str):
        raise TypeError("text is no string")
    parts = [part for part in answer.get("segments") or () if part.get("avg_logprob") is not None]
    return RawTranscript(
        text=text,
        avg_logprob=sum(part["avg_logprob"] for part in parts) / len(parts) if parts else ASSUMED_LOGPROB,
        no_speech_prob=min((part.get("no_speech_prob") or 0.0 for part in parts), default=0.0),
        seconds=seconds,
    )


def _wav(pcm: NDArray[np.int16], rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(np.ascontiguousarray(pcm, dtype=np.int16).tobytes())
    return file.getvalue()
