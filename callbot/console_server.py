"""The console's web server inside the service: its port first, its pages once everything else stands."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

import uvicorn

from callbot.adapters.korean_holidays import korean_holidays
from callbot.bootstrap import Parts
from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.listening import QuietServer, taking_port
from callbot.sms_trial import try_out


class ConsoleServer:
    """`take_port`, then `start`; `stop` at any time."""

    def __init__(self, deps: ConsoleDeps, host: str, port: int) -> None:
        self._deps = deps
        self._address = (host, port)
        self._listening: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    def take_port(self) -> None:
        """Raises PortInUse."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with taking_port("console_port", self._address[1]):
            self._listening = socket.create_server(self._address, family=family)

    def start(self) -> None:
        """Serve on the port that was taken."""
        if self._listening is None:
            raise RuntimeError("the console has no port")
        config = uvicorn.Config(create_app(self._deps), *self._address, log_level="warning", access_log=False)
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve([self._listening]), name="console")

    async def stop(self) -> None:
        """Give the port back."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()


def console_deps(parts: Parts, wake: Callable[[], None], *, demo: bool) -> ConsoleDeps:
    """What the pages of a running service are given."""
    settings = parts.settings
    return ConsoleDeps(
        store=parts.store,
        clock=parts.clock.now,
        recordings_dir=parts.ledger_dir,
        district=settings.district,
        sms_ready=parts.sms is not None,
        sms_providers=tuple(parts.sms.order) if parts.sms else (),
        try_sms=partial(try_out, parts.sms) if parts.sms else None,
        demo=demo,
        holidays=lambda year: korean_holidays({year - 1, year, year + 1}),
        channels=settings.max_calls,
        scripts=tuple(parts.scripts),
        understander=lambda: parts.senses.understander,
        wake=wake,
    )
