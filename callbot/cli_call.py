"""`callbot call NUMBER`: one call now, its transcript live in the terminal."""

import asyncio
import json
import logging
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import Progress

from callbot.bootstrap import build, read_scripts
from callbot.cli_failure import FAILURES, tell
from callbot.console.words import word
from callbot.converse.addressee import AddressForm
from callbot.converse.script import Script
from callbot.converse.transcript import Turn
from callbot.demo import prepare
from callbot.dial.attempt_end import AttemptEnd
from callbot.instance_lock import instance_lock
from callbot.people.numbers import BadNumber, is_virtual, national, parse_number
from callbot.script_files import ScriptError, load_script
from callbot.service import Service
from callbot.settings import Settings, load
from callbot.simulate.persona import Persona, load_personas
from callbot.store.database import Store
from callbot.store.migrate import open_store
from callbot.store.one_call import CallResult, call_result
from callbot.store.people_rows import addressee
from callbot.understand.meaning import Signal
from callbot.workflows.call_now import call_now, check_call

talk = Console(stderr=True)
OURS = {AttemptEnd.SYSTEM_FAILURE, AttemptEnd.INTERRUPTED, AttemptEnd.WINDOW_CLOSED}


def command(
    number: Annotated[str, typer.Argument(help="등록된 분의 번호, 또는 가상 수신자의 번호 (010-0000-0101)")],
    *,
    script: Annotated[str | None, typer.Option(help="대본 이름; 가상 수신자에게는 대본 파일도 됩니다")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="결과를 JSON으로")] = False,
) -> None:
    """지금 한 번 전화합니다. 대화는 들리는 대로 표준 오류로, 결과는 표준 출력으로 나갑니다."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        settings = load()
        e164 = parse_number(number)
        if is_virtual(e164):
            result = asyncio.run(_call_persona(settings, _persona(settings, e164), script))
        else:
            result = asyncio.run(_call_enrolled(settings, e164, script))
    except FAILURES as error:
        tell(error, talk)
        raise typer.Exit(1) from error
    if result.end is None:
        tell(
            RuntimeError(f"{national(e164)}: 걸지 못했습니다. 위의 기록을 보세요. 아무에게도 전화하지 않았습니다."),
            talk,
        )
        raise typer.Exit(1)
    record = json.dumps(asdict(result), ensure_ascii=False) + "\n"
    sys.stdout.write(record if as_json else in_words(result))
    raise typer.Exit(1 if AttemptEnd(result.end) in OURS else 0)


def _persona(settings: Settings, e164: str) -> Persona:
    known = {persona.number: persona for persona in load_personas(settings.prompts_dir / "personas")}
    if national(e164) not in known:
        raise BadNumber(f"{national(e164)}: 이 번호의 가상 수신자가 없습니다. 있는 번호: {', '.join(known)}.")
    return known[national(e164)]


async def _call_persona(settings: Settings, persona: Persona, script: str | None) -> CallResult:
    """In a world of its own: its ledger lies beside the demo's."""
    known = read_scripts(settings)
    chosen = _script(known, script or "weekly-checkin", files=True)
    with instance_lock(settings.data_dir, "call"):
        world = await asyncio.to_thread(prepare, settings, numbers=(persona.number[-4:],), name="call")
        farm = await asyncio.to_thread(world.farm, chosen)
        parts = await asyncio.to_thread(
            build, world.settings, world.store, clock=world.clock, ledger_dir=world.directory
        )
        parts.scripts[chosen.script] = chosen
        service = Service(parts, phone_port=farm.dial_port, show=Transcript().show, demo=True)
        try:
            with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
                task = progress.add_task("목소리를 준비합니다", total=None)
                await asyncio.to_thread(farm.render, lambda done, of: progress.update(task, completed=done, total=of))
            await asyncio.to_thread(_render, service, (persona.name, AddressForm(persona.address)), chosen)
            await asyncio.to_thread(farm.start)
            return await _place(service, world.store, parse_number(persona.number), chosen)
        finally:
            await service.stop()
            await asyncio.to_thread(farm.stop)


async def _call_enrolled(settings: Settings, e164: str, script: str | None) -> CallResult:
    """On the configured installation, under every guard of a scheduled call."""
    store = await asyncio.to_thread(open_store, settings.database, settings.keys)
    known = read_scripts(settings)
    chosen = _script(known, script, files=False) if script else None
    with instance_lock(settings.data_dir, "serve"):
        parts = await asyncio.to_thread(build, settings, store)
        person_id = check_call(store, e164, parts.clock.now(), trunk=bool(parts.trunks))
        service = Service(parts, phone_port=_nobody, show=Transcript().show)
        try:
            with store.read() as connection:
                person = addressee(connection, person_id)
            wanted = (person.name, person.address_form)
            await asyncio.to_thread(_render, service, wanted, chosen or known["weekly-checkin"])
            return await _place(service, store, e164, chosen)
        finally:
            await service.stop()
            store.close()


def _nobody(_e164: str) -> int:
    raise KeyError("no virtual recipients outside a demo")


def _script(known: dict[str, Script], name: str, *, files: bool) -> Script:
    """Raises ScriptError."""
    if name in known:
        return known[name]
    if files and Path(name).suffix in {".yaml", ".yml"}:
        return load_script(Path(name)).script
    raise ScriptError(f"대본 {name!r}이(가) 없습니다. 있는 대본: {', '.join(sorted(known))}.")


def _render(service: Service, person: tuple[str, AddressForm], script: Script) -> None:
    with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
        task = progress.add_task("목소리를 준비합니다", total=None)
        lines = service.lines_of([person], script.script)
        service.parts.voice.render(lines, lambda done, of: progress.update(task, completed=done, total=of))


async def _place(service: Service, store: Store, e164: str, script: Script | None) -> CallResult:
    """Start, call, and wait for its end; Ctrl-C hangs up and still writes what came of it."""
    await service.start(scheduled=False)
    loop = asyncio.get_running_loop()
    hanging_up: set[asyncio.Task[None]] = set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: hanging_up.add(asyncio.ensure_future(service.dialler.hang_up_all())))
    parts = service.parts
    claimed = await asyncio.to_thread(
        call_now,
        store,
        e164,
        parts.clock.now(),
        parts.settings.node,
        trunk=bool(parts.trunks),
        script=script.script if script else None,
    )
    talk.print(f"{national(e164)}에 전화를 겁니다.", highlight=False)
    await service.dialler.call(claimed)
    await service.outbox.send_critical()
    await service.outbox.send_others()
    await service.outbox.settled()
    with store.read() as connection:
        return call_result(connection, claimed.due_contact_id)


class Transcript:
    """Prints what happens, as it happens."""

    def show(self, _key: str, what: Turn | tuple[Signal, ...]) -> None:
        """A turn, or a page."""
        if not isinstance(what, Turn):
            for found in what:
                self._print(f"  ★ 쪽지  {word(found.level, 'level')}: “{found.quote}”")
        elif what.who == "bot" and what.said_until_s is not None:
            self._print(f"         ({what.said_until_s:.1f}초 만에 말씀이 끼어들어 멈춤)")
        else:
            who = "봇  " if what.who == "bot" else "상대"
            self._print(f"  {who}   {what.text or '(' + word(what.rejected, 'rejected') + ')'}")

    def _print(self, line: str) -> None:
        talk.print(line, markup=False, highlight=False, soft_wrap=True)


def in_words(result: CallResult) -> str:
    """For a supervisor."""
    outcome = f"{word(result.end, 'attempt_end')} → {word(result.disposition, 'disposition')}"
    lines = [f"결과: {outcome}" + (f", {result.seconds:.0f}초" if result.seconds else "")]
    if result.level:
        lines.append(f"위험도: {word(result.level, 'level')}")
    if result.answers:
        said = (f"{word(topic, 'topic')} {word(value, 'answer')}" for topic, value in result.answers.items())
        lines.append(f"대답: {', '.join(said)}")
    if result.requests:
        lines.append(f"요청: {', '.join(word(kind, 'request') for kind in result.requests)}")
    if result.cases:
        lines.append(
            f"사건: {', '.join(word(kind, 'kind') + ' ' + word(level, 'level') for kind, level in result.cases)}"
        )
    if result.pages:
        lines.append(f"쪽지: {', '.join(word(state, 'page_state') for state in result.pages)}")
    return "\n".join(lines) + "\n"
