"""The second opinion against a real server on loopback that checks what it receives."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from callbot.adapters.openai_opinion import OpenAiOpinion
from callbot.assess.second_opinion import OpinionUnavailable, Suspicion, opinion_signals
from callbot.converse.transcript import Turn
from callbot.understand.meaning import Category, Level

TURNS = (Turn(0, "bot", "식사는 하셨어요?"), Turn(1, "person", "먹으나 마나지 뭐, 통장도 다 접었어"))
FOUND = json.dumps(
    {"suspicions": [{"category": "suicide", "level": "emergency", "quote": "통장도 다 접었어"}]}, ensure_ascii=False
)


def chunk(text: str, finish: str | None = None) -> bytes:
    body = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
GOOD = (chunk(FOUND[:20]), chunk(FOUND[20:]), chunk("", "stop"), DONE)
WRONG: dict[str, tuple[bytes, ...]] = {
    "babble": (chunk("네, 어르신은 괜찮아 보이세요."), chunk("", "stop"), DONE),
    "another schema": (chunk('{"level": "none"}'), chunk("", "stop"), DONE),
    "unknown category": (chunk(FOUND.replace("suicide", "weather")), chunk("", "stop"), DONE),
    "cut off without an error": (chunk(FOUND),),
    "too long": (chunk(FOUND[:20]), chunk("", "length"), DONE),
    "refused by a filter": (chunk("", "content_filter"), DONE),
    "corrupt": (b"data: {not json\n\n",),
}


@contextmanager
def serving(parts: tuple[bytes, ...], *, status: int = 200, pause_s: float = 0.0) -> Iterator[tuple[str, list[Any]]]:
    """A chat.completions server that streams `parts`; yields its address and the requests it got."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.path, self.headers["Authorization"], request))
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for part in parts:
                time.sleep(pause_s)
                try:
                    self.wfile.write(part)
                except OSError:
                    return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opinion(url: str, timeout_s: float = 5.0) -> OpenAiOpinion:
    return OpenAiOpinion(url, "key-for-tests", "some-model", timeout_s=timeout_s)


def test_an_opinion_is_asked_for_with_a_strict_schema_and_raises():
    """The request is as documented; what comes back is a signal at high, 미확인, with the person's words."""
    with serving(GOOD) as (url, got):
        found = opinion(url).judge(TURNS)
    path, key, request = got[0]
    assert (path, key, len(got)) == ("/v1/chat/completions", "Bearer key-for-tests", 1)
    assert request["response_format"]["json_schema"]["strict"] is True
    assert "대상자: 먹으나 마나지" in request["messages"][1]["content"]
    assert found.suspicions == (Suspicion(Category.SUICIDE, Level.EMERGENCY, "통장도 다 접었어"),)
    (signal,) = opinion_signals(TURNS, found, [])
    assert (signal.level, signal.unconfirmed, signal.turn) == (Level.HIGH, True, 1)


@pytest.mark.parametrize("parts", WRONG.values(), ids=WRONG)
def test_whatever_the_server_answers_wrongly_is_no_opinion(parts):
    """Never an exception of another kind, never half an answer."""
    with serving(parts) as (url, _), pytest.raises(OpinionUnavailable):
        opinion(url).judge(TURNS)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_server_that_refuses_is_asked_once(status):
    """No retry: the rules have judged already."""
    with serving((b"{}",), status=status) as (url, got):
        with pytest.raises(OpinionUnavailable):
            opinion(url).judge(TURNS)
        assert len(got) == 1


def test_a_server_that_dribbles_is_given_up_in_time():
    """A piece every 0.2 s resets the client's own limit, not ours."""
    with serving((chunk(" "),) * 20, pause_s=0.2) as (url, _):
        began = time.monotonic()
        with pytest.raises(OpinionUnavailable, match="timeout"):
            opinion(url, timeout_s=0.6).judge(TURNS)
        assert time.monotonic() - began < 2.0


def test_nobody_there():
    """A port on which nothing listens."""
    with pytest.raises(OpinionUnavailable):
        opinion("http://127.0.0.1:9/v1").judge(TURNS)


def test_words_that_nobody_said_raise_nothing():
    """A quote of the bot's, an invented one, an empty one."""
    for quote in ("식사는 하셨어요", "가슴이 아파요", "", "뭐"):
        with serving((chunk(FOUND.replace("통장도 다 접었어", quote)), chunk("", "stop"), DONE)) as (url, _):
            assert opinion_signals(TURNS, opinion(url).judge(TURNS), []) == []
