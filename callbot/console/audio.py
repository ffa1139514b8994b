"""Recordings for the browser's player: opened chunk by chunk, any range, nothing decrypted on the disk."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.render import SEES_NAMES
from callbot.console.wav_header import mended_header
from callbot.store import console_cases
from callbot.store.console_cases import Recording
from callbot.store.keys import CannotOpen
from callbot.store.sealed_file import SealedReader, unwrap_data_key

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PIECE = 64 * 1024
HEADER_BYTES = 4096
NOTED_ONCE_IN = timedelta(minutes=10)


@dataclass(frozen=True)
class Span:
    """Bytes [start, end) of `size`."""

    start: int
    end: int
    size: int
    partial: bool


class UnsatisfiableRange(ValueError):
    """None of the bytes asked for exist."""


def span_of(header: str | None, size: int) -> Span:
    """The first range asked for; one we cannot read means all of it (RFC 9110). Raises UnsatisfiableRange.

    >>> span_of("bytes=100-199", 1000)
    Span(start=100, end=200, size=1000, partial=True)
    """
    match = RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return Span(0, size, size, partial=False)
    first, last = match.groups()
    if first == "":
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or start >= end:
        raise UnsatisfiableRange(header)
    return Span(start, end, size, partial=True)


class Audio:
    """The endpoint."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self.deps = deps
        self._noted: dict[tuple[int, int], datetime] = {}
        self._lock = threading.Lock()

    def serve(self, request: Request) -> Response:
        """One recording, or a part of it."""
        viewer = viewer_of(request)
        if viewer.account.role not in SEES_NAMES:
            raise HTTPException(403)
        with self.deps.store.read() as connection:
            found = console_cases.recording(connection, viewer.account.scope, request.path_params["call_id"])
        if found is None:
            raise HTTPException(404)
        self._note(request, found)
        reader = self._open(found)
        try:
            header = mended_header(reader.read(0, HEADER_BYTES), reader.size)
            span = span_of(request.headers.get("range"), reader.size)
        except UnsatisfiableRange:
            reader.close()
            return Response(status_code=416, headers={"content-range": f"bytes */{reader.size}"})
        except CannotOpen:
            reader.close()
            raise HTTPException(404) from None
        return Playing(reader, header, span)

    def _open(self, found: Recording) -> SealedReader:
        root = self.deps.recordings_dir.resolve()
        path = (root / found.path).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise HTTPException(404)
        try:
            key = unwrap_data_key(self.deps.store.keys, found.call_id, found.key)
            return SealedReader(path, key, allow_cut=True)
        except CannotOpen:
            raise HTTPException(404) from None

    def _note(self, request: Request, found: Recording) -> None:
        """A player asks for many ranges of one hearing: that is one line in the access log."""
        now = self.deps.wall()
        seen = (viewer_of(request).account.id, found.call_id)
        with self._lock:
            self._noted = {key: at for key, at in self._noted.items() if now - at < NOTED_ONCE_IN}
            if seen in self._noted:
                return
            self._noted[seen] = now
        note(self.deps, request, "listen", subject="call", subject_id=found.call_id)


class Playing(StreamingResponse):
    """Closes the file however the answer ends: a player goes away in the middle of it all the time."""

    def __init__(self, reader: SealedReader, header: bytes, span: Span) -> None:
        self._reader = reader
        status = 206 if span.partial else 200
        super().__init__(_pieces(reader, header, span), status, _headers(span), media_type="audio/wav")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reader.close()


def _headers(span: Span) -> dict[str, str]:
    headers = {"accept-ranges": "bytes", "content-length": str(span.end - span.start)}
    if span.partial:
        headers["content-range"] = f"bytes {span.start}-{span.end - 1}/{span.size}"
    return headers


def _pieces(reader: SealedReader, header: bytes, span: Span) -> Iterator[bytes]:
    """The span's bytes, those of the header in their mended form. Starlette iterates in a thread."""
    at = span.start
    while at < span.end:
        piece = reader.read(at, min(PIECE, span.end - at))
        if not piece:
            return
        if at < len(header):
            piece = (header[at:] + piece[max(len(header) - at, 0) :])[: len(piece)]
        yield piece
        at += len(piece)
