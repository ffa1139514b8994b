"""A transcription server on loopback that knows a few recordings by their sound, and nothing else."""

import asyncio
import contextlib
import io
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from callbot.adapters.openai_ears import OpenAiEars
from callbot.line.g711 import alaw_to_pcm


@dataclass
class KnownWords:
    """The OpenAI-compatible /v1/audio/transcriptions: answers with the texts whose clips are in the upload, in order.

    A clip counts as heard where its middle fifth is in the audio sample for sample: G.711 through a socket loses nothing.
    """

    clips: dict[str, bytes]
    """text -> A-law."""
    delay_s: float = 0.0
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    async def transcriptions(self, request: Request) -> Response:
        async with request.form() as form:
            sound = await form["file"].read()  # type: ignore[union-attr]
        with wave.open(io.BytesIO(sound)) as wav:
            samples = wav.readframes(wav.getnframes())
        found = sorted((at, text) for text, clip in self.clips.items() if (at := samples.find(middle(clip))) >= 0)
        text = " ".join(text for _, text in found)
        self.asked.append(text)
        await asyncio.sleep(self.delay_s)
        if self.broken:
            return JSONResponse({"error": {"message": "out of memory"}}, 500)
        return JSONResponse({"text": text, "segments": []})


def middle(alaw: bytes) -> bytes:
    """PCM of the middle fifth of a clip."""
    return alaw_to_pcm(alaw[len(alaw) * 2 // 5 : len(alaw) * 3 // 5]).astype("<i2").tobytes()


@contextlib.asynccontextmanager
async def ears_of(words: KnownWords) -> AsyncIterator[OpenAiEars]:
    """The real adapter, connected to the server."""
    app = Starlette(routes=[Route("/v1/audio/transcriptions", words.transcriptions, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.005)
    ears = OpenAiEars(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1", "key-for-tests")
    try:
        yield ears
    finally:
        await ears.close()
        server.should_exit = True
        await task
