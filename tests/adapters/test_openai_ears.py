"""The real `openai` client against a real server on loopback that checks every upload."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from callbot.adapters.openai_ears import OpenAiEars
from callbot.talk.ports import EarsDown

SOUND = np.arange(8000, dtype=np.int16)
VERBOSE = {
    "task": "transcribe",
    "language": "korean",
    "duration": 1.0,
    "text": " 밥 먹었어요. ",
    "segments": [
        {
            "id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": "밥 먹었어요.", "tokens": [1], "temperature": 0.0,
            "avg_logprob": -0.22, "compression_ratio": 0.9, "no_speech_prob": 0.03,
        }
    ],
}  # fmt: skip


@dataclass
class Server:
    """Validates the multipart upload as OpenAI documents it; then answers what the test says."""

    answer: Callable[[str], Response] = lambda _: JSONResponse(VERBOSE)
    formats: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    delay_s: float = 0.0

    async def transcriptions(self, request: Request) -> Response:
        async with request.form() as form:
            sound = await form["file"].read()  # type: ignore[union-attr]
            with wave.open(io.BytesIO(sound)) as wav:
                shape = (wav.getnchannels(), wav.getsampwidth(), wav.getframerate())
                samples = wav.readframes(wav.getnframes())
            checks = {
                "authorization": request.headers["authorization"] == "Bearer key-for-tests",
                "content type": request.headers["content-type"].startswith("multipart/form-data"),
                "model": form["model"] == "whisper-large-v3",
                "language": form["language"] == "ko",
                "file name": form["file"].filename == "utterance.wav",  # type: ignore[union-attr]
                "wav": shape == (1, 2, 8000) and samples == SOUND.tobytes(),
                "fields": set(form) == {"file", "model", "language", "temperature", "response_format"},
            }
            self.formats.append(str(form["response_format"]))
            self.wrong += [name for name, right in checks.items() if not right]
        await asyncio.sleep(self.delay_s)
        return self.answer(self.formats[-1])


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[str]:
    app = Starlette(routes=[Route("/v1/audio/transcriptions", server.transcriptions, methods=["POST"])])
    uvicorn_server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(uvicorn_server.serve())
    while not uvicorn_server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.005)
    port = uvicorn_server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        uvicorn_server.should_exit = True
        await task


def with_server(server: Server, test: Callable[[OpenAiEars], Awaitable[None]], **options: float) -> None:
    async def run() -> None:
        async with serving(server) as url:
            ears = OpenAiEars(url, "key-for-tests", "whisper-large-v3", **options)  # type: ignore[arg-type]
            try:
                await test(ears)
            finally:
                await ears.close()

    asyncio.run(run())
    assert server.wrong == []


def test_an_utterance_becomes_words() -> None:
    """Upload as documented; text, confidence and no-speech probability from the answer, through the gates."""

    async def test(ears: OpenAiEars) -> None:
        heard = await ears.transcribe(SOUND, topic="meals")
        assert (heard.text, heard.rejected) == ("밥 먹었어요.", None)
        assert heard.confidence == pytest.approx(0.80, abs=0.01)
        assert heard.no_speech_prob == 0.03
        assert ears.backlog() == 0

    with_server(Server(), test)


def test_an_invention_is_rejected_here_too() -> None:
    """The gates stand behind every recogniser."""
    segments = [VERBOSE["segments"][0] | {"no_speech_prob": 0.9}]  # type: ignore[index]

    async def test(ears: OpenAiEars) -> None:
        assert (await ears.transcribe(SOUND)).rejected == "no_speech"

    with_server(Server(lambda _: JSONResponse(VERBOSE | {"segments": segments})), test)


def test_a_server_that_knows_only_plain_json_is_asked_for_that() -> None:
    """Probabilities refused once are not asked for again; the confidence is then a stated assumption."""
    server = Server(
        lambda asked: JSONResponse({"text": "괜찮아요."}) if asked == "json" else JSONResponse({"error": {}}, 400)
    )

    async def test(ears: OpenAiEars) -> None:
        assert (await ears.transcribe(SOUND)).text == "괜찮아요."
        assert (await ears.transcribe(SOUND)).confidence == pytest.approx(0.61, abs=0.01)

    with_server(server, test)
    assert server.formats == ["verbose_json", "json", "json"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: JSONResponse({"error": {"message": "slow down"}}, 429),
        lambda _: JSONResponse({"error": {"message": "broken"}}, 500),
        lambda _: JSONResponse({"error": {"message": "no"}}, 401),
        lambda _: JSONResponse({"error": {"message": "no such format"}}, 400),
        lambda _: PlainTextResponse("<html>not json</html>"),
        lambda _: Response(b'{"text": "\xb9\xe4', media_type="application/json"),
        lambda _: JSONResponse({"segments": []}),
        lambda _: JSONResponse({"text": None}),
        lambda _: JSONResponse(["no object"]),
    ],
    ids=["429", "500", "401", "400", "html", "truncated", "no text", "null text", "list"],
)
def test_whatever_the_server_does_wrong_is_ears_down(answer: Callable[[str], Response]) -> None:
    """One outcome for every failure: the call goes on without ears."""

    async def test(ears: OpenAiEars) -> None:
        with pytest.raises(EarsDown):
            await ears.transcribe(SOUND)
        assert ears.backlog() == 0

    with_server(Server(answer), test)


def test_a_slow_server_is_given_up_in_time() -> None:
    """The deadline is for the utterance, not for each byte."""

    async def test(ears: OpenAiEars) -> None:
        with pytest.raises(EarsDown, match="Timeout"):
            await ears.transcribe(SOUND)

    with_server(Server(delay_s=0.5), test, timeout_s=0.1)


def test_no_server_is_ears_down() -> None:
    """A closed port."""

    async def run() -> None:
        ears = OpenAiEars("http://127.0.0.1:9/v1", "key-for-tests")
        with pytest.raises(EarsDown):
            await ears.transcribe(SOUND)
        await ears.close()

    asyncio.run(run())
