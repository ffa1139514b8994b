"""`callbot sms`: how messages leave this installation, looked at and tried out."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callbot.cli_failure import FAILURES, tell
from callbot.console.deps import wall_clock
from callbot.people.numbers import BadNumber
from callbot.settings import load
from callbot.sms_settings import SmsSettings, load_sms
from callbot.sms_trial import Trial, chosen, try_out
from callbot.workflows.providers import Finding

app = typer.Typer(no_args_is_help=True)
talk = Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON으로")]
Which = Annotated[str, typer.Option("--provider", help="제공자 이름 (solapi, sens, nhn, smpp, email). 비우면 첫 번째")]


def _settings() -> SmsSettings | None:
    settings = load()
    return load_sms(Path(settings.sms)) if settings.sms else None


@app.command()
def check(provider: Which = "", as_json: AsJson = False) -> None:
    """인증, 발신번호, 잔액을 봅니다. 아무것도 보내지 않습니다. 잘못된 것이 있으면 1로 끝납니다."""
    try:
        findings = asyncio.run(_check(provider))
    except (*FAILURES, BadNumber) as error:
        tell(error, talk)
        raise typer.Exit(1) from error
    sys.stdout.write(_json([asdict(one) for one in findings]) if as_json else "".join(map(_line, findings)))
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


@app.command("test")
def try_one(
    number: Annotated[str, typer.Argument(help="받을 번호: 자기 휴대전화 (이메일은 주소)")],
    provider: Which = "",
    as_json: AsJson = False,
) -> None:
    """먼저 확인하고, 이상이 없으면 시험 문자 한 통을 보내 답과 도착을 보여 줍니다."""
    try:
        trial = asyncio.run(try_out(_settings(), provider, number, wall_clock()))
    except (*FAILURES, BadNumber) as error:
        tell(error, talk)
        raise typer.Exit(1) from error
    sys.stdout.write(_json(asdict(trial)) if as_json else in_words(trial))
    raise typer.Exit(0 if trial.ok else 1)


async def _check(name: str) -> tuple[Finding, ...]:
    provider = chosen(_settings(), name)
    try:
        return await provider.check()
    finally:
        await provider.close()


def in_words(trial: Trial) -> str:
    """For an operator."""
    lines = ["".join(map(_line, trial.findings)).rstrip(), f"발송: {trial.answer_word}"]
    if trial.answer is not None:
        lines.append(f"제공자의 답: {trial.answer.raw}")
    within = f" ({trial.seconds}초)" if trial.seconds is not None else ""
    return "\n".join([f"[{trial.provider}]", *lines, f"도착: {trial.receipt}{within}"]) + "\n"


def _line(one: Finding) -> str:
    return f"{'확인' if one.ok else '문제'}  {one.what}{': ' + one.detail if one.detail else ''}\n"


def _json(what: object) -> str:
    return json.dumps(what, ensure_ascii=False) + "\n"
