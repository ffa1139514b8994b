"""`callbot phones`: virtual recipients that wait to be called."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from callbot.adapters.kokoro import KokoroVoice
from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.background import Recall
from callbot.converse.commands import Line
from callbot.converse.lines import CallKind, every_wording, lines_for
from callbot.converse.script import Script
from callbot.lexicon_files import load_lexicon
from callbot.script_files import ScriptError, load_script
from callbot.settings import Settings, SettingsError, load
from callbot.simulate.answering import KnownLine
from callbot.simulate.farm import PhoneFarm, PhonesDown
from callbot.simulate.known_lines import known_lines
from callbot.simulate.persona import Persona, PersonaError, load_personas
from callbot.talk.voice_cache import CannotSpeak, VoiceCache
from callbot.talk.which_dialogue import ACKNOWLEDGEMENT

SCRIPT = "weekly-checkin.yaml"


def farm_for(
    settings: Settings,
    personas: list[Persona],
    workdir: Path,
    *,
    first_port: int | None = None,
    script: Script | None = None,
) -> PhoneFarm:
    """A farm whose recipients know every line that the script (None: the weekly check-in) can say to them.

    Raises ScriptError where the script cannot be read.
    """
    engine = KokoroVoice(settings.models_dir)
    bot = VoiceCache(settings.data_dir / "voice", engine, settings.voice, settings.voice_speed)
    known = script or load_script(settings.prompts_dir / "scripts" / SCRIPT).script

    topics = load_lexicon(settings.prompts_dir / "lexicon").memories.topics
    recalls = [Recall(rule.topic, rule.kind, rule.about) for rule in topics]

    def heard_by(persona: Persona) -> list[KnownLine]:
        addressee = Addressee(
            persona.name, AddressForm(persona.address), district=settings.district, callback=settings.caller_number
        )
        kinds = [CallKind.CHECK_IN] if persona.calls_back_after_s is None else [CallKind.INCOMING]
        lines = [line for kind in kinds for line in lines_for(known, addressee, kind)]
        thinking = Line("acknowledgement", ACKNOWLEDGEMENT)
        return known_lines([*lines, *every_wording(known, addressee, recalls), thinking], bot)

    return PhoneFarm(
        personas,
        first_port=first_port or settings.phones_port,
        workdir=workdir,
        voice_cache_dir=bot.directory,
        engine=engine,
        lines={persona.number: heard_by(persona) for persona in personas},
        exchange=settings.sip_port,
    )


def command(
    numbers: Annotated[
        list[str] | None, typer.Argument(help="010-0000-0101 ...; none: the recipients of the demo.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="First SIP port; each process takes the next one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every persona, not only the demo's.")] = False,
) -> None:
    """Start virtual recipients; prints `READY number port` a line, ends on SIGTERM or Ctrl-C."""
    talk = Console(stderr=True)
    try:
        settings = load()
        people = _chosen(settings, numbers or [], every=every)
        farm = farm_for(settings, people, settings.data_dir / "phones", first_port=port)
        with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
            task = progress.add_task("가상 수신자 목소리", total=None)
            farm.render(lambda done, of: progress.update(task, completed=done, total=of))
        ports = farm.start()
    except (SettingsError, PersonaError, ScriptError, CannotSpeak, PhonesDown) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's talk
        raise typer.Exit(1) from error
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for recipient, at in ports.items():
        print(f"READY {recipient} {at}", flush=True)  # noqa: T201 - data
    while not stop.wait(1.0) and farm.alive():
        pass
    died = not stop.is_set()
    farm.stop()
    raise typer.Exit(1 if died else 0)


def _chosen(settings: Settings, numbers: list[str], *, every: bool) -> list[Persona]:
    """Raises PersonaError where a number has no persona."""
    people = load_personas(settings.prompts_dir / "personas", demo_only=not (numbers or every))
    known = {persona.number: persona for persona in people}
    unknown = [number for number in numbers if number not in known]
    if unknown:
        raise PersonaError(f"{unknown[0]}: 이 번호의 가상 수신자가 없습니다. 있는 번호: {', '.join(known)}")
    return [known[number] for number in numbers] if numbers else people
