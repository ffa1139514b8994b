"""One logged-in AMI connection on the event loop: actions with their answers, events as they come."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from callbot.adapters.asterisk_ami_wire import Packet, Wire, action


class NotConnected(ConnectionError):
    """No AMI connection, or no answer in time."""


class LoginRefused(NotConnected):
    """Asterisk is there and does not take the user and secret."""


@dataclass
class _Listing:
    """An action that is answered by many events."""

    row: str
    complete: str
    rows: list[Packet] = field(default_factory=list)


class Session:
    """Made by `open_session`. Every method belongs to the event loop; the library's thread hands packets over to it."""

    def __init__(self, host: str, port: int, on_event: Callable[[Packet], None], reply_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_event = on_event
        self._reply_s = reply_s
        self._replies: dict[str, asyncio.Future[Packet]] = {}
        self._lists: dict[str, _Listing] = {}
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="ami-send")
        self.lost = asyncio.Event()
        """Set once, when the connection has ended for whatever reason."""
        self._wire = Wire(host, port, on_packet=self._hand_over, on_lost=self._hand_over_end)

    async def login(self, user: str, secret: str) -> None:
        """Connect and log in. Raises NotConnected, LoginRefused."""
        try:
            await self._loop.run_in_executor(self._sender, self._wire.connect)
        except OSError as error:
            message = "Asterisk's manager interface cannot be reached"
            raise NotConnected(message) from error
        reply = await self.ask("Login", {"Username": user, "Secret": secret})
        if reply.get("Response") != "Success":
            message = f"Asterisk's manager interface refused the log-in: {reply.get('Message', '')}"
            raise LoginRefused(message)

    async def ask(self, name: str, fields: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Packet:
        """Send an action and wait for its response. Raises NotConnected, BadField (nothing was sent)."""
        action_id = uuid.uuid4().hex
        reply = self._replies[action_id] = self._loop.create_future()
        try:
            await self._send(name, {**fields, "ActionID": action_id}, variables)
            return await self._answer(reply, name)
        finally:
            self._replies.pop(action_id, None)

    async def list_channels(self) -> list[Packet]:
        """Every channel alive, as CoreShowChannel events. Raises NotConnected."""
        return await self.list_rows("CoreShowChannels", {}, "CoreShowChannel", "CoreShowChannelsComplete")

    async def list_rows(self, name: str, fields: Mapping[str, str], row: str, complete: str) -> list[Packet]:
        """The `row` events with which Asterisk answers an action, up to `complete`; none where it answers with an error.

        Raises NotConnected.
        """
        action_id = uuid.uuid4().hex
        listing = self._lists[action_id] = _Listing(row, complete)
        done = self._replies[action_id] = self._loop.create_future()
        try:
            await self._send(name, {**fields, "ActionID": action_id})
            await self._answer(done, name)
        finally:
            self._replies.pop(action_id, None)
            self._lists.pop(action_id, None)
        return listing.rows

    async def close(self) -> None:
        """Close the connection and end both threads."""
        await self._loop.run_in_executor(self._sender, self._wire.disconnect)
        self._sender.shutdown(wait=False)
        self._end()

    def _hand_over(self, packet: Packet) -> None:
        self._loop.call_soon_threadsafe(self._take, packet)

    def _hand_over_end(self) -> None:
        self._loop.call_soon_threadsafe(self._end)

    async def _send(self, name: str, fields: Mapping[str, str], variables: Mapping[str, str] | None = None) -> None:
        try:
            await self._loop.run_in_executor(self._sender, self._wire.send_action, action(name, fields, variables))
        except (OSError, RuntimeError) as error:  # RuntimeError: closed in the meantime
            message = f"Asterisk's manager interface is gone ({name})"
            raise NotConnected(message) from error

    async def _answer(self, reply: asyncio.Future[Packet], name: str) -> Packet:
        if self.lost.is_set():
            message = f"Asterisk's manager interface is gone ({name})"
            raise NotConnected(message)
        try:
            async with asyncio.timeout(self._reply_s):
                return await reply
        except TimeoutError as error:
            message = f"Asterisk's manager interface did not answer {name} in {self._reply_s:g} s"
            raise NotConnected(message) from error

    def _take(self, packet: Packet) -> None:
        action_id = packet.get("ActionID", "")
        listing = self._lists.get(action_id)
        if listing is not None:
            self._take_row(packet, listing, action_id)
        elif "Response" in packet:
            self._settle(action_id, packet)
        else:
            self._on_event(packet)

    def _take_row(self, packet: Packet, listing: "_Listing", action_id: str) -> None:
        if packet.get("Event") == listing.row:
            listing.rows.append(packet)
        elif packet.get("Event") == listing.complete or packet.get("Response") == "Error":
            self._settle(action_id, packet)
        # else Response: Success, EventList: start; or a row of something that was not asked for

    def _settle(self, action_id: str, packet: Packet) -> None:
        reply = self._replies.get(action_id)
        if reply is not None and not reply.done():
            reply.set_result(packet)

    def _end(self) -> None:
        self.lost.set()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(NotConnected("Asterisk's manager interface closed the connection"))


async def open_session(
    address: tuple[str, int], login: tuple[str, str], on_event: Callable[[Packet], None], reply_s: float
) -> Session:
    """A session that is logged in. Raises NotConnected, LoginRefused; leaves nothing behind then."""
    session = Session(*address, on_event, reply_s)
    try:
        await session.login(*login)
    except BaseException:
        with contextlib.suppress(RuntimeError):
            await session.close()
        raise
    return session
