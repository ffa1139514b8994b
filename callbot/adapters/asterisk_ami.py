"""Originating and following calls through Asterisk's manager interface (AMI)."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from callbot.adapters.asterisk_ami_session import LoginRefused, NotConnected, Session, open_session
from callbot.adapters.asterisk_ami_wire import BadField, Packet
from callbot.adapters.asterisk_calls import BOT, CallTrack, key_of
from callbot.adapters.asterisk_originate import originate_fields
from callbot.adapters.asterisk_room import attended, enter_room, open_room, other_end
from callbot.adapters.asterisk_trunk_status import NEWS, reachable_trunks
from callbot.dial.progress import CallOrder, CallProgress

__all__ = [
    "AlreadyOriginated",
    "BadField",
    "CallOrder",
    "CallProgress",
    "NotConnected",
    "OriginateRefused",
    "Switchboard",
]

log = structlog.get_logger()

REMEMBERED = 100_000
"""Keys of calls placed by this process; the ledger is the real guard against placing one twice."""


class AlreadyOriginated(ValueError):
    """This attempt key was placed before; an attempt number is never originated again."""


class OriginateRefused(RuntimeError):
    """Asterisk would not even queue the call; nobody was called."""


@dataclass(frozen=True)
class Timings:
    """Seconds. Tests shorten them."""

    reply: float = 5.0
    """For Asterisk's answer to an action."""
    check: float = 5.0
    """Between two looks whether Asterisk is alive and which channels it has."""
    backoff: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
    """Between attempts to connect; the last one repeats."""
    settle: float = 0.15
    """Events of one call come in varying order: this long after its last channel for what is still missing."""
    young: float = 5.0
    """A call this young may not have its channel yet: its absence from a listing means nothing."""
    bot_leg: float = 3.0
    """For our own media server to take the bot's leg."""


class Switchboard:
    """One AMI connection that mends itself. All methods and callbacks belong to the event loop that called `start`.

    Per `originate` that did not raise, `on_progress` gets exactly one `ended`, whatever happens to Asterisk, the bot's leg
    or the connection: an ending that was missed is found by listing the channels.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_progress: Callable[[CallProgress], None],
        on_connection: Callable[[bool], None] | None = None,
        trunks: Iterable[str] = (),
        on_trunks: Callable[[dict[str, bool]], None] = lambda _reachable: None,
        timings: Timings | None = None,
    ) -> None:
        """`on_trunks`: of these trunks, what is known of whether the carrier is there; at every look, and at once on news."""
        self._address = (host, port)
        self._login = (user, secret)
        self._on_progress = on_progress
        self._on_connection = on_connection or (lambda _up: None)
        self._trunks = tuple(trunks)
        self._on_trunks = on_trunks
        self._trunk_news = asyncio.Event()
        self._timings = timings or Timings()
        self._session: Session | None = None
        self._up = asyncio.Event()
        self._tracks: dict[str, CallTrack] = {}
        self._placed: OrderedDict[str, None] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Logged in, and heard from lately."""
        return self._up.is_set()

    async def start(self) -> None:
        """Begin to connect, and keep connected until `stop`; does not wait: see `wait_connected`."""
        if self._task is None:
            self._task = asyncio.create_task(self._stay_connected(), name="ami")

    async def wait_connected(self, timeout_s: float) -> bool:
        """Whether there is a connection within that time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        return self.connected

    async def stop(self) -> None:
        """Close. Calls go on in Asterisk; their ends are not reported any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def originate(self, order: CallOrder) -> None:
        """Place a call: the bot's leg first, then the person's phone.

        Raises AlreadyOriginated, BadField (of a key, number or variable), NotConnected, OriginateRefused; after any of
        them nobody was called and no `ended` follows. An answer that never comes does not raise: `ended` will tell.
        """
        fields, variables = originate_fields(order, self._timings.bot_leg)
        if order.attempt_key in self._placed:
            message = f"attempt {order.attempt_key} was originated before"
            raise AlreadyOriginated(message)
        session = self._connected_session()
        self._remember(order.attempt_key)
        self._tracks[order.attempt_key] = CallTrack(order.attempt_key, self._now())
        try:
            reply = await session.ask("Originate", fields, variables)
        except NotConnected:
            log.warning("ami.originate_unanswered", attempt=order.attempt_key)
            return  # sent or half sent: the next listing of channels will tell
        if reply.get("Response") == "Error":
            self._tracks.pop(order.attempt_key, None)
            message = f"Asterisk refused the call: {reply.get('Message', '')}"
            raise OriginateRefused(message)

    async def hang_up(self, attempt_key: str) -> None:
        """End a call quietly; also one placed by an earlier process. Not being there is fine. Raises NotConnected.

        The person's leg goes first: a bot's leg that ends first would leave the person with the apology.
        """
        session = self._connected_session()
        track = self._tracks.get(attempt_key)
        if track is None:
            rows = [row for row in await session.list_channels() if key_of(row) == attempt_key]
            persons = [row["Channel"] for row in rows if row.get("Uniqueid") != BOT + attempt_key]
        else:
            track.hung_up_by_us = True
            persons = track.person_channels if track.answered else []
        for name in persons:
            await session.ask("Hangup", {"Channel": name, "Cause": "16"})
        if not persons or track is None:
            await session.ask("Hangup", {"Channel": BOT + attempt_key, "Cause": "16"})

    async def into_room(self, attempt_key: str) -> None:
        """Move the bot's and the person's legs of an answered call into a room where a worker can join them.

        Raises NotConnected, or LookupError where the person or the bot is not on the line any more.
        """
        await open_room(self._connected_session(), self._other_end(attempt_key), BOT + attempt_key)

    async def join_room(self, worker_key: str, attempt_key: str) -> None:
        """Move the other end of one answered call (a worker's) into the room of another; its own bot's leg ends.

        Raises NotConnected, or LookupError where either is not there any more.
        """
        worker = self._other_end(worker_key)
        self._tracks[worker_key].hung_up_by_us = True  # its bot's leg ends by our order: nobody has died
        await enter_room(self._connected_session(), worker, attempt_key)

    def _other_end(self, key: str) -> str:
        track = self._tracks.get(key)
        return other_end(track.person_channels if track else (), answered=track is not None and track.answered, key=key)

    async def live_keys(self) -> set[str]:
        """Attempt keys of all calls alive in Asterisk, whoever placed them, but for those that a worker has joined. Raises NotConnected."""
        rows = await self._connected_session().list_channels()
        return {key for row in rows if (key := key_of(row))} - attended(rows)

    def _connected_session(self) -> Session:
        if self._session is None or not self.connected:
            raise NotConnected("no connection to Asterisk's manager interface; nothing was sent")
        return self._session

    def _remember(self, key: str) -> None:
        self._placed[key] = None
        if len(self._placed) > REMEMBERED:
            self._placed.popitem(last=False)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    # ---- the connection ------------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        tries = 0
        while True:
            try:
                session = await open_session(self._address, self._login, self._take, self._timings.reply)
            except NotConnected as error:
                event = "ami.login_refused" if isinstance(error, LoginRefused) else "ami.unreachable"
                log.warning(event, port=self._address[1], tries=tries + 1)
            else:
                tries = 0
                await self._use(session)
            await asyncio.sleep(self._timings.backoff[min(tries, len(self._timings.backoff) - 1)])
            tries += 1

    async def _use(self, session: Session) -> None:
        """Until it is lost, or Asterisk stops answering on it."""
        try:
            while not session.lost.is_set():
                self._trunk_news.clear()
                await self._resynchronise(session)
                self._connect_to(session)
                self._on_trunks(await reachable_trunks(session, self._trunks))
                await self._pause(session)
        except NotConnected:
            pass
        finally:
            self._connect_to(None)
            await session.close()

    async def _pause(self, session: Session) -> None:
        """Until the next look: the connection is lost, a trunk has changed, or it is time."""
        either = [asyncio.create_task(event.wait()) for event in (session.lost, self._trunk_news)]
        try:
            await asyncio.wait(either, timeout=self._timings.check, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()

    def _connect_to(self, session: Session | None) -> None:
        """Tell whoever waits or asks, when it is a change."""
        if session is self._session:
            return
        self._session = session
        log.info("ami.connected" if session else "ami.lost", port=self._address[1], calls=len(self._tracks))
        if session:
            self._up.set()
        else:
            self._up.clear()
        self._on_connection(session is not None)

    async def _resynchronise(self, session: Session) -> None:
        """Compare what we follow with what is there. Also the sign of life: Asterisk must answer this."""
        asked_at = self._now()
        rows = await session.list_channels()
        alive = {row.get("Uniqueid", "") for row in rows}
        for row in rows:
            self._take(row)
        for track in self._tracks.values():
            if asked_at - track.ordered_at < self._timings.young:
                continue
            if track.only(alive):
                continue
            # Its Hangup may be on its way; if not, nobody will ever tell.
            asyncio.get_running_loop().call_later(self._timings.settle, self._give_up, track)

    def _give_up(self, track: CallTrack) -> None:
        if not track.over:
            log.warning("ami.call_lost", attempt=track.key)
            track.lost = track.over = True
            self._end(track)

    # ---- the calls -----------------------------------------------------------------------------------------------

    def _take(self, packet: Packet) -> None:
        if packet.get("Event") in NEWS:
            self._trunk_news.set()
            return
        track = self._tracks.get(key_of(packet) or "")
        if track is None:
            return
        was_over = track.over
        for step in track.take(packet, self._now()):
            self._tell(step)
        if track.complete:
            self._end(track)
        elif track.over and not was_over:
            asyncio.get_running_loop().call_later(self._timings.settle, self._end, track)

    def _end(self, track: CallTrack) -> None:
        for step in track.end(self._now()):
            self._tell(step)
        if self._tracks.get(track.key) is track:
            del self._tracks[track.key]

    def _tell(self, step: CallProgress) -> None:
        try:
            self._on_progress(step)
        except Exception as error:  # noqa: BLE001 - the boundary of the listener: its fault must not cost other calls their events
            log.error("ami.listener_failed", attempt=step.attempt_key, step=step.kind, error=type(error).__name__)
