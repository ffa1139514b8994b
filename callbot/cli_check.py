"""`callbot check SCRIPT...`: what is wrong with scripts, in Korean, with file, line and mend."""

import json
import sys
from pathlib import Path
from typing import Annotated

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
    out = sys.stdout
    try:
        file = load_script(path)
    except ScriptError as error:
        for message in str(error).splitlines():
            record = {"file": str(path), "issue": "unreadable", "severity": "error", "text": message}
            out.write(json.dumps(record, ensure_ascii=False) + "\n" if as_json else f"오류 {message}\n")
        return 1
    found = issues(file.script)
    for issue in found:
        where = file.place_of(issue.place)
        record: dict[str, str | int] = {"file": str(path), "line": int(where.rpartition(":")[2]), "issue": issue.issue}
        record |= {"severity": issue.severity.value, "place": issue.place, "text": issue.text}
        plain = f"{_WORDS[issue.severity]} {where}: {issue.place}: {issue.text}\n"
        out.write(json.dumps(record, ensure_ascii=False) + "\n" if as_json else plain)
    errors = sum(issue.severity is Severity.ERROR for issue in found)
    if not found and not as_json:
        out.write(
            f"{path}: 고칠 곳이 없습니다. 질문 {len(file.script.questions)}개, 문장 {len(file.script.texts())}개.\n"
        )
    return errors
