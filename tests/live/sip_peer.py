"""A telephone for tests: a scripted SIP/RTP callee on one asyncio loop. What it does is chosen by the number dialled."""

import asyncio
import itertools
import random
import re
import struct
import time
from dataclasses import dataclass, field
from typing import Self

from tones import tone

FRAME = 160
SILENCE = b"\xd5" * FRAME
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    486: "Busy Here",
    487: "Request Terminated",
}


@dataclass(frozen=True)
class Script:
    """One number's behaviour. Times in seconds after the INVITE, or after the answer where said."""

    final: int | None = 200
    """Status; None: never."""
    final_after: float = 0.0
    ring: bool = False
    early_s: float = 0.0
    """183 with audio for that long before `final`."""
    early_hz: float = 480.0
    hz: float | None = 700.0
    """Tone sent after the answer; None: no RTP at all."""
    quiet: bool = False
    """Silence is sent in its place until `PeerCall.talking`."""
    bye_after: float | None = None
    """After the answer."""
    early_seq: int = 40_000
    answer_seq: int = 1_000
    """First RTP sequence number after the answer: a new source (SSRC) begins there."""


@dataclass
class PeerCall:
    """One dialog, seen from the telephone."""

    number: str
    script: Script
    headers: dict[str, list[str]]
    remote: tuple[str, int]
    invited_at: float
    tag: str = field(default_factory=lambda: f"t{random.getrandbits(32):x}")
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    answered_at: float = 0.0
    ended_at: float = 0.0
    ended_by: str = ""
    """`bye`: Asterisk hung up; `cancel`; `us`; `final`: never answered."""
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    """(monotonic, A-law) of every RTP audio packet since the INVITE."""
    rtp_target: tuple[str, int] | None = None
    last_response: bytes = b""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    rtp: "asyncio.DatagramTransport | None" = None
    sending: tuple[int, int, int] = (0, 0, 0)
    talking: bool = True
    cseq: int = 100

    def heard_since(self, since: float, until: float = float("inf")) -> bytes:
        """Audio that arrived in that time."""
        return b"".join(alaw for at, alaw in self.heard if since <= at < until)


class _Rtp(asyncio.DatagramProtocol):
    def __init__(self, call: PeerCall) -> None:
        self.call = call

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        if len(data) > 12 and data[1] & 0x7F == 8:
            self.call.heard.append((time.monotonic(), data[12:]))


class SipPeer(asyncio.DatagramProtocol):
    """`async with SipPeer() as peer: peer.scripts["01000000001"] = Script(486)`, then dial `peer.dial("01000000001")`."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.calls: dict[str, PeerCall] = {}
        self.by_number: dict[str, PeerCall] = {}
        self.invites = 0
        self.default = Script(404)
        """Of every number that is not in `scripts`."""
        self.mute = False
        """A carrier that is gone: nothing is answered."""
        self._arrival = asyncio.Condition()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = int(self.transport.get_extra_info("sockname")[1])
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for call in self.calls.values():
            for task in call.tasks:
                task.cancel()
            await asyncio.gather(*call.tasks, return_exceptions=True)
            if call.rtp:
                call.rtp.close()
        self.transport.close()

    def dial(self, number: str) -> str:
        """The dial string that reaches this number."""
        return f"PJSIP/phones/sip:{number}@127.0.0.1:{self.port}"

    async def call(self, number: str, timeout_s: float = 5.0) -> PeerCall:
        """The call to that number, once it has come in."""
        async with asyncio.timeout(timeout_s), self._arrival:
            await self._arrival.wait_for(lambda: number in self.by_number)
        return self.by_number[number]

    # ---- SIP -----------------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.mute:
            return
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        call_id = headers["call-id"][0]
        if first.startswith("SIP/2.0"):
            return
        method = first.split()[0]
        if method == "INVITE":
            self._invite(first, headers, body, addr, call_id)
        elif method == "ACK" and call_id in self.calls:
            pass
        elif method in {"BYE", "CANCEL", "OPTIONS"}:
            self._send(headers, 200, addr, tag="x")
            call = self.calls.get(call_id)
            if call and method == "CANCEL" and not call.answered.is_set():
                self._respond(call, 487)
                self._end(call, "cancel")
            elif call and method == "BYE":
                self._end(call, "bye")

    def _invite(
        self, first: str, headers: dict[str, list[str]], body: str, addr: tuple[str, int], call_id: str
    ) -> None:
        if call_id in self.calls:
            self.transport.sendto(self.calls[call_id].last_response, addr)  # a retransmission
            return
        self.invites += 1
        found = re.search(r"sip:([^@]+)@", first)
        number = found.group(1) if found else ""
        call = PeerCall(number, self.scripts.get(number, self.default), headers, addr, time.monotonic())
        port = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
        if port:
            call.rtp_target = ("127.0.0.1", int(port.group(1)))
        self.calls[call_id] = self.by_number[number] = call
        call.tasks.append(asyncio.create_task(self._play_out(call)))

    async def _play_out(self, call: PeerCall) -> None:
        async with self._arrival:
            self._arrival.notify_all()
        script = call.script
        loop = asyncio.get_running_loop()
        call.rtp, _ = await loop.create_datagram_endpoint(lambda: _Rtp(call), local_addr=("127.0.0.1", 0))
        if script.ring:
            self._respond(call, 180)
        if script.early_s:
            self._respond(call, 183, sdp=True)
            await self._stream(call, script.early_hz, script.early_seq, script.early_s)
        await asyncio.sleep(script.final_after)
        if script.final is None or call.ended.is_set():
            return
        if script.final >= 300:
            self._respond(call, script.final)
            self._end(call, "final")
            return
        self._respond(call, script.final, sdp=True)
        call.answered_at = time.monotonic()
        call.answered.set()
        call.talking = not script.quiet
        if script.hz:
            call.tasks.append(asyncio.create_task(self._stream(call, script.hz, script.answer_seq, 600.0)))
        if script.bye_after is not None:
            await asyncio.sleep(script.bye_after)
            self.bye(call)

    def bye(self, call: PeerCall) -> None:
        """Hang up."""
        if call.ended.is_set():
            return
        call.cseq += 1
        contact = re.search(r"<?(sip:[^>;]+)", call.headers["contact"][0])
        target = contact.group(1) if contact else "sip:asterisk"
        to = call.headers["to"][0]
        text = (
            f"BYE {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{random.getrandbits(40):x}\r\n"
            f"Max-Forwards: 70\r\nFrom: {to};tag={call.tag}\r\nTo: {call.headers['from'][0]}\r\n"
            f"Call-ID: {call.headers['call-id'][0]}\r\nCSeq: {call.cseq} BYE\r\nContent-Length: 0\r\n\r\n"
        )
        self.transport.sendto(text.encode(), call.remote)
        self._end(call, "us")

    def _end(self, call: PeerCall, by: str) -> None:
        if not call.ended.is_set():
            call.ended_by, call.ended_at = by, time.monotonic()
            call.ended.set()

    def _respond(self, call: PeerCall, status: int, *, sdp: bool = False) -> None:
        body = ""
        if sdp and call.rtp:
            port = call.rtp.get_extra_info("sockname")[1]
            body = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                "a=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
            )
        call.last_response = self._send(call.headers, status, call.remote, tag=call.tag, body=body)

    def _send(
        self, headers: dict[str, list[str]], status: int, addr: tuple[str, int], *, tag: str, body: str = ""
    ) -> bytes:
        to = headers["to"][0]
        to = to if ";tag=" in to else f"{to};tag={tag}"
        lines = [f"SIP/2.0 {status} {REASONS.get(status, 'Scripted')}"]
        lines += [f"Via: {via}" for via in headers["via"]]
        lines += [f"From: {headers['from'][0]}", f"To: {to}", f"Call-ID: {headers['call-id'][0]}"]
        lines += [f"CSeq: {headers['cseq'][0]}", f"Contact: <sip:peer@127.0.0.1:{self.port}>"]
        if body:
            lines += ["Content-Type: application/sdp"]
        data = ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()
        self.transport.sendto(data, addr)
        return data

    # ---- RTP -----------------------------------------------------------------------------------------------------

    async def _stream(self, call: PeerCall, hertz: float, seq: int, seconds: float) -> None:
        ssrc, stamp = random.getrandbits(32), random.getrandbits(31)
        audio = tone(hertz, 1.0)  # whole seconds of a whole number of hertz join without a click
        begin = time.monotonic()
        for n in itertools.count():
            if n * 0.02 >= seconds or call.ended.is_set():
                return
            at = n * FRAME % len(audio)
            payload = audio[at : at + FRAME] if call.talking else SILENCE
            self._rtp(call, 8, seq + n, stamp + n * FRAME, ssrc, payload)
            call.sending = (seq + n, stamp + n * FRAME, ssrc)
            await asyncio.sleep(max(0.0, begin + (n + 1) * 0.02 - time.monotonic()))

    def _rtp(
        self, call: PeerCall, kind: int, seq: int, stamp: int, ssrc: int, payload: bytes, *, mark: bool = False
    ) -> None:
        if call.rtp and call.rtp_target:
            head = struct.pack("!BBHII", 0x80, kind | (0x80 if mark else 0), seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc)
            call.rtp.sendto(head + payload, call.rtp_target)

    async def press(self, call: PeerCall, digit: str) -> None:
        """A telephone key, as RFC 4733 says it, 100 ms long, in the running stream's source."""
        event = "0123456789*#".index(digit)
        seq, stamp, ssrc = call.sending
        seq += 10_000  # its own stretch of numbers; the tone goes on in the old one
        for n in range(8):
            last = n >= 5
            payload = struct.pack("!BBH", event, 0x8A if last else 0x0A, 160 * (min(n, 5) + 1))
            self._rtp(call, 101, seq + n, stamp, ssrc, payload, mark=n == 0)
            if not last:
                await asyncio.sleep(0.02)
