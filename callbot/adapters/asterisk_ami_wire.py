"""One AMI connection through the `asterisk-ami` library, with its measured faults made harmless (docs/adr/0003).

The library reads, parses and writes AMI in a thread of its own. Kept from it: the parsing, the thread, the serialising of
actions. Replaced, because it is broken there: how it connects (its time limit killed the reader after 3 s of quiet), sends
(partial writes, no lock), waits (None on a timeout, a deprecated call inside) and closes (a join that can last for ever).
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping

from asterisk.ami import Action, AMIClient, AMIClientListener, Event, Response

Packet = dict[str, str]
"""Header -> value of one response or event; the first header is `Response` or `Event`."""

CONNECT_S = 5.0
SEND_S = 5.0
"""An Asterisk that does not read for this long is as good as gone."""
JOIN_S = 2.0


class BadField(ValueError):
    """A header or variable would break out of its line."""


class Wire(AMIClient):  # type: ignore[misc]  # the library has no types
    """`on_packet` and `on_lost` are called in the reader's thread; what they raise is swallowed, so they must not raise."""

    def __init__(self, host: str, port: int, on_packet: Callable[[Packet], None], on_lost: Callable[[], None]) -> None:
        super().__init__(address=host, port=port, timeout=CONNECT_S, buffer_size=65536)
        self._on_packet = on_packet
        self._on_lost = on_lost
        self._sending = threading.Lock()
        self.add_listener(
            AMIClientListener(
                on_action=_nothing,
                on_connect=_nothing,
                on_unknown=_nothing,
                on_disconnect=_nothing,
                on_response=self._take_response,
                on_event=self._take_event,
            )
        )

    def connect(self) -> None:
        """Open the connection and start reading. Blocks up to 5 s. Raises OSError."""
        self._socket = socket.create_connection((self._address, self._port), CONNECT_S)
        # From here on the reader waits without limit: quiet is normal at night. A dead peer is found by the caller's pings.
        self._socket.settimeout(None)
        seconds, rest = divmod(SEND_S, 1)
        self._socket.setsockopt(
            socket.SOL_SOCKET,
            socket.SO_SNDTIMEO,
            int(seconds).to_bytes(8, "little") + int(rest * 1e6).to_bytes(8, "little"),
        )
        self.finished = threading.Event()
        self._thread = threading.Thread(target=self.listen, name="ami-reader", daemon=True)
        self._thread.start()

    def listen(self) -> None:
        """The reader's thread: whatever ends it, `on_lost` is called exactly once."""
        with contextlib.suppress(Exception):  # the library raises bare Exception and StopIteration for a bad peer
            super().listen()
        self.finished.set()
        self._close_socket()
        with contextlib.suppress(Exception):  # e.g. an event loop that is closed already
            self._on_lost()

    def send_action(self, action: Action, callback: None = None) -> None:  # noqa: ARG002 - the library's signature
        """Write one action, whole. Raises OSError."""
        with self._sending:
            self._socket.sendall((str(action) + "\r\n").encode())

    def disconnect(self) -> None:
        """Close at once and wait for the reader (not when called by it)."""
        if self.finished is None:
            return
        self.finished.set()
        self._close_socket()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)

    def _close_socket(self) -> None:
        # shutdown, not only close: a reader blocked in recv does not notice a close.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._socket.close()

    def _take_response(self, response: Response, **_source: object) -> None:
        self._deliver("Response", response.status, response.keys)

    def _take_event(self, event: Event, **_source: object) -> None:
        self._deliver("Event", event.name, event.keys)

    def _deliver(self, kind: str, name: str, fields: Mapping[str, object]) -> None:
        with contextlib.suppress(Exception):  # an exception in a listener would kill the library's reader
            self._on_packet({kind: name} | {key: str(value) for key, value in fields.items()})


def action(name: str, fields: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Action:
    """An action of the library. Raises BadField."""
    check(fields, variables or {})
    return Action(name, dict(fields), dict(variables or {}))


def check(fields: Mapping[str, str], variables: Mapping[str, str]) -> None:
    """Raises BadField for what would break out of its line, or out of its variable: Asterisk splits those at commas."""
    for name, value in (*fields.items(), *variables.items()):
        if any(mark in name or mark in value for mark in "\r\n\0"):
            message = f"AMI field {name!r}: a line break is not allowed (got {value!r})"
            raise BadField(message)
    for name, value in variables.items():
        if not name.replace("_", "").isalnum() or any(mark in value for mark in ',"\\'):
            message = (
                f"AMI variable {name!r}: letters, digits and _ in its name, no comma, quote or backslash in its value"
            )
            raise BadField(message)


def _nothing(*_args: object, **_fields: object) -> None:
    pass
