"""`callbot score`: JSONL transcripts in, JSONL assessments out (docs/scoring.md)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.assess.assessment import Assessment
from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.transcript import Turn
from callbot.lexicon_files import DEFAULT_DIR, LexiconError, load_lexicon
from callbot.understand.meaning import Signal
from callbot.understand.understander import Understander


class BadLine(ValueError):
    """A line is no transcript; the message says what is wrong with it."""


def command(
    file: Annotated[
        str, typer.Argument(help='JSONL of {"id","turns":[{"who":"bot|person","text"}]}; - for stdin')
    ] = "-",
    lexicon: Annotated[Path, typer.Option(help="Directory of the lexicon")] = DEFAULT_DIR,
    replay: Annotated[int | None, typer.Option(metavar="CALL", help="A stored call, by its number, instead")] = None,
) -> None:
    """Scores transcripts. Bad lines are named on stderr, the others are scored; then the exit status is 1."""
    try:
        understander = Understander(load_lexicon(lexicon), KiwiAnalyser())
        if replay is not None:
            from callbot.cli_replay import replay_call  # noqa: PLC0415 - the database only where it is needed

            replay_call(replay, understander)
            return
        if file == "-":
            bad = score_lines(sys.stdin, sys.stdout, sys.stderr, understander)
        else:
            with Path(file).open(encoding="utf-8") as lines:
                bad = score_lines(lines, sys.stdout, sys.stderr, understander)
    except (OSError, LexiconError, UnicodeDecodeError) as error:
        typer.echo(f"callbot score: {error}", err=True)
        raise typer.Exit(1) from error
    if bad:
        raise typer.Exit(1)


def score_lines(lines: TextIO, out: TextIO, err: TextIO, understander: Understander) -> int:
    """Number of lines that could not be scored."""
    bad = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            name, turns = read_line(line)
        except BadLine as error:
            bad += 1
            err.write(f"callbot score: line {number}: {error}\n")
            continue
        out.write(json.dumps(to_json(name, score_dialogue(turns, understander)), ensure_ascii=False) + "\n")
        out.flush()
    return bad


def read_line(line: str) -> tuple[str | int, list[Turn]]:
    """Raises BadLine."""
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(data, dict):
        raise BadLine(f"must be an object with id and turns, got {type(data).__name__}")
    name = data.get("id")
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise BadLine(f"id must be a string or a number, got {name!r}")
    if not isinstance(data.get("turns"), list):
        raise BadLine(f"turns must be a list, got {data.get('turns')!r}")
    return name, list(_turns(data["turns"]))


def _turns(turns: list[Any]) -> Iterator[Turn]:
    for index, turn in enumerate(turns):
        if not isinstance(turn, dict):
            raise BadLine(f"turns[{index}] must be an object with who and text, got {turn!r}")
        if turn.get("who") not in ("bot", "person"):
            raise BadLine(f'turns[{index}].who must be "bot" or "person", got {turn.get("who")!r}')
        if not isinstance(turn.get("text"), str):
            raise BadLine(f"turns[{index}].text must be a string, got {turn.get('text')!r}")
        yield Turn(index, turn["who"], turn["text"])


def to_json(name: str | int, assessment: Assessment) -> dict[str, Any]:
    """The line of output, keys in a fixed order."""
    return {
        "id": name,
        "level": assessment.level.value,
        "categories": {category.value: level.value for category, level in assessment.categories.items()},
        "answers": {topic.value: value.value for topic, value in assessment.answers.items()},
        "requests": [{"kind": each.kind, "quote": each.quote, "turn": each.turn} for each in assessment.requests],
        "signals": [signal_to_json(signal) for signal in assessment.signals],
        "reasons": list(assessment.reasons),
        "versions": assessment.versions,
    }


def signal_to_json(signal: Signal) -> dict[str, Any]:
    """Every field of a signal."""
    return {
        "category": signal.category.value,
        "level": signal.level.value,
        "rule": signal.rule,
        "quote": signal.quote,
        "reason": signal.reason,
        "detector": signal.detector,
        "rule_version": signal.rule_version,
        "guards": list(signal.guards),
        "turn": signal.turn,
        "audio_offset_s": signal.audio_offset_s,
        "unconfirmed": signal.unconfirmed,
    }
