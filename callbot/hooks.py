"""Where providers report to: a web server of its own, on a port of its own, so that the console need not face the internet.

No log-in, but the provider's signature; what is reported is written down before it is answered, and an event that is known already
changes nothing, so a provider may report as often as it likes, and whoever replays a report gains nothing.
"""

import asyncio
import socket

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from callbot.listening import QuietServer, taking_port
from callbot.sending import Outbox
from callbot.workflows.providers import Hooked, HookRefused

LARGEST = 512 * 1024
"""Bytes of one report; Solapi bundles up to a few hundred events."""

log = structlog.get_logger()


def hooks_app(outbox: Outbox) -> Starlette:
    """POST /hooks/{provider}."""
    hooked = {name: provider for name, provider in outbox.providers.items() if isinstance(provider, Hooked)}

    async def hook(request: Request) -> Response:
        provider = hooked.get(request.path_params["provider"])
        if provider is None:
            return JSONResponse({"error": "unknown"}, 404)
        body = await _body(request)
        if body is None:
            return JSONResponse({"error": "too large"}, 413)
        try:
            reports = provider.read_hook(request.headers, body)
        except HookRefused as error:
            log.warning("hook_refused", provider=provider.name, status=error.status)
            return JSONResponse({"error": str(error)}, error.status)
        await outbox.reported(reports)
        return JSONResponse({"ok": True, "receipts": len(reports.receipts), "inbound": len(reports.inbound)})

    return Starlette(routes=[Route("/hooks/{provider}", hook, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST:
            return None
    return bytes(found)


class HooksServer:
    """The web server itself."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._socket: socket.socket | None = None
        self._server: QuietServer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 before `start`."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    async def start(self, host: str, port: int) -> None:
        """`port` 0: any free one. Raises PortInUse."""
        with taking_port("sms", port):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family)
        config = uvicorn.Config(hooks_app(self._outbox), log_level="warning", access_log=False, lifespan="off")
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="hooks")

    async def stop(self) -> None:
        """A report that is being read is answered first."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
