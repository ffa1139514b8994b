"""`callbot doctor`: what is missing on this machine, and how to mend it."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from callbot.doctor import Finding, examine
from callbot.settings import SettingsError, load


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON 배열로")] = False,
) -> None:
    """이 기계에 무엇이 없고 어떻게 고치는지. 꼭 필요한 것이 없으면 1로 끝납니다."""
    try:
        settings = load()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    findings = examine(settings)
    if as_json:
        sys.stdout.write(json.dumps([dataclasses.asdict(one) for one in findings], ensure_ascii=False, indent=1) + "\n")
    else:
        for one in findings:
            sys.stdout.write(_line(one))
    if any(one.required and not one.ok for one in findings):
        raise typer.Exit(1)


def _line(one: Finding) -> str:
    word = "확인 ok     " if one.ok else "없음 MISSING" if one.required else "없음 (선택) "
    mend = f"\n{'':14}고치는 법 / mend: {one.mend}" if one.mend and not one.ok else ""
    return f"{word}  {one.name}: {one.detail}{mend}\n"
