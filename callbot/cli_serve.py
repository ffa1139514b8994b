"""`callbot serve`: everything on one machine."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Self

import structlog
import typer
from rich.console import Console
from rich.live import Live
from rich.progress import Progress

from callbot.bootstrap import build, open_ledger
from callbot.cli_failure import FAILURES, tell
from callbot.console.accounts import ensure_demo_account
from callbot.converse.addressee import AddressForm
from callbot.demo import Demo, prepare
from callbot.demo_view import DemoView
from callbot.instance_lock import instance_lock, tell_draining
from callbot.schedule.window import SEOUL
from callbot.service import Service
from callbot.settings import Settings, SettingsError, load
from callbot.simulate.farm import PhoneFarm
from callbot.store.invariants import violations
from callbot.store.week_summary import WAITING, DueSummary, week_summary
from callbot.watch.start import keep_watch

talk = Console(stderr=True)
log = structlog.get_logger()


def command(
    demo: Annotated[bool, typer.Option("--demo", help="Virtual recipients and a week of seconds.")] = False,
    until_done: Annotated[bool, typer.Option("--until-done", help="End when every due contact has ended.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What became of everybody, on stdout.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Demo: personas by the end of their number, e.g. 101.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Demo: go on with the last ledger.")] = False,
    phones: Annotated[bool, typer.Option("--phones/--no-phones", help="Demo: start the phones too.")] = True,
) -> None:
    """Schedule, call, listen, score, page; the console beside it."""
    try:
        settings = load()
        if not demo and (until_done or as_json or only or resume or not phones):
            raise SettingsError("--until-done, --json, --only, --resume, --no-phones는 --demo와 함께 써 주세요.")
        lock = "demo" if demo else "serve"
        with instance_lock(settings.data_dir, lock, on_wait=_waiting()):
            if demo:
                code = asyncio.run(_demo(settings, tuple(only or ()), resume, phones, until_done, as_json))
            else:
                code = asyncio.run(_serve(settings))
    except FAILURES as error:
        tell(error, talk)
        raise typer.Exit(1) from error
    raise typer.Exit(code)


async def _serve(settings: Settings) -> int:
    migrated = await asyncio.to_thread(open_ledger, settings)
    if migrated.made_key_file:
        talk.print(f"암호화 키를 만들었습니다. 지금 다른 곳에 복사해 두세요: {settings.keys}", soft_wrap=True)
    parts = build(settings, migrated.store)
    service = Service(parts, phone_port=_nobody)
    await service.start()
    watching = asyncio.create_task(keep_watch(settings, parts.store, parts.clock, demo=False), name="watch")
    talk.print(f"시작했습니다. 콘솔: http://{settings.console_host}:{settings.console_port}")
    try:
        await _until_signalled(service)
    finally:
        watching.cancel()
        await service.stop()
    return 0


def _nobody(_e164: str) -> int:
    """Without a demo there are no virtual recipients."""
    raise KeyError("no virtual recipients outside a demo")


async def _demo(
    settings: Settings, only: tuple[str, ...], resume: bool, phones: bool, until_done: bool, as_json: bool
) -> int:
    began = time.monotonic()
    demo = await asyncio.to_thread(prepare, settings, numbers=only, resume=resume)
    farm = await asyncio.to_thread(demo.farm)
    view = DemoView()
    parts = await asyncio.to_thread(build, demo.settings, demo.store, clock=demo.clock, ledger_dir=demo.directory)
    service = Service(parts, phone_port=farm.dial_port, show=view.show, place_every_s=0.5, demo=True)
    watching: asyncio.Task[None] | None = None
    try:
        await asyncio.to_thread(_render, farm, service, demo)
        if phones:
            await asyncio.to_thread(farm.start)
        await service.start()
        watching = asyncio.create_task(keep_watch(settings, demo.store, demo.clock, demo=True), name="watch")
        login, password = await asyncio.to_thread(ensure_demo_account, demo.store, demo.clock.now())
        url = f"http://{settings.console_host}:{settings.console_port}"
        where = f"콘솔 {url}   아이디 {login}   비밀번호 {password}"
        talk.print(f"시작까지 {time.monotonic() - began:.1f}초\n{where}", highlight=False, soft_wrap=True)
        with _logs_aside(demo):
            done = await _watch(service, demo, view, where, until_done=until_done)
    finally:
        if watching is not None:
            watching.cancel()
        await service.stop()
        await asyncio.to_thread(farm.stop)
    summary = _summary(demo, time.monotonic() - began)
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    return 0 if not until_done or (done and not summary["violations"] and summary["open"] == 0) else 1


def _render(farm: PhoneFarm, service: Service, demo: Demo) -> None:
    """Everything that will be said, where it is not there yet."""
    with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
        task = progress.add_task("목소리를 준비합니다", total=None)

        def tell(number: int, of: int) -> None:
            progress.update(task, completed=number, total=of)

        farm.render(tell)
        people = [(persona.name, AddressForm(persona.address)) for persona in demo.personas]
        service.parts.voice.render(service.lines_of(people), tell)


@contextlib.contextmanager
def _logs_aside(demo: Demo) -> Iterator[None]:
    """A picture that is drawn anew twice a second and log lines cannot share a terminal: the log goes to a file."""
    if not talk.is_terminal:
        yield
        return
    before = structlog.get_config()["logger_factory"]
    with (demo.directory / "callbot.log").open("a", encoding="utf-8") as file:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(file), cache_logger_on_first_use=False)
        try:
            yield
        finally:
            structlog.configure(logger_factory=before)


async def _watch(service: Service, demo: Demo, view: DemoView, where: str, *, until_done: bool) -> bool:
    """Show the demo until everything has ended (True) or somebody wants it to stop."""
    stop = asyncio.create_task(_until_signalled(service))
    with Live(console=talk, refresh_per_second=2, transient=False) if talk.is_terminal else _NoLive() as live:
        while not stop.done():
            rows = await asyncio.to_thread(_rows, demo)
            finished = bool(rows) and all(row.state == "ended" for row in rows) and not service.dialler.busy
            if isinstance(live, Live):
                news = "모두 끝났습니다. Ctrl-C로 끝냅니다." if finished else "전화하는 중입니다."
                clock = f"{demo.clock.now().astimezone(SEOUL):%m월 %d일 %H:%M:%S}"
                live.update(view.draw(rows, f"안부전화 시연   {clock}   {news}\n{where}"))
            else:
                for line in view.lines():
                    talk.print(line, highlight=False, soft_wrap=True)
            paged = all(state not in {"pending", "claimed", WAITING} for row in rows for state in row.pages)
            if until_done and finished and paged:
                stop.cancel()
                return True
            await asyncio.wait({stop}, timeout=0.5)
    return False


class _NoLive:
    """A pipe is no terminal: lines instead of a picture."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to tidy up."""


def _rows(demo: Demo) -> list[DueSummary]:
    with demo.store.read() as connection:
        return week_summary(connection)


def _waiting() -> Callable[[str], None]:
    """Says once that the one before us is finishing its calls."""
    told: set[str] = set()

    def tell_once(holder: str) -> None:
        if holder not in told:
            told.add(holder)
            talk.print(f"앞서 실행된 프로세스 {holder}이(가) 통화를 마치는 중입니다. 끝나는 대로 시작합니다.")

    return tell_once


async def _until_signalled(service: Service) -> None:
    """Ctrl-C or SIGTERM: finish the calls that run; a second time: at once."""
    loop = asyncio.get_running_loop()
    signals: asyncio.Queue[None] = asyncio.Queue()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, signals.put_nowait, None)
    await signals.get()
    service.dialler.draining = True
    tell_draining(service.parts.settings.data_dir, "demo" if service.demo else "serve")
    if service.dialler.busy:
        talk.print(f"통화 {service.dialler.busy}건이 끝나기를 기다립니다. 다시 누르면 바로 끝냅니다.")
        draining = asyncio.create_task(service.drain())
        again = asyncio.create_task(signals.get())
        await asyncio.wait({draining, again}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, again):
            task.cancel()


def _summary(demo: Demo, seconds: float) -> dict[str, Any]:
    with demo.store.read() as connection:
        rows = week_summary(connection)
        wrong = Counter(violation.name for violation in violations(connection, demo.clock.now()))
    return {
        "due": len(rows),
        "open": sum(row.state != "ended" for row in rows),
        "dispositions": dict(Counter(row.disposition for row in rows if row.disposition)),
        "cases": sum(len(row.cases) for row in rows),
        "pages": sum(len(row.pages) for row in rows),
        "violations": dict(wrong),
        "people": [row.as_dict() for row in rows],
        "seconds": round(seconds, 1),
    }
