"""The bot's legs: a WebSocket server that Asterisk's chan_websocket connects to, one connection a call.

The protocol (Asterisk 22.10): binary messages are audio in the leg's codec, text messages are control, here in JSON
(`f(json)` in the dial string). Asterisk paces what we send and keeps at most 1,000 frames (20 s); a message may be at most
65,500 bytes, a command 128.
"""

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from websockets.asyncio.server import Server, ServerConnection, basic_auth, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from callbot.adapters.asterisk_playback import Playback
from callbot.line.ports import Digit, Frame, MarkReached

__all__ = ["Digit", "Drained", "Flow", "Frame", "MarkReached", "MediaLeg", "MediaServer", "OnLeg"]

log = structlog.get_logger()

CHANNEL_PREFIX = "bot-"
"""The channel id given at Originate is this and the attempt key."""
INCOMING_PREFIX = "in-"
"""The key of a call that came to us is this and its channel id."""
INCOMING_PATH = "/media-in"
"""Where Asterisk connects for calls that come to us (websocket_client.conf)."""
CALLER_VARIABLE = "CALLBOT_FROM"
"""Of the bot's channel: the caller's digits; empty: withheld."""
START_S = 5.0
"""Asterisk sends MEDIA_START at once; a client that does not is none."""
CLOSE_S = 2.0
KEEP_FRAMES = 1500
"""30 s of the person's audio that nobody has read: what comes then is dropped, the call goes on."""


@dataclass(frozen=True)
class Drained:
    """Asterisk has nothing more of ours to play (also after a flush)."""


@dataclass(frozen=True)
class Flow:
    """Asterisk's queue is full (off) or has room again (on); the leg obeys by itself, this is for the log."""

    on: bool


LegItem = Frame | Digit | MarkReached | Drained | Flow


class MediaLeg:
    """The bot's side of one call; made by MediaServer. Use it on the server's event loop only."""

    def __init__(self, connection: ServerConnection, key: str, frame_bytes: int, *, caller: str | None = None) -> None:
        self._connection = connection
        self._key = key
        self.caller = caller
        """Digits of who calls us, empty where they are withheld; None: we placed this call."""
        self._items: asyncio.Queue[LegItem | None] = asyncio.Queue()
        self._frames_waiting = 0
        self.frames_dropped = 0
        """Frames of the person that nobody read within 30 s."""
        self._playback = Playback(frame_bytes, asyncio.get_running_loop().time)
        self._wake = asyncio.Event()
        self._closed = asyncio.Event()

    @property
    def key(self) -> str:
        """The attempt key given at origination."""
        return self._key

    @property
    def closed(self) -> bool:
        """Nothing can be played any more."""
        return self._closed.is_set()

    async def items(self) -> AsyncIterator[LegItem]:
        """Everything Asterisk sends, in its order; ends when the leg closes. One reader only."""
        while (item := await self._items.get()) is not None:
            if isinstance(item, Frame):
                self._frames_waiting -= 1
            yield item

    def play(self, alaw: bytes, mark: str) -> None:
        """Queue a whole clip behind what is queued; `MarkReached(mark)` follows when its last frame has been sent.

        Padded with silence to whole frames here: Asterisk would do it through a transcoder.
        """
        self._playback.add(alaw, mark)
        self._wake.set()

    def flush(self) -> None:
        """Drop what is not played yet, at once; no mark of a dropped clip is reported as reached."""
        self._playback.flush()
        self._wake.set()

    def played_s(self, mark: str) -> float:
        """Seconds of that clip that were sent to the person so far; 0 for a clip not begun or not known.

        Counted from the moment Asterisk began it, in real time, and bounded by the clip and by a flush: right to within a
        frame or two (measured: docs/measurements.md).
        """
        return self._playback.played_s(mark)

    async def hang_up(self) -> None:
        """End the call; the person's line closes without the apology. Returns when Asterisk has closed the leg."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(json.dumps({"command": "HANGUP"}))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._closed.wait()
        await self._connection.close()

    def abort(self) -> None:
        """Drop the connection without a word: Asterisk takes us for dead and the person hears the apology.

        A closing handshake would be an orderly end (cause 16), and the line would close on the person in mid-sentence.
        """
        self._connection.transport.abort()

    async def run(self, on_leg: Callable[["MediaLeg"], Awaitable[None]]) -> None:
        """Serve the leg until it closes (server only)."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        try:
            await on_leg(self)
        except Exception as error:  # noqa: BLE001 - the boundary of one call: it may fail, the server goes on
            # No traceback: an exception's text may quote the person.
            log.error("media.leg_failed", attempt=self._key, error=type(error).__name__)
            self.abort()
        else:
            await self.hang_up()
        finally:
            writer.cancel()
            reader.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                if isinstance(message, bytes):
                    self._take_frame(message)
                else:
                    self._take_event(message)
        except ConnectionClosed:
            pass
        finally:
            self._closed.set()
            self._items.put_nowait(None)

    def _take_frame(self, alaw: bytes) -> None:
        if self._frames_waiting >= KEEP_FRAMES:
            self.frames_dropped += 1
            return
        self._frames_waiting += 1
        self._items.put_nowait(Frame(alaw))

    def _take_event(self, text: str) -> None:
        event = _parsed(text)
        match event.get("event"):
            case "DTMF_END":
                self._items.put_nowait(Digit(str(event.get("digit", ""))))
            case "MEDIA_MARK_PROCESSED":
                if (mark := self._playback.mark_processed(str(event.get("correlation_id", "")))) is not None:
                    self._items.put_nowait(MarkReached(mark))
            case "MEDIA_XOFF" | "MEDIA_XON" as flow:
                self._playback.flowing = flow == "MEDIA_XON"
                self._items.put_nowait(Flow(on=self._playback.flowing))
                self._wake.set()
            case "QUEUE_DRAINED":
                self._items.put_nowait(Drained())
            case "ERROR":
                log.warning("media.refused_command", attempt=self._key, error=str(event.get("error_text", "")))
            case _:
                pass  # STATUS, MEDIA_BUFFERING_COMPLETED and what later versions add

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                message, wait_s = self._playback.next_message()
                if message is not None:
                    await self._connection.send(message)
                    continue
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._wake.wait()


OnLeg = Callable[[MediaLeg], Awaitable[None]]


class MediaServer:
    """Accepts the bot's legs on loopback. A new server on the same port takes new legs; old ones died with the old server."""

    def __init__(
        self, host: str, port: int, secret: str, on_leg: OnLeg, *, may_take: Callable[[], bool] = lambda: True
    ) -> None:
        """`port` 0: any free one, see `port` after `start`. `secret`: the password of websocket_client.conf.

        `may_take`: asked before a call that comes to us is taken; no: the caller hears the recorded notice.
        """
        self._may_take = may_take
        self._host = host
        self._port = port
        self._secret = secret
        self._on_leg = on_leg
        self._server: Server | None = None
        self._legs: set[MediaLeg] = set()

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        self._server = await serve(
            self._serve_leg,
            self._host,
            self._port,
            process_request=self._admit,
            subprotocols=[Subprotocol("media")],
            compression=None,  # 20 ms of A-law does not compress
            ping_interval=None,  # on loopback a dead Asterisk closes the socket
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and drop every leg: who is still on the line hears the apology."""
        if self._server is not None:
            for leg in self._legs:
                leg.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        authenticate = basic_auth(realm="callbot media", check_credentials=self._may_connect)
        refused = await authenticate(connection, request)
        if refused is None and _comes_to_us(request) and not self._may_take():
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "no free channel\n")
        return refused

    def _may_connect(self, _user: str, password: str) -> bool:
        return hmac.compare_digest(password.encode(), self._secret.encode())

    async def _serve_leg(self, connection: ServerConnection) -> None:
        try:
            async with asyncio.timeout(START_S):
                first = await connection.recv()
        except (TimeoutError, ConnectionClosed):
            return
        start = _parsed(first) if isinstance(first, str) else {}
        channel = str(start.get("channel_id", ""))
        caller = _caller_in(start) if _comes_to_us(connection.request) else None
        if caller is not None:
            channel = CHANNEL_PREFIX + INCOMING_PREFIX + channel
        if start.get("event") != "MEDIA_START" or not channel.startswith(CHANNEL_PREFIX):
            log.warning("media.not_a_leg", status=HTTPStatus.BAD_REQUEST)
            await connection.close(1002)
            return
        if start.get("format") != "alaw":
            log.error("media.wrong_codec", attempt=channel.removeprefix(CHANNEL_PREFIX), codec=str(start.get("format")))
            await connection.close(1003)
            return
        frame_bytes = int(str(start.get("optimal_frame_size", 160)))
        leg = MediaLeg(connection, channel.removeprefix(CHANNEL_PREFIX), frame_bytes, caller=caller)
        self._legs.add(leg)
        try:
            await leg.run(self._on_leg)
        finally:
            self._legs.discard(leg)


def _comes_to_us(request: Request | None) -> bool:
    return request is not None and request.path.partition("?")[0] == INCOMING_PATH


def _caller_in(start: dict[str, object]) -> str:
    variables = start.get("channel_variables")
    return str(variables.get(CALLER_VARIABLE, "")) if isinstance(variables, dict) else ""


def _parsed(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
