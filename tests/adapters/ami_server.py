"""A manager interface that behaves as a test wants, over a real socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

Action = list[tuple[str, str]]
"""Header lines of one action, in order."""


def value(action: Action, name: str) -> str:
    """The last header of that name: what Asterisk would take."""
    return next((text for key, text in reversed(action) if key == name), "")


class AmiServer:
    """Answers Login, Originate, Hangup and CoreShowChannels; everything can be switched to misbehave."""

    def __init__(self) -> None:
        self.banner = b"Asterisk Call Manager/11.0.0\r\n"
        self.actions: list[Action] = []
        self.logins = 0
        self.login_answer = "Success"
        self.mute: set[str] = set()
        """Actions that get no answer."""
        self.refuse: set[str] = set()
        self.channels: list[dict[str, str]] = []
        self.on_action: Callable[[str], None] = lambda _name: None
        self.port = 0
        self.raw = bytearray()
        self.read_pause_s = 0.0
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        """Listen on a free port, or again on the one it had."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 24)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop everybody."""
        self._server.close()
        self.drop()
        await self._server.wait_closed()

    def drop(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def event(self, name: str, **fields: str) -> None:
        """Send an event to everybody."""
        self.send("".join(f"{key}: {text}\r\n" for key, text in {"Event": name, **fields}.items()) + "\r\n")

    def send(self, text: str) -> None:
        """Send anything."""
        for writer in self._writers:
            writer.write(text.encode())

    def sent(self, name: str) -> list[Action]:
        """The actions of that name that have arrived whole."""
        return [action for action in self.actions if value(action, "Action") == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.banner)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                await asyncio.sleep(self.read_pause_s)
                block = await reader.readuntil(b"\r\n\r\n")
                lines = [line.split(": ", 1) for line in block.decode().strip().split("\r\n")]
                action = [(line[0], line[1] if len(line) > 1 else "") for line in lines]
                self.actions.append(action)
                self._answer(action, writer)
        writer.close()

    def _answer(self, action: Action, writer: asyncio.StreamWriter) -> None:
        name, action_id = value(action, "Action"), value(action, "ActionID")
        if name == "Login":
            self.logins += 1
        if name not in self.mute:
            status = self.login_answer if name == "Login" else "Error" if name in self.refuse else "Success"
            writer.write(f"Response: {status}\r\nActionID: {action_id}\r\nMessage: so\r\n\r\n".encode())
            if name == "CoreShowChannels":
                for row in self.channels:
                    text = "".join(f"{key}: {field}\r\n" for key, field in row.items())
                    writer.write(f"Event: CoreShowChannel\r\nActionID: {action_id}\r\n{text}\r\n".encode())
                writer.write(f"Event: CoreShowChannelsComplete\r\nActionID: {action_id}\r\n\r\n".encode())
        self.on_action(name)


@contextlib.asynccontextmanager
async def ami_server() -> AsyncIterator[AmiServer]:
    """One that listens."""
    server = AmiServer()
    await server.open()
    try:
        yield server
    finally:
        await server.close()
