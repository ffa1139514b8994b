"""`callbot console`: the web pages alone, on the same ledger as the service."""

import asyncio
import sys
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from callbot.adapters.clock import MachineClock
from callbot.bootstrap import understander
from callbot.cli_failure import FAILURES, tell
from callbot.console.accounts import ensure_demo_account
from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.demo import prepare
from callbot.settings import Settings, load
from callbot.sms_settings import load_sms
from callbot.sms_trial import try_out
from callbot.store.migrate import open_store


def command(
    demo: Annotated[bool, typer.Option("--demo", help="On the ledger of the last demo.")] = False,
) -> None:
    """Serve the pages until Ctrl-C. Caseworkers read and close cases while the service calls, or while it is down."""
    try:
        settings = load()
        deps = _demo_deps(settings) if demo else _deps(settings)
    except FAILURES as error:
        tell(error, Console(stderr=True))
        raise typer.Exit(1) from error
    sys.stderr.write(f"콘솔: http://{settings.console_host}:{settings.console_port}\n")
    config = uvicorn.Config(
        create_app(deps), settings.console_host, settings.console_port, log_level="warning", access_log=False
    )
    asyncio.run(uvicorn.Server(config).serve())


def _deps(settings: Settings) -> ConsoleDeps:
    store = open_store(settings.database, settings.keys)
    sms = load_sms(Path(settings.sms)) if settings.sms else None
    return ConsoleDeps(
        store,
        MachineClock().now,
        settings.data_dir,
        settings.district,
        sms_ready=sms is not None,
        sms_providers=tuple(sms.order) if sms else (),
        try_sms=partial(try_out, sms) if sms else None,
        understander=cache(partial(understander, settings)),
    )


def _demo_deps(settings: Settings) -> ConsoleDeps:
    world = prepare(settings, resume=True)
    login, password = ensure_demo_account(world.store, world.clock.now())
    sys.stderr.write(f"아이디 {login}  비밀번호 {password}\n")
    return ConsoleDeps(
        world.store,
        world.clock.now,
        world.directory,
        settings.district,
        demo=True,
        understander=cache(partial(understander, settings)),
    )
