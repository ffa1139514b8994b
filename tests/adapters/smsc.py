"""An SMSC on loopback, written from the SMPP 3.4 specification with `struct` alone: nothing of it comes from the client library."""

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

BIND, BIND_RESP, UNBIND, UNBIND_RESP = 0x00000009, 0x80000009, 0x00000006, 0x80000006
SUBMIT, SUBMIT_RESP, DELIVER, DELIVER_RESP = 0x00000004, 0x80000004, 0x00000005, 0x80000005
ENQUIRE, ENQUIRE_RESP = 0x00000015, 0x80000015


@dataclass(frozen=True)
class Submitted:
    """One submit_sm, as it was on the wire."""

    message_id: str
    source: str
    destination: str
    esm_class: int
    data_coding: int
    registered: int
    octets: bytes


@dataclass
class Smsc:
    """`with Smsc() as smsc:`; one client at a time."""

    system_id: str = "callbot"
    password: str = "secret"
    status: int = 0
    """Of the next submit_sm_resp; not 0: nothing is taken."""
    drop_after_accept: bool = False
    """Take the message, then cut the connection."""
    silent: bool = False
    """Take the message and answer nothing."""
    deaf: bool = False
    """Do not answer enquire_link."""
    receipt_first: bool = False
    receipts: int = 1
    stat: str = "DELIVRD"
    tlv: bool = False
    """Receipts carry the id as an optional parameter, and no readable text."""
    taken: list[Submitted] = field(default_factory=list)
    binds: int = 0
    enquiries: int = 0
    acknowledged: list[int] = field(default_factory=list)
    """command_status of every deliver_sm_resp."""

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._client: socket.socket | None = None
        self._sequence = 1000
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def cut(self) -> None:
        """The connection breaks."""
        with contextlib.suppress(OSError, AttributeError):
            self._client.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def say(self, source: str, text: str) -> None:
        """A telephone sends an SMS (MO) in UCS2."""
        self._deliver(source, "0621234567", 0, 8, text.encode("utf-16-be"))

    def text(self) -> str:
        """All parts of what was taken, joined as a telephone joins them; checks that they belong together."""
        if not self.taken[0].esm_class & 0x40:
            [one] = self.taken
            return _decoded(one.octets, one.data_coding)
        parts = sorted(self.taken, key=lambda one: one.octets[5])
        heads = {one.octets[:5] for one in parts}
        assert len(heads) == 1, "one reference and one count for all parts"
        assert [one.octets[5] for one in parts] == list(range(1, heads.pop()[4] + 1))
        return "".join(_decoded(one.octets[6:], one.data_coding) for one in parts)

    # -- the protocol ----------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._client = client
            with client, contextlib.suppress(OSError):
                for command, status, sequence, body in _pdus(client):
                    if not self._take(command, status, sequence, body):
                        break

    def _take(self, command: int, status: int, sequence: int, body: bytes) -> bool:
        if command == BIND:
            system_id, password = body.split(b"\x00")[:2]
            allowed = (system_id.decode(), password.decode()) == (self.system_id, self.password)
            self.binds += allowed
            self._send(BIND_RESP, 0 if allowed else 0x0E, sequence, b"smsc\x00" if allowed else b"")
            return allowed
        if command == SUBMIT:
            return self._submit(sequence, body)
        if command == ENQUIRE:
            self.enquiries += 1
            if not self.deaf:
                self._send(ENQUIRE_RESP, 0, sequence)
        elif command == DELIVER_RESP:
            self.acknowledged.append(status)
        elif command == UNBIND:
            self._send(UNBIND_RESP, 0, sequence)
            return False
        return True

    def _submit(self, sequence: int, body: bytes) -> bool:
        if self.status:
            self._send(SUBMIT_RESP, self.status, sequence)
            return True
        message_id = f"S{len(self.taken):06d}"
        one = _submitted(message_id, body)
        self.taken.append(one)
        if self.drop_after_accept:
            self.drop_after_accept = False
            return False
        if self.silent:
            return True
        if self.receipt_first:
            self._receipts(one)
            time.sleep(0.1)
        self._send(SUBMIT_RESP, 0, sequence, message_id.encode() + b"\x00")
        if not self.receipt_first:
            self._receipts(one)
        return True

    def _receipts(self, one: Submitted) -> None:
        if not one.registered & 1:
            return
        for _ in range(self.receipts):
            text = f"id:{one.message_id} sub:001 dlvrd:001 submit date:2611250000 done date:2611250001 stat:{self.stat} err:000 text:"
            more = b""
            if self.tlv:
                state = {"DELIVRD": 2, "UNDELIV": 5, "ACCEPTD": 6}[self.stat]
                octets = one.message_id.encode() + b"\x00"
                more = struct.pack("!HH", 0x001E, len(octets)) + octets + struct.pack("!HHB", 0x0427, 1, state)
                text = ""
            self._deliver(one.destination, one.source, 0x04, 0, text.encode(), more)

    def _deliver(
        self, source: str, destination: str, esm_class: int, coding: int, octets: bytes, more: bytes = b""
    ) -> None:
        self._sequence += 1
        body = b"\x00" + bytes((1, 1)) + source.encode() + b"\x00" + bytes((1, 1)) + destination.encode() + b"\x00"
        body += bytes((esm_class, 0, 0)) + b"\x00\x00" + bytes((0, 0, coding, 0, len(octets))) + octets + more
        self._send(DELIVER, 0, self._sequence, body)

    def _send(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        if self._client is not None:
            with self._lock:
                self._client.sendall(struct.pack("!IIII", 16 + len(body), command, status, sequence) + body)


def _pdus(client: socket.socket) -> Iterator[tuple[int, int, int, bytes]]:
    held = b""
    while True:
        while len(held) >= 4 and len(held) >= (length := struct.unpack("!I", held[:4])[0]):
            _, command, status, sequence = struct.unpack("!IIII", held[:16])
            yield command, status, sequence, held[16:length]
            held = held[length:]
        received = client.recv(65536)
        if not received:
            return
        held += received


def _submitted(message_id: str, body: bytes) -> Submitted:
    match = re.match(
        rb"(?s)([^\x00]*)\x00(.)(.)([^\x00]*)\x00(.)(.)([^\x00]*)\x00(.)(.)(.)([^\x00]*)\x00([^\x00]*)\x00(.)(.)(.)(.)(.)",
        body,
    )
    assert match is not None, body
    length = match.group(17)[0]
    octets = body[match.end() : match.end() + length]
    assert len(octets) == length <= 254
    assert len(octets) <= 140, "more than a telephone's radio frame holds"
    return Submitted(
        message_id, match.group(4).decode(), match.group(7).decode(), match.group(8)[0], match.group(15)[0],
        match.group(13)[0], octets,
    )  # fmt: skip


def _decoded(octets: bytes, data_coding: int) -> str:
    return octets.decode({0x08: "utf-16-be", 0x0E: "cp949"}[data_coding])
