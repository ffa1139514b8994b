"""The running service: media, switchboard, ears, and the workers that ask the ledger what is due."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from callbot.adapters.asterisk_ami import NotConnected, Switchboard
from callbot.adapters.asterisk_config import AsteriskError
from callbot.adapters.asterisk_media import MediaServer
from callbot.adapters.korean_holidays import korean_holidays
from callbot.adapters.model_files import ModelFilesError
from callbot.adapters.whisper import ModelUnusable
from callbot.bootstrap import Parts
from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.lines import lines_for
from callbot.lexicon_files import LexiconError
from callbot.people.numbers import is_virtual
from callbot.script_files import ScriptError
from callbot.store.database import DatabaseUnreachable
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated
from callbot.talk.answered_call import ACKNOWLEDGEMENT, Shown
from callbot.talk.dialler import Dialler, DialPlan
from callbot.understand.meaning import Topic
from callbot.workflows.handle_case import climb
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import expire_due, recover
from callbot.workflows.send_pages import clear_doubts, send_pages

CONNECT_S = 15.0

log = structlog.get_logger()

UNUSABLE = (
    AsteriskError,
    DatabaseUnreachable,
    KeyFileError,
    LexiconError,
    ModelFilesError,
    ModelUnusable,
    NotMigrated,
    ScriptError,
)
"""What can be wrong with an installation: each is one clear sentence for the operator."""


class PortInUse(RuntimeError):
    """A port of ours is taken; the message names it and the setting."""


@dataclass
class Worker:
    """Asks the ledger what is due whenever it is woken; the tick is only a backstop (design.md, section 4)."""

    name: str
    every_s: float
    job: Callable[[], Awaitable[object]]
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. A failing round is logged, the next one tries again."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            try:
                await self.job()
            except Exception as error:  # noqa: BLE001 - the boundary of a tick
                log.error("tick_failed", tick=self.name, error=type(error).__name__, detail=_where(error))


class Service:
    """Everything on one machine. `start`, then `stop`; both wait."""

    def __init__(
        self,
        parts: Parts,
        *,
        phone_port: Callable[[str], int],
        show: Shown = lambda _key, _what: None,
        place_every_s: float = 1.0,
        demo: bool = False,
    ) -> None:
        """`phone_port`: E.164 of a virtual recipient -> SIP port. Raises KeyError."""
        self.parts = parts
        self._phone_port = phone_port
        self._demo = demo
        settings = parts.settings
        self._switchboard: Switchboard | None = None
        self._media: MediaServer | None = None
        self._console: uvicorn.Server | None = None
        self._console_socket: socket.socket | None = None
        self._asterisk_is_ours = False
        self._tasks: list[asyncio.Task[None]] = []
        self._scheduler = AsyncIOScheduler()
        self.dialler = Dialler(
            parts.store,
            self._board,
            parts.senses,
            parts.renderer,
            parts.scripts,
            plan=DialPlan(
                settings.node,
                self._dial_string,
                settings.ring_s,
                settings.max_calls,
                parts.ledger_dir,
                bool(parts.trunk),
            ),
            now=parts.clock.now,
            show=show,
            changed=self.wake,
        )
        self.workers = [
            Worker("place", place_every_s, self.dialler.place),
            Worker("pages", 1.0, lambda: asyncio.to_thread(self._send_pages)),
            Worker("plan", 600.0, lambda: asyncio.to_thread(self._plan)),
            Worker("climb", 5.0, self._climb),
            Worker(
                "doubts", 30.0, lambda: asyncio.to_thread(clear_doubts, parts.store, parts.sender, parts.clock.now())
            ),
            Worker("expire", 30.0, lambda: asyncio.to_thread(expire_due, parts.store, parts.clock.now())),
            Worker("recover", 30.0, self._recover_strays),
        ]

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self, *, scheduled: bool = True) -> None:
        """Bring everything up; raises one of UNUSABLE or PortInUse, with nothing left running.

        `scheduled` False: neither ticks nor console; whoever starts it places its calls with `dialler.call`.
        """
        try:
            await self._start(scheduled=scheduled)
        except BaseException:
            await self.stop()
            raise

    async def _start(self, *, scheduled: bool) -> None:
        parts, settings = self.parts, self.parts.settings
        await self._take_ports(console=scheduled)
        warm = asyncio.to_thread(parts.senses.understander.hear, "밥 먹었어요", Topic.MEALS)
        self._asterisk_is_ours = True
        starting = (parts.ears.start(), asyncio.to_thread(parts.asterisk.start), warm)
        for ended in await asyncio.gather(*starting, return_exceptions=True):  # none is left half started behind us
            if isinstance(ended, BaseException):
                raise ended
        self._switchboard = Switchboard(
            "127.0.0.1",
            settings.ami_port,
            parts.asterisk.ami_user,
            parts.asterisk.ami_secret,
            on_progress=self.dialler.on_progress,
            on_connection=self._connection,
        )
        await self._switchboard.start()
        if not await self._switchboard.wait_connected(CONNECT_S):
            raise AsteriskError(f"Asterisk does not take our log-in on port {settings.ami_port} (setting ami_port)")
        await self._end_what_was_left()
        if scheduled:
            self._start_console()
            self._run_workers()

    async def _take_ports(self, *, console: bool) -> None:
        """Before anything else: a service that runs on these ports already keeps its Asterisk and its calls."""
        parts, settings = self.parts, self.parts.settings
        media = MediaServer("127.0.0.1", settings.media_port, parts.asterisk.media_secret, self.dialler.on_leg)
        with _port("media_port", settings.media_port):
            await media.start()
        self._media = media
        if console:
            family = socket.AF_INET6 if ":" in settings.console_host else socket.AF_INET
            with _port("console_port", settings.console_port):
                address = (settings.console_host, settings.console_port)
                self._console_socket = socket.create_server(address, family=family)

    def _run_workers(self) -> None:
        for worker in self.workers:
            self._tasks.append(asyncio.create_task(worker.run(), name=worker.name))
            self._scheduler.add_job(
                worker.woken.set,
                "interval",
                seconds=worker.every_s,
                misfire_grace_time=None,
                coalesce=True,
                id=worker.name,
            )
            worker.woken.set()
        self._scheduler.start()

    async def stop(self) -> None:
        """Take everything down; calls that run are cut (drain first). Asterisk ends too: it is ours."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._console is not None:
            self._console.should_exit = True
        for task in self._tasks:
            if task.get_name() != "console":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._switchboard is not None:
            await self._switchboard.stop()
        if self._media is not None:
            await self._media.stop()
        await self.parts.ears.close()
        self.parts.renderer.close()
        if self._console_socket is not None:
            self._console_socket.close()
        if self._asterisk_is_ours:
            await asyncio.to_thread(self.parts.asterisk.stop)

    async def drain(self) -> None:
        """Finish the calls that run, place no new one."""
        await self.dialler.drain()

    def wake(self) -> None:
        """The ledger has changed: look at once."""
        for worker in self.workers:
            if worker.name in {"place", "pages"}:
                worker.woken.set()

    def lines_of(
        self, people: Iterable[tuple[str, AddressForm]], script: str = "weekly-checkin"
    ) -> list[tuple[str, bool]]:
        """Everything that a call of that script may say to these people (name, form of address): (text, slow)."""
        settings, wanted = self.parts.settings, [(ACKNOWLEDGEMENT, False)]
        for name, form in people:
            addressee = Addressee(name, form, settings.district, settings.caller_number)
            wanted += [(line.text, line.slow) for line in lines_for(self.parts.scripts[script], addressee)]
        return wanted

    # -- parts of the start ----------------------------------------------------------------------------------------------

    async def _end_what_was_left(self) -> None:
        """Our predecessor may have been killed in a call: its channels are hung up, then its attempts end as interrupted."""
        board = self._board()
        keys = await board.live_keys()
        for key in keys:
            with contextlib.suppress(NotConnected):
                await board.hang_up(key)
        store, now = self.parts.store, self.parts.clock.now()
        found = await asyncio.to_thread(recover, store, now, frozenset(), self.parts.settings.node)
        if keys or found.interrupted or found.given_back:
            log.warning(
                "recovered", channels=len(keys), interrupted=len(found.interrupted), given_back=len(found.given_back)
            )

    def _start_console(self) -> None:
        parts, settings = self.parts, self.parts.settings
        deps = ConsoleDeps(
            store=parts.store,
            clock=parts.clock.now,
            recordings_dir=parts.ledger_dir,
            district=settings.district,
            demo=self._demo,
            wake=self.wake,
        )
        config = uvicorn.Config(
            create_app(deps), settings.console_host, settings.console_port, log_level="warning", access_log=False
        )
        server = _Quiet(config)
        if self._console_socket is None:
            raise RuntimeError("the console has no port")
        self._console = server
        self._tasks.append(asyncio.create_task(server.serve([self._console_socket]), name="console"))

    # -- what the workers do ---------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        now = self.parts.clock.now()
        years = {now.year - 1, now.year, now.year + 1}
        planned = plan_week(self.parts.store, now, korean_holidays(years))
        if planned.new:
            log.info("planned", due=planned.new)

    async def _climb(self) -> None:
        if await asyncio.to_thread(climb, self.parts.store, self.parts.clock.now()):
            self.wake()

    def _send_pages(self) -> None:
        send_pages(self.parts.store, self.parts.sender, self.parts.clock.now())

    async def _recover_strays(self) -> None:
        keys = self.dialler.keys
        found = await asyncio.to_thread(recover, self.parts.store, self.parts.clock.now(), keys)
        if found.interrupted or found.given_back:
            log.warning("recovered", interrupted=len(found.interrupted), given_back=len(found.given_back))
            self.wake()

    def _dial_string(self, e164: str) -> str:
        if self.parts.trunk is not None and not is_virtual(e164):
            return self.parts.trunk.dial_string(e164)
        return f"PJSIP/phones/sip:0{e164.removeprefix('+82')}@127.0.0.1:{self._phone_port(e164)}"

    def _board(self) -> Switchboard:
        if self._switchboard is None:
            raise NotConnected("the service has not started")
        return self._switchboard

    def _connection(self, up: bool) -> None:
        log.info("asterisk_connected" if up else "asterisk_lost")
        if up:
            self.wake()


class _Quiet(uvicorn.Server):
    """Signals are the service's to handle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _port(setting: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PortInUse(
            f"포트 {port}을(를) 쓸 수 없습니다({os.strerror(error.errno or 0)}). 그 포트를 쓰는 프로그램을 끝내거나 "
            f"CALLBOT_{setting.upper()}로 다른 포트를 정해 주세요."
        ) from error


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
