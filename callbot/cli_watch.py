"""`callbot watch`: notices when nobody is being called, and says whom to phone by hand. Works when all else is dead."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.table import Column, Table

from callbot.adapters.clock import Clock
from callbot.cli_failure import FAILURES, tell
from callbot.instance_lock import AlreadyRunning, instance_lock
from callbot.listening import QuietServer
from callbot.settings import Settings, load
from callbot.store.keys import CannotOpen
from callbot.watch.alarms import SERVICE
from callbot.watch.missing import HEADER, as_csv, row_of
from callbot.watch.patrol import Patrol, Round
from callbot.watch.screen import create_screen
from callbot.watch.start import LOCK, Post, clock_of, patrol_of, post_of

talk = Console(stderr=True)
DEMO_IS_OVER = timedelta(minutes=5)
"""The watch of a demo that was killed ends so long after its last heartbeat."""


def command(
    demo: Annotated[bool, typer.Option("--demo", help="The last demo's ledger.")] = False,
    once: Annotated[bool, typer.Option("--once", help="One look; exit 1 where something is wrong.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="오늘 전화하지 못한 분, on the terminal.")] = False,
    csv: Annotated[Path | None, typer.Option(help="The list into this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: JSON on stdout.")] = False,
    beside_service: Annotated[bool, typer.Option("--beside-service", hidden=True)] = False,
) -> None:
    """Watch the service: its own process, its own connection, its own pager, its own sealed copy of today's list."""
    try:
        post = post_of(load(), demo=demo)
        clock = clock_of(post)
        if show_list or csv is not None:
            raise typer.Exit(_list(asyncio.run(_look(post, clock)), csv))
        if once:
            raise typer.Exit(_once(asyncio.run(_look(post, clock)), as_json=as_json))
        with instance_lock(post.directory, LOCK):
            asyncio.run(_run(post, clock, demo=demo))
    except AlreadyRunning as error:
        if not beside_service:  # the service starts one wherever none runs; that one does is what it wants
            tell(error, talk)
            raise typer.Exit(1) from error
    except CannotOpen as error:
        talk.print(f"감시 명단 사본을 열 수 없습니다({error}).", markup=False)
        raise typer.Exit(1) from error
    except FAILURES as error:
        tell(error, talk)
        raise typer.Exit(1) from error


async def _look(post: Post, clock: Clock) -> Round:
    """One round that pages nobody: whoever asks is there already."""
    return await patrol_of(post, clock).look_only()


def _list(found: Round, csv: Path | None) -> int:
    today = found.today
    if today is None:
        talk.print("명단이 없습니다. 데이터베이스도, 감시가 남긴 사본도 읽을 수 없습니다.", style="red")
        return 1
    if csv is not None:
        csv.write_text(as_csv(today.people), "utf-8")
        csv.chmod(0o600)
        talk.print(f"{len(today.people)}명을 {csv}에 적었습니다.", highlight=False)
        return 0
    stale = (
        f", 데이터베이스가 답하지 않아 {today.made_at.astimezone():%m월 %d일 %H:%M}의 사본"
        if found.sights.database
        else ""
    )
    columns = [Column(name, overflow="fold", no_wrap=name == "전화번호") for name in HEADER]
    table = Table(*columns, title=f"오늘 전화하지 못한 분 {len(today.people)}명{stale}", title_justify="left")
    for one in today.people:
        table.add_row(*row_of(one), style="bold red" if one.urgent else None)
    Console().print(table)
    return 0


def _once(found: Round, *, as_json: bool) -> int:
    if as_json:
        alarms = [{"name": one.name, "words": one.words, "urgent": one.urgent} for one in found.alarms]
        count = len(found.today.people) if found.today else None
        sys.stdout.write(json.dumps({"alarms": alarms, "not_heard_today": count}, ensure_ascii=False) + "\n")
    else:
        for one in found.alarms:
            talk.print(("긴급  " if one.urgent else "      ") + one.words, style="red" if one.urgent else "yellow")
        if not found.alarms:
            talk.print("이상 없음")
    return 1 if found.alarms else 0


async def _run(post: Post, clock: Clock, *, demo: bool) -> None:
    patrol = patrol_of(post, clock)
    settings = post.settings
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    talk.print(f"감시합니다. 명단: {post.url}", highlight=False)
    async with _screen(patrol, settings):
        watching = asyncio.create_task(patrol.run(stop))
        ending = asyncio.create_task(_until_demo_is_over(patrol, post, clock, stop) if demo else _stopped(stop))
        await asyncio.wait({watching, ending}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(watching, ending, return_exceptions=True)


@contextlib.asynccontextmanager
async def _screen(patrol: Patrol, settings: Settings) -> AsyncIterator[None]:
    """The page, where its port is free: a watch that cannot show itself still watches."""
    try:
        listening = socket.create_server((settings.watch_host, settings.watch_port))
    except OSError as error:
        talk.print(
            f"포트 {settings.watch_port}에 명단 화면을 열 수 없습니다({error.strerror}). 감시는 계속합니다.",
            markup=False,
        )
        yield
        return
    config = uvicorn.Config(create_screen(lambda: patrol.last), log_level="warning", access_log=False, lifespan="off")
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listening.close()


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()


async def _until_demo_is_over(patrol: Patrol, post: Post, clock: Clock, stop: asyncio.Event) -> None:
    """A demo that has said goodbye, was killed long ago or was thrown away needs no watch."""
    lived_at = clock.now()
    while not stop.is_set():
        await asyncio.sleep(1)
        last = patrol.last
        beats = [beat for beat in last.sights.heartbeats if beat.name.startswith(SERVICE)] if last else []
        lived_at = max([lived_at, *(beat.at for beat in beats)])
        goodbye = any(beat.stopped_at is not None for beat in beats)
        if goodbye or clock.now() - lived_at > DEMO_IS_OVER or not post.files.exists():
            return
