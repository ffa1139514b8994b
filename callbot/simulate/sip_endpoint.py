"""pjsua2 made safe: sound ports that are never destroyed, one endpoint a process, one account that takes every call.

The order of every step here avoids a crash that was reproduced (docs/adr: virtual phones). SIP callbacks run on the asyncio
thread, because the endpoint has no threads of its own and `pump` polls it. Media callbacks run on pjsip's clock thread: they
touch deques only. The wheel is built for 4 calls a process; a fifth is answered 486 by pjsip itself.
"""

import asyncio
import ctypes
import re
import sys
from collections import deque
from collections.abc import Callable

import numpy as np
import pjsua2 as pj
from numpy.typing import NDArray

from callbot.simulate import sip_settings
from callbot.simulate.sip_settings import CALLS_PER_PROCESS, RATE

Pcm = NDArray[np.int16]

FRAME_BYTES = 320
_SILENCE = bytes(FRAME_BYTES)
_POLL_S = 0.005
_IDLE_POLL_S = 0.02


class _Vector(ctypes.Structure):
    """Head of libstdc++'s vector<uint8_t>: 3 us instead of 340 us a frame."""

    _fields_ = (("begin", ctypes.c_size_t), ("end", ctypes.c_size_t), ("capacity", ctypes.c_size_t))


def _frame_bytes(frame: pj.MediaFrame) -> bytes:
    vector = _Vector.from_address(int(frame.buf.this))
    return ctypes.string_at(vector.begin, vector.end - vector.begin)


class SoundPort(pj.AudioMediaPort):  # type: ignore[misc]
    """Where the sound of one call goes in and out. Reused for later calls, never destroyed while the clock runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._out = pj.ByteVector(_SILENCE)
        self._out_address = _Vector.from_address(int(self._out.this)).begin
        self.noise: list[bytes] = []
        self.active = False
        self.clear()
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE, 1, 20_000, 16)
        self.createPort(name, form)

    def clear(self) -> None:
        """Ready for the next call."""
        self.to_send: deque[bytes] = deque()
        self.heard: deque[bytes] = deque()
        self.sent: list[bytes] = []
        self.kept: list[bytes] = []
        self.frames = 0

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:  # noqa: N802 - pjsua2's name
        """20 ms to send: speech, else the room's noise."""
        try:
            out = self.to_send.popleft() if self.to_send else self._idle()
            ctypes.memmove(self._out_address, out, FRAME_BYTES)
            frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
            frame.buf = self._out
            frame.size = FRAME_BYTES
            if self.active:
                self.sent.append(out)
        except Exception as error:  # noqa: BLE001 - an exception in a pjsip callback would keep objects alive and abort
            report("media", error)

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802 - pjsua2's name
        """20 ms received; an empty frame is silence."""
        try:
            if self.active:
                data = _frame_bytes(frame) or _SILENCE
                self.heard.append(data)
                self.kept.append(data)
                self.frames += 1
        except Exception as error:  # noqa: BLE001 - as above
            report("media", error)

    def _idle(self) -> bytes:
        return self.noise[self.frames % len(self.noise)] if self.noise else _SILENCE


class Handset(pj.Call):  # type: ignore[misc]
    """One call, in the words of phone_call.Handset. Dropped for good inside DISCONNECTED: its slot is reused at once."""

    def __init__(self, endpoint: "PhoneEndpoint", call_id: int) -> None:
        super().__init__(endpoint.account, call_id)
        self._endpoint: PhoneEndpoint | None = endpoint
        self._line: Line | None = None

    def attach(self, line: "Line") -> None:
        """The line outlives this object."""
        self._line = line

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802, ARG002 - pjsua2's names
        """Ends the line."""
        try:
            info = self.getInfo()  # keep it: chained use reads freed memory
            if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
                line, endpoint = self._line, self._endpoint
                self._line, self._endpoint = None, None
                if line is not None:
                    line.over(info.lastStatusCode)
                if endpoint is not None:
                    endpoint.calls.discard(self)
        except Exception as error:  # noqa: BLE001 - as above
            report("state", error)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802, ARG002
        """Connects sound."""
        try:
            info = self.getInfo()
            for index, media in enumerate(info.media):
                is_sound = media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE
                if is_sound and self._line is not None:
                    self._line.connect(self.getAudioMedia(index))
        except Exception as error:  # noqa: BLE001 - as above
            report("media state", error)


class Line:
    """What phone_call.PhoneCall talks to: a call that may already be over."""

    def __init__(self, call: Handset, user: str, port: SoundPort) -> None:
        self._call: Handset | None = call
        self.user = user
        """The number that was dialled."""
        self.port = port
        self.ended = asyncio.Event()
        self.last_code = 0
        self._connected = asyncio.Event()

    def over(self, code: int) -> None:
        """Called once, from DISCONNECTED."""
        self._call, self.last_code = None, code
        self.port.active = False
        self.ended.set()
        self._connected.set()  # nobody waits for sound any more

    def connect(self, media: pj.AudioMedia) -> None:
        """Sound flows from now on."""
        if not self._connected.is_set():
            self.port.active = True
            self.port.startTransmit(media)
            media.startTransmit(self.port)
            self._connected.set()

    def respond(self, code: int) -> None:
        """A SIP response, if the call still exists."""
        if self._call is not None:
            parameters = pj.CallOpParam()
            parameters.statusCode = code
            self._call.answer(parameters)

    async def open(self) -> bool:
        """Wait for sound."""
        await self._connected.wait()
        return not self.ended.is_set()

    def hang_up(self) -> None:
        """BYE, if the call still exists."""
        if self._call is not None:
            self._call.hangup(pj.CallOpParam())

    def press(self, keys: str) -> None:
        """RFC 4733 events."""
        if self._call is not None:
            self._call.dialDtmf(keys)

    def say(self, pcm: Pcm) -> None:
        """Queue speech, mixed with the room's noise."""
        data = pcm.astype("<i2").tobytes()
        data += bytes(-len(data) % FRAME_BYTES)
        frames = [data[i : i + FRAME_BYTES] for i in range(0, len(data), FRAME_BYTES)]
        if self.port.noise:
            frames = [_mixed(frame, self.port.noise[n % len(self.port.noise)]) for n, frame in enumerate(frames)]
        self.port.to_send.extend(frames)

    def take_heard(self) -> Pcm:
        """What arrived since the last time."""
        frames = []
        while self.port.heard:
            frames.append(self.port.heard.popleft())
        return np.frombuffer(b"".join(frames), np.int16)

    @property
    def now_s(self) -> float:
        """Seconds of sound received."""
        return self.port.frames * FRAME_BYTES / 2 / RATE

    @property
    def to_say_s(self) -> float:
        """Seconds of queued speech not yet sent."""
        return len(self.port.to_send) * FRAME_BYTES / 2 / RATE


class PhoneEndpoint:
    """One a process. `on_call` gets every incoming call as a Line."""

    def __init__(self, port: int, on_call: Callable[[Line], None]) -> None:
        """Raises OSError where the port is taken."""
        self.calls: set[Handset] = set()  # a call nobody refers to is hung up by pjsip with 603
        self._lent: list[SoundPort] = []
        self._on_call = on_call
        self._endpoint = sip_settings.started()
        try:
            transport = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, sip_settings.transport(port))
        except pj.Error as error:
            raise OSError(f"UDP port {port} of 127.0.0.1 cannot be used: {error.info()}") from error
        self._endpoint.libStart()
        sip_settings.prefer_codecs(self._endpoint, "PCMA", "PCMU")
        self._ports = [SoundPort(f"phone{i}") for i in range(CALLS_PER_PROCESS)]
        self.account = _Account(self)
        self.account.create(sip_settings.account(port, transport))

    def incoming(self, call_id: int, message: str) -> None:
        """An INVITE; its Request-URI chooses the phone."""
        dialled = re.match(r"INVITE sips?:([^@;> ]+)@", message)
        call = Handset(self, call_id)
        self.calls.add(call)
        port = next(port for port in self._ports if all(port is not lent for lent in self._lent))
        self._lent.append(port)
        port.clear()
        line = Line(call, dialled[1] if dialled else "", port)
        call.attach(line)
        self._on_call(line)

    def dial(self, to: str, user: str) -> Line:
        """Call `to` (a SIP URI) as `user`; the line opens when it is answered. Raises pj.Error."""
        call = Handset(self, pj.PJSUA_INVALID_ID)
        self.calls.add(call)
        port = next(port for port in self._ports if all(port is not lent for lent in self._lent))
        self._lent.append(port)
        port.clear()
        line = Line(call, user, port)
        call.attach(line)
        options = pj.CallOpParam(True)
        options.txOption.localUri = f"sip:{user}@127.0.0.1"
        call.makeCall(to, options)
        return line

    def give_back(self, line: Line) -> None:
        """The line's sound port may serve another call."""
        line.port.active = False
        line.port.noise = []
        self._lent = [port for port in self._lent if port is not line.port]

    async def pump(self, stop: asyncio.Event) -> None:
        """Serve SIP until `stop`, then end every call."""
        while not stop.is_set():
            self._endpoint.libHandleEvents(0)
            await asyncio.sleep(_POLL_S if self.calls else _IDLE_POLL_S)
        self._endpoint.hangupAllCalls()
        for _ in range(20):
            self._endpoint.libHandleEvents(0)
            await asyncio.sleep(_POLL_S)


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, endpoint: PhoneEndpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802 - pjsua2's name
        """Any number."""
        try:
            self._endpoint.incoming(prm.callId, prm.rdata.wholeMsg)
        except Exception as error:  # noqa: BLE001 - as above
            report("incoming", error)


def report(where: str, error: Exception) -> None:
    """To stderr; pj.Error has an empty str()."""
    print(f"phone: {where}: {error.info() if isinstance(error, pj.Error) else error!r}", file=sys.stderr, flush=True)  # noqa: T201 - no log here


def _mixed(frame: bytes, noise: bytes) -> bytes:
    both = np.frombuffer(frame, np.int16).astype(np.int32) + np.frombuffer(noise, np.int16)
    return np.clip(both, -32768, 32767).astype("<i2").tobytes()
