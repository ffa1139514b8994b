"""`callbot bench`: figures, with machine, date and method. Nothing here is estimated: what was not measured is absent."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from callbot import (
    bench_answers,
    bench_audio_path,
    bench_endpoint,
    bench_ledger,
    bench_outbox,
    bench_page,
    bench_score,
    bench_turn,
    bench_whatif,
)
from callbot.adapters.kiwi import KiwiAnalyser
from callbot.adapters.kokoro import VOICES
from callbot.adapters.model_files import WHISPER_BASE, ModelFilesError, join_whisper
from callbot.adapters.whisper import ModelUnusable, WhisperEars
from callbot.bench_calls import CallsFailed, RealCalls, last_calls, make_calls, share_voice
from callbot.bench_decisions import read_decisions
from callbot.bench_ears import measure as measure_ears
from callbot.bench_methods import METHODS
from callbot.bench_report import circumstances
from callbot.bench_show import show
from callbot.bootstrap import read_scripts, understander
from callbot.lexicon_files import LexiconError
from callbot.paused_answers import MATERIAL, UNSEEN, heard_file, recognised, save_heard
from callbot.script_files import ScriptError
from callbot.settings import Settings, SettingsError, load
from callbot.simulate.persona import Persona
from callbot.simulate.sms_server import SmsServer
from callbot.simulate.turn_timeline import Talk
from callbot.talk.spoken_ending import EndingByMorphemes
from callbot.talk.voice_cache import CannotSpeak

app = typer.Typer(no_args_is_help=True)
talk = Console(stderr=True)

FAILURES = (
    bench_ledger.NotEmpty,
    CallsFailed,
    CannotSpeak,
    LexiconError,
    ModelFilesError,
    ModelUnusable,
    ScriptError,
    SettingsError,
    OSError,
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Again = Annotated[bool, typer.Option("--again", help="No calls: look at the last run again.")]
First = Annotated[int, typer.Option(min=0, help="Begin with this person: several short runs.")]
Calls = Annotated[int, typer.Option(min=1, help="How many people are called.")]
AtOnce = Annotated[int, typer.Option(min=1, help="Simultaneous calls.")]


@app.command()
def ears(
    as_json: AsJson = False,
    every: Annotated[int, typer.Option(min=1, help="Use each n-th sentence only.")] = 1,
) -> None:
    """Character error rate and cost of recognition by voice, through a telephone line in numbers."""
    _run("ears", as_json, lambda settings: asyncio.run(_ears(settings, every)))


@app.command()
def answers(as_json: AsJson = False) -> None:
    """How often the answer to each question of the check-in is taken down wrongly."""

    def measure(settings: Settings) -> dict[str, Any]:
        return bench_answers.measure(understander(settings), read_scripts(settings)["weekly-checkin"])

    _run("answers", as_json, measure)


@app.command()
def score(as_json: AsJson = False) -> None:
    """Transcripts scored a second; levels against the labels of tests/data/score."""
    _run("score", as_json, lambda _: bench_score.measure())


@app.command()
def turn(
    calls: Calls = 6,
    first: First = 0,
    at_once: AtOnce = 2,
    keep: Annotated[Path | None, typer.Option(help="Add this run to the file; the figures are of all in it.")] = None,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="People whose words ship rendered: starts at once.")
    ] = False,
    again: Again = False,
    as_json: AsJson = False,
) -> None:
    """Who spoke when, at the phone: replies, greeting, barge-in, cut-ins."""

    def measure(settings: Settings) -> dict[str, Any]:
        people = (bench_turn.shipped_callers if shipped else bench_turn.callers)(calls, first)
        run = _calls(settings, "turn", people, at_once, again=again)
        return {"calls": calls, "at_once": at_once, **_turns(settings, run, keep)}

    _run("turn", as_json, measure)


@app.command()
def endpoint(
    people: Annotated[int, typer.Option(min=1, help="Invented people, quick to very slow.")] = 25,
    calls: Annotated[int, typer.Option(min=1, help="Calls to each; pauses are learned between them.")] = 5,
    render: Annotated[bool, typer.Option("--render", help="Speak and recognise all anew; minutes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Who is cut off inside a sentence, and the wait of all others; the policy of live calls on an audio timeline."""

    def measure(settings: Settings) -> dict[str, Any]:
        if render:
            asyncio.run(_speak_and_recognise(settings))
        return bench_endpoint.measure(EndingByMorphemes(KiwiAnalyser()), Talk(people, calls))

    _run("endpoint", as_json, measure)


async def _speak_and_recognise(settings: Settings) -> None:
    (cache := settings.data_dir / "bench" / "endpoint").mkdir(parents=True, exist_ok=True)
    hearing = await _own_ears(settings)
    try:
        for material in (MATERIAL, UNSEEN):
            save_heard(await recognised(hearing, cache, _say, material), cache, heard_file(material))
    finally:
        await hearing.close()


@app.command()
def page(
    calls: Calls = 30,
    first: First = 0,
    at_once: AtOnce = 2,
    outbox: Annotated[bool, typer.Option("--outbox/--no-outbox", help="Pages a second, and the critical lane.")] = True,
    queued: Annotated[int, typer.Option(min=0, help="Routine pages in the outbox.")] = bench_outbox.QUEUED,
    as_json: AsJson = False,
) -> None:
    """From an emergency said at the phone until an SMS provider has taken its page; and the outbox under load."""

    def measure(settings: Settings) -> dict[str, Any]:
        found: dict[str, Any] = {"at_once": at_once}
        if outbox:
            found["outbox"] = bench_outbox.measure(_say, queued=queued)
        people = bench_page.short_calls(bench_page.sentences(), calls, first)
        return {**found, **bench_page.figures(_paged(settings, people, at_once))}

    _run("page", as_json, measure)


@app.command()
def ledger(
    people: Annotated[int, typer.Option(min=100, help="Enrolled people.")] = 100_000,
    due: Annotated[int, typer.Option(min=10, help="Due contacts that go the whole way.")] = 2_000,
    database: Annotated[str, typer.Option(help="URL of an empty database; none: a temporary SQLite file.")] = "",
    as_json: AsJson = False,
) -> None:
    """Planning, an idle tick, claims a second, memory. Takes minutes."""
    _run("ledger", as_json, lambda _: bench_ledger.measure(people, due, database, _say))


@app.command("whatif")
def whatif(
    people: Annotated[int, typer.Option(min=1, help="Invented people.")] = 10_000,
    weeks: Annotated[int, typer.Option(min=1, help="One call each a week.")] = 13,
    as_json: AsJson = False,
) -> None:
    """A changed rule over 90 days of calls, from stored analyses."""
    _run("whatif", as_json, lambda settings: bench_whatif.measure(understander(settings), people, weeks, _say))


@app.command("audio-path")
def audio_path(
    calls: Annotated[int | None, typer.Option(min=1, help="Only so many people, with seven answers each.")] = None,
    at_once: AtOnce = 3,
    answers: Annotated[Path, typer.Option(help="YAML: topic -> [{ok|bad: words}].")] = bench_audio_path.ANSWERS[0],
    again: Again = False,
    as_json: AsJson = False,
) -> None:
    """Answers of known meaning through real calls. Exit status 1 where one that was bad is recorded as ok."""
    result = _run(
        "audio-path", as_json, lambda settings: measure_audio_path(settings, calls, at_once, answers, again=again)
    )
    if result["bad_as_ok"]:
        raise typer.Exit(1)


def measure_audio_path(
    settings: Settings,
    calls: int | None = None,
    at_once: int = 3,
    answers: Path = bench_audio_path.ANSWERS[0],
    *,
    again: bool = False,
) -> dict[str, Any]:
    """Verdicts on every answer, and the turns of the same calls."""
    spoken = bench_audio_path.read_answers(answers)
    run = _calls(settings, f"audio-path-{answers.stem}", bench_audio_path.people(spoken, calls), at_once, again=again)
    said = bench_audio_path.read_back(run, spoken)
    return {
        "answers": answers.name,
        "calls": len(run.personas),
        "at_once": at_once,
        "seconds": run.summary["seconds"],
        "dispositions": run.summary["dispositions"],
        "violations": run.summary["violations"],
        **bench_audio_path.figures(said),
        "turns": _turns(settings, run),
    }


def _calls(
    settings: Settings,
    name: str,
    personas: list[Persona],
    at_once: int,
    meanwhile: Callable[[Path], None] = lambda _: None,
    *,
    again: bool = False,
    sms: Path | None = None,
) -> RealCalls:
    """Each kind of measurement has a folder of its own; the one before is kept beside it, as demos are."""
    directory = settings.data_dir / "bench" / name
    if again:
        return last_calls(directory)
    share_voice(settings, directory)
    return make_calls(settings, personas, directory, at_once=at_once, tell=_say, meanwhile=meanwhile, sms=sms)


def _paged(settings: Settings, people: list[Persona], at_once: int) -> list[bench_page.Paged]:
    server, watch = SmsServer().start(), bench_page.PageWatch()
    file = settings.data_dir / "bench" / "page-sms.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(server.settings(), "utf-8")
    try:
        run = _calls(settings, "page", people, at_once, watch.look, sms=file)
    finally:
        server.stop()
    watch.take(server)
    return bench_page.read_back(run, watch)


def _turns(settings: Settings, run: RealCalls, keep: Path | None = None) -> dict[str, Any]:
    decided = read_decisions(run.directory / "stderr.log", run.store())
    turns = bench_turn.measure(run.calls().values(), read_scripts(settings)["weekly-checkin"], decided)
    return bench_turn.figures(turns if keep is None else bench_turn.kept(turns, keep))


async def _own_ears(settings: Settings) -> WhisperEars:
    if settings.whisper_model == WHISPER_BASE:
        join_whisper(settings.models_dir)
    hearing = WhisperEars(settings.whisper_dir, settings.ears_workers, settings.ears_threads)
    await hearing.start()
    return hearing


async def _ears(settings: Settings, every: int) -> dict[str, Any]:
    hearing = await _own_ears(settings)
    try:
        lines = await measure_ears(hearing, settings.data_dir / "bench" / "ears", every=every, progress=_say)
    finally:
        await hearing.close()
    return {"model": settings.whisper_model, "voices": list(VOICES), "lines": lines}


def _say(text: str) -> None:
    if talk.is_terminal:
        talk.print(text, highlight=False)


def _run(name: str, as_json: bool, measure: Callable[[Settings], dict[str, Any]]) -> dict[str, Any]:
    began, around = time.monotonic(), circumstances()
    try:
        measured = measure(load())
    except FAILURES as error:
        talk.print(f"[red]callbot bench {name}: {error}[/red]", highlight=False)
        raise typer.Exit(1) from error
    result = {
        "bench": name,
        **around,
        "method": METHODS[name],
        "took_s": round(time.monotonic() - began, 1),
        **measured,
    }
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        show(result)
    return result
