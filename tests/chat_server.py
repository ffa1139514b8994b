"""A chat.completions server on loopback: checks every request against the types of the openai package, and can misbehave."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter, ValidationError

_REQUEST: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsStreaming)
_MESSAGE: TypeAdapter[Any] = TypeAdapter(ChatCompletionMessageParam)
_KNOWN = set(CompletionCreateParamsStreaming.__annotations__) | {
    name
    for base in CompletionCreateParamsStreaming.__orig_bases__
    for name in base.__annotations__  # type: ignore[attr-defined]
}
DONE = b"data: [DONE]\n\n"


def fault_of(request: dict[str, Any]) -> str | None:
    """Why this is no valid request; None: it is one. Strict schemas are checked by OpenAI's own rules as well."""
    if unknown := set(request) - _KNOWN:
        return f"unknown: {unknown}"
    try:
        found = _REQUEST.validate_python(request, strict=False)
        list(found["messages"])
        for message in request["messages"]:
            _MESSAGE.validate_python(message)
    except ValidationError as error:
        return str(error)
    form = request.get("response_format", {})
    return _strict_fault(form["json_schema"]["schema"]) if form.get("type") == "json_schema" else None


def _strict_fault(schema: dict[str, Any]) -> str | None:
    """Strict mode: every object closed, every property required, at every depth."""
    if schema.get("type") == "array":
        return _strict_fault(schema["items"])
    if schema.get("type") != "object":
        return None
    if schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"]):
        return f"not strict: {schema}"
    return next((fault for each in schema["properties"].values() if (fault := _strict_fault(each))), None)


def chunk(content: str = "", finish: str | None = None, **delta: Any) -> bytes:
    """One event of a stream, of the published type."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}],
    }
    ChatCompletionChunk.model_validate(body)
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def whole(text: str) -> tuple[bytes, ...]:
    """An answer as it should be."""
    return (
        chunk(role="assistant"),
        *(chunk(text[at : at + 40]) for at in range(0, len(text), 40)),
        chunk("", "stop"),
        DONE,
    )


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    parts: Iterable[bytes] = ()
    status: int = 200
    pause_s: float = 0.0
    """Before each part."""
    wait_s: float = 0.0
    """Before the first byte."""
    drops: bool = False
    """The connection is cut in the middle of the stream."""


SEASON = whole('{"season": "spring", "sure": true}')
"""The answer to the probe of a server that keeps to the schema."""


@dataclass
class ChatServer:
    """`answer` is given each valid request; an invalid one gets 400, as from OpenAI, and is kept in `faults`."""

    answer: Callable[[dict[str, Any]], Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/v1/chat/completions"
                assert self.headers["Authorization"].startswith("Bearer ")
                chat.requests.append(request)
                if fault := fault_of(request):
                    chat.faults.append(fault)
                    self._give(Reply((json.dumps({"error": {"message": fault}}).encode(),), status=400))
                    return
                self._give(chat.answer(request))

            def _give(self, reply: Reply) -> None:
                time.sleep(reply.wait_s)
                try:
                    self.send_response(reply.status)
                    self.send_header("Content-Type", "text/event-stream" if reply.status == 200 else "application/json")
                    if reply.drops:  # promises more than it will send
                        self.send_header("Content-Length", "100000")
                    self.end_headers()
                    for part in reply.parts:
                        time.sleep(reply.pause_s)
                        self.wfile.write(part)
                        self.wfile.flush()
                except OSError:
                    return  # hung up on: that is what some tests are about

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
