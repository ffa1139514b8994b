"""One SMPP connection, kept in a thread of its own: bind, submit, enquire_link, receipts, and again after it broke.

`smpplib` is blocking and not thread-safe, so only this thread touches it. Orders come in by a queue and a socket pair that wakes it.
"""

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.smpp
import structlog

from callbot.adapters.smpp_text import Encoded

log = structlog.get_logger()

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
LOST = (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError)
TON_NATIONAL, NPI_ISDN = 2, 1
UDHI = 0x40


class Told(Protocol):
    """Called in the session's thread: an answer to one part. `status` None: the connection broke first."""

    def __call__(self, part: int, status: int | None, message_id: str | None) -> None: ...


@dataclass
class Order:
    """One message to submit."""

    sender: str
    to: str
    text: Encoded
    told: Told
    lock: threading.Lock = field(default_factory=threading.Lock)
    given_up: bool = False
    written: bool = False
    """From here on it may have been taken."""

    def give_up(self) -> bool:
        """Do not send it any more; True: not a byte of it has gone out."""
        with self.lock:
            self.given_up = True
            return not self.written


@dataclass(frozen=True)
class SmppAccount:
    """Where, and as whom."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    tls: bool = False
    enquire_s: float = 30.0
    answer_s: float = 8.0


class _Client(smpplib.client.Client):  # type: ignore[misc,unused-ignore]
    """With TLS as it should be: the certificate is that of the host we meant."""

    def _create_socket(self) -> socket.socket:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        plain.settimeout(self.timeout)
        return plain if self._ssl_context is None else self._ssl_context.wrap_socket(plain, server_hostname=self.host)


class SmppSession:
    """`start` once. `deliver`: a deliver_sm came, in this thread; answer it with `acknowledge`."""

    def __init__(self, account: SmppAccount, deliver: Callable[[Any], None]) -> None:
        self._account = account
        self._deliver = deliver
        self._orders: SimpleQueue[Order | tuple[int, int]] = SimpleQueue()
        self._ours: socket.socket | None = None
        self._wakes: socket.socket | None = None
        self._waiting: dict[int, tuple[Order, int]] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="smpp", daemon=True)
        self._heard = self._asked = 0.0
        self.bound = threading.Event()
        self.refused = ""
        """Why the last bind failed, if it did."""

    def start(self) -> None:
        """Connect, and stay connected."""
        if self._ours is None:
            self._ours, self._wakes = socket.socketpair()
            self._thread.start()

    def submit(self, order: Order) -> None:
        """From any thread."""
        self._orders.put(order)
        self._wake()

    def acknowledge(self, sequence: int, status: int = smpplib.consts.SMPP_ESME_ROK) -> None:
        """Of a deliver_sm; with another status the SMSC sends it again. From any thread."""
        self._orders.put((sequence, status))
        self._wake()

    def stop(self) -> None:
        """Unbind and end the thread."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(5.0)
        for end in (self._ours, self._wakes):
            if end is not None:
                end.close()

    def _wake(self) -> None:
        if self._wakes is not None:
            with contextlib.suppress(OSError):
                self._wakes.send(b"x")

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        tries = 0
        while not self._stopping:
            client = _Client(
                self._account.host,
                self._account.port,
                timeout=5,
                ssl_context=ssl.create_default_context() if self._account.tls else None,
                allow_unknown_opt_params=True,
            )
            client.logger.disabled = True  # it writes whole messages, numbers and texts, into the log
            try:
                self._connect(client)
                tries = 0
                self._serve(client)
            except LOST as error:
                log.warning("smpp_lost", error=type(error).__name__, tries=tries)
            finally:
                self.bound.clear()
                self._break(client)
            if not self._stopping:
                self._pause(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
                tries += 1

    def _connect(self, client: Any) -> None:
        account = self._account
        client.connect()
        try:
            client.bind_transceiver(
                system_id=account.system_id, password=account.password, system_type=account.system_type
            )
        except smpplib.exceptions.PDUError as error:
            self.refused = str(error)
            raise
        self.refused = ""
        self._heard = time.monotonic()
        self._asked = 0.0
        self.bound.set()
        log.info("smpp_bound")

    def _serve(self, client: Any) -> None:
        ours = self._ours
        while not self._stopping and ours is not None:
            # With TLS a decrypted PDU may wait inside the library, unseen by select.
            pending = isinstance(client._socket, ssl.SSLSocket) and client._socket.pending() > 0  # noqa: SLF001
            readable, _, _ = select.select([client._socket, ours], [], [], 0 if pending else 0.5)  # noqa: SLF001
            if ours in readable:
                ours.recv(4096)
                self._write(client)
            if pending or client._socket in readable:  # noqa: SLF001
                self._take(client, client.read_pdu())
            self._keep_alive(client)
        with contextlib.suppress(*LOST):
            client.unbind()

    def _write(self, client: Any) -> None:
        while True:
            try:
                order = self._orders.get_nowait()
            except Empty:
                return
            if isinstance(order, tuple):
                answer = smpplib.smpp.make_pdu("deliver_sm_resp", client=client, status=order[1])
                answer.sequence = order[0]
                client.send_pdu(answer)
                continue
            with order.lock:
                if order.given_up:
                    continue
                order.written = True
            self._submit(client, order)

    def _submit(self, client: Any, order: Order) -> None:
        pdus = [
            smpplib.smpp.make_pdu(
                "submit_sm", client=client,
                source_addr_ton=TON_NATIONAL, source_addr_npi=NPI_ISDN, source_addr=order.sender,
                dest_addr_ton=TON_NATIONAL, dest_addr_npi=NPI_ISDN, destination_addr=order.to,
                esm_class=UDHI if order.text.headed else 0, data_coding=order.text.data_coding,
                registered_delivery=1, short_message=part,
            )
            for part in order.text.parts
        ]  # fmt: skip
        for number, pdu in enumerate(pdus):
            pdu.sequence = client.next_sequence()  # set by hand: as an argument it is ignored
            self._waiting[pdu.sequence] = (order, number)
        for pdu in pdus:
            client.send_pdu(pdu)

    def _take(self, client: Any, pdu: Any) -> None:
        self._heard, self._asked = time.monotonic(), 0.0
        match pdu.command:
            case "submit_sm_resp" | "generic_nack":
                order, part = self._waiting.pop(pdu.sequence, (None, 0))
                if order is not None:
                    message_id = getattr(pdu, "message_id", None)
                    text = message_id.decode("ascii", "replace") if isinstance(message_id, bytes) else message_id
                    order.told(part, int(pdu.status), text)
            case "deliver_sm":
                self._deliver(pdu)
            case "enquire_link":
                answer = smpplib.smpp.make_pdu("enquire_link_resp", client=client)
                answer.sequence = pdu.sequence
                client.send_pdu(answer)
            case "unbind":
                answer = smpplib.smpp.make_pdu("unbind_resp", client=client)
                answer.sequence = pdu.sequence
                client.send_pdu(answer)
                raise smpplib.exceptions.ConnectionError("unbound by the SMSC")
            case _:
                pass

    def _keep_alive(self, client: Any) -> None:
        """A connection that is silent is asked; one that does not answer is dead, whatever TCP believes."""
        now = time.monotonic()
        if self._asked and now - self._asked > self._account.answer_s:
            raise smpplib.exceptions.ConnectionError("enquire_link unanswered")
        if not self._asked and now - self._heard > self._account.enquire_s:
            self._asked = now
            asking = smpplib.smpp.make_pdu("enquire_link", client=client)
            asking.sequence = client.next_sequence()
            client.send_pdu(asking)

    def _break(self, client: Any) -> None:
        """What was submitted and not answered may have been taken."""
        waiting, self._waiting = self._waiting, {}
        for order, part in waiting.values():
            order.told(part, None, None)
        with contextlib.suppress(*LOST):
            client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN  # else it warns about an orderly end
            client.disconnect()

    def _pause(self, seconds: float) -> None:
        """Until then, or until `stop`; orders that come meanwhile wait in the queue."""
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
