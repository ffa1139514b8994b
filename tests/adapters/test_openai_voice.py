"""A text-to-speech server of the OpenAI kind, answered by a real HTTP server on loopback."""

import io
import json
import pickle
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from callbot.adapters.openai_voice import OpenAiVoice
from callbot.adapters.supertonic import SupertonicVoice
from callbot.talk.voice_cache import CannotSpeak


class Server(ThreadingHTTPServer):
    """Answers every request with `answer`, and remembers it."""

    answer: tuple[int, bytes] = (200, b"")
    requests: list[tuple[str, str | None, dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers["Authorization"], body))
        status, content = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", "audio/wav" if status == 200 else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def voice(server: Server) -> Iterator[OpenAiVoice]:
    voice = OpenAiVoice(f"http://127.0.0.1:{server.server_port}/v1", "key-1", "tts-x", timeout_s=2, retries=0)
    yield voice
    voice.close()


def wav(seconds: float = 1.0, rate: int = 24_000, amplitude: float = 0.02) -> bytes:
    file = io.BytesIO()
    tone = amplitude * np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 300 / rate)
    soundfile.write(file, np.concatenate([np.zeros(rate // 2), tone, np.zeros(rate // 2)]), rate, format="WAV")
    return file.getvalue()


def test_request_and_sound(server: Server, voice: OpenAiVoice) -> None:
    """The server gets the reading (no digits), voice and speed; its sound comes back at 8 kHz, trimmed and levelled."""
    server.answer = (200, wav())
    pcm = voice.speak("3번 드세요", "nova", 0.9)
    path, key, body = server.requests[0]
    assert (path, key) == ("/v1/audio/speech", "Bearer key-1")
    assert body == {"model": "tts-x", "voice": "nova", "input": "세 번 드세요", "response_format": "wav", "speed": 0.9}
    assert pcm.dtype == np.int16
    assert 8000 <= len(pcm) <= 8000 * 1.1
    assert -21 < 20 * np.log10(np.sqrt(np.mean((pcm / 32768) ** 2))) < -19


def test_slow(server: Server, voice: OpenAiVoice) -> None:
    """A slow line is asked for slower and comes out louder."""
    server.answer = (200, wav())
    normal, slow = voice.speak("네", "nova", 1.0), voice.speak("네", "nova", 1.0, slow=True)
    assert server.requests[1][2]["speed"] == 0.8
    assert np.abs(slow).max() > np.abs(normal).max()


def test_streamed_header(server: Server, voice: OpenAiVoice) -> None:
    """A WAV whose header does not know its length, as streaming servers send it, is read to its end."""
    whole = bytearray(wav())
    at = whole.index(b"data") + 4
    whole[4:8] = whole[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    server.answer = (200, bytes(whole))
    assert len(voice.speak("네", "nova")) >= 8000


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (500, b'{"error":{"message":"out of memory"}}', "응답하지 않습니다"),
        (401, b'{"error":{"message":"bad key"}}', "응답하지 않습니다"),
        (200, b"<html>login</html>", "WAV"),
        (200, wav(amplitude=0.0), "빈 소리"),
    ],
)
def test_bad_answers(server: Server, voice: OpenAiVoice, status: int, content: bytes, said: str) -> None:
    """Whatever the server sends instead of speech, one clear sentence names it."""
    server.answer = (status, content)
    with pytest.raises(CannotSpeak, match=said):
        voice.speak("네", "nova")


def test_nobody_there() -> None:
    """A server that is not there is one clear sentence."""
    voice = OpenAiVoice("http://127.0.0.1:15499/v1", "k", "m", timeout_s=1, retries=0)
    with pytest.raises(CannotSpeak, match=r"127\.0\.0\.1"):
        voice.speak("네", "nova")
    voice.close()


def test_supertonic_says_what_is_missing(tmp_path: Path) -> None:
    """Without weights, or without the package, Supertonic says which and what to do; it downloads nothing."""
    voice = pickle.loads(pickle.dumps(SupertonicVoice(tmp_path)))  # noqa: S301 - our own, as the render process gets it
    with pytest.raises(CannotSpeak, match=r"duration_predictor\.onnx"):
        voice.speak("네")
    (tmp_path / "onnx").mkdir()
    for name in ("duration_predictor.onnx", "text_encoder.onnx", "vector_estimator.onnx", "vocoder.onnx", "tts.json"):
        (tmp_path / "onnx" / name).touch()
    (tmp_path / "onnx" / "unicode_indexer.json").touch()
    (tmp_path / "voice_styles").mkdir()
    with pytest.raises(CannotSpeak, match=r"supertonic==1\.3\.1"):
        voice.speak("네")
