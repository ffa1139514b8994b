"""`callbot check SCRIPT...`: what is wrong with scripts, in Korean, with file, line and mend."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from callbot.converse.script_issues import Severity, issues
from callbot.script_files import ScriptError, load_script

_WORDS = {Severity.ERROR: "오류", Severity.WARNING: "주의"}


def command(
    scripts: Annotated[list[Path], typer.Argument(help="대본 파일 (prompts/scripts/*.yaml)")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="한 줄에 하나씩 JSON")] = False,
) -> None:
    """대본을 점검합니다. 오류가 있으면 1로 끝납니다."""
    errors = sum(_check(path, as_json=as_json) for path in scripts)
    if errors:
        raise typer.Exit(1)


def _check(path: Path, *, as_json: bool) -> int:
    """Prints the findings; gives the number of errors."""
    try:
        file = load_script(path)
    except ScriptError as error:
        for message in str(error).splitlines():
            record = {"file": str(path), "issue": "unreadable", "severity": "error", "text": message}
            _print(record if as_json else f"오류 {message}")
        return 1
    found = issues(file.script)
    for issue in found:
        where = file.place_of(issue.place)
        if as_json:
            line = int(where.rpartition(":")[2])
            _print({"file": str(path), "line": line, **asdict(issue)})
        else:
            _print(f"{_WORDS[issue.severity]} {where}: {issue.place}: {issue.text}")
    if not found and not as_json:
        script = file.script
        _print(f"{path}: 고칠 곳이 없습니다. 질문 {len(script.questions)}개, 문장 {len(script.texts())}개.")
    return sum(issue.severity is Severity.ERROR for issue in found)


def _print(record: dict[str, Any] | str) -> None:
    text = record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)
    sys.stdout.write(text + "\n")
