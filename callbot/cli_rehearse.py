"""`callbot rehearse SCRIPT`: the script by typing, or by a persona, without a telephone."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from callbot import settings
from callbot.adapters.kiwi import KiwiAnalyser
from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.commands import Line
from callbot.language_model import rehearsed
from callbot.lexicon_files import LexiconError, load_lexicon
from callbot.rehearsal import Did, PersonaRecipient, Recipient, Rehearsal, rehearse
from callbot.rehearsal_background import CannotPretend, pretended
from callbot.schedule.window import SEOUL
from callbot.script_files import ScriptError, load_script
from callbot.simulate.persona import PersonaError, load_persona
from callbot.understand.meaning import Topic
from callbot.understand.understander import Understander

HELP = "빈 줄: 침묵 · /1 /2 ..: 번호 누르기 · /못들음: 알아들을 수 없는 말 · /작게 말: 잘 안 들린 말 · /끊기: 전화 끊기"
HARDLY_HEARD = 0.3
"""Confidence of `/작게 ...`."""

_SHOWN = {"bot": "전화", "person": "   나", "page": "★ 호출", "end": "끝"}


class Typist:
    """Somebody at the terminal."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def pickup(self) -> str:
        """Every rehearsal begins with a picked-up telephone."""
        return "여보세요"

    def over(self, line: Line, topic: Topic) -> Did | None:  # noqa: ARG002 - a typist cannot barge in
        """Nothing."""
        return None

    def answer(self, line: Line, topic: Topic) -> Did:  # noqa: ARG002 - what to say is up to the typist
        """What was typed; the end of the input is a hang-up."""
        try:
            typed = self._read().strip()
        except EOFError:
            return Did(hangs_up=True)
        return typed_as(typed)


def typed_as(typed: str) -> Did:
    """What a typed line does.

    >>> typed_as("/1").key
    '1'
    """
    word, _, rest = typed.partition(" ")
    match word:
        case "/끊기":
            return Did(rest, hangs_up=True)
        case "/못들음":
            return Did(unclear=True)
        case "/작게":
            return Did(rest, confidence=HARDLY_HEARD)
        case _ if len(word) == len("/1") and word[0] == "/" and word[1] in "0123456789*#":
            return Did(key=word[1])
        case _:
            return Did(typed)


def command(
    script: Annotated[Path | None, typer.Argument(help="대본 파일 (prompts/scripts/weekly-checkin.yaml)")] = None,
    *,
    named: Annotated[str | None, typer.Option("--script", help="대본의 이름 (weekly-checkin, heat-wave, ...)")] = None,
    remember: Annotated[str | None, typer.Option(help="지난 통화에서 들은 것으로 칠 말 (무릎, 손주분, ...)")] = None,
    consent: Annotated[list[str] | None, typer.Option(help="받은 것으로 칠 동의 (cognition, ...)")] = None,
    last: Annotated[list[str] | None, typer.Option(help="지난 통화의 대답으로 칠 것 (medicine=bad)")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="오늘로 칠 날 (2026-07-20)")] = None,
    persona: Annotated[Path | None, typer.Option(help="대신 대답할 가상의 사람 (prompts/personas/*.yaml)")] = None,
    name: Annotated[str, typer.Option(help="부를 이름")] = "김순자",
    form: Annotated[AddressForm, typer.Option(help="부르는 말")] = AddressForm.ELDER,
    as_json: Annotated[bool, typer.Option("--json", help="결과를 JSON으로")] = False,
) -> None:
    """대본을 전화 없이 연습합니다. 대화는 표준 오류로, 결과는 표준 출력으로 나갑니다."""
    try:
        loaded = load_script(_path(script, named)).script
        recipient = _recipient(persona)
        lexicon = load_lexicon()
        today = (on or datetime.now(SEOUL)).date()
        before = pretended(lexicon.memories, remember, consent or (), today, last or ())
    except (ScriptError, PersonaError, LexiconError, CannotPretend) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if isinstance(recipient, PersonaRecipient):
        name, form = recipient.persona.name, AddressForm(recipient.persona.address)
        if not recipient.answers:
            typer.echo(
                f"{name}: 이 사람은 전화를 받지 않습니다 ({recipient.met.value}). 연습할 대화가 없습니다.", err=True
            )
            return
    else:
        typer.echo(HELP, err=True)
    typer.echo("한국어 분석기를 준비합니다. 몇 초 걸립니다.", err=True)
    analyser = KiwiAnalyser()
    analyser.warm()
    in_force = settings.load()
    addressee = Addressee(name, form, in_force.district, in_force.caller_number, before=before)
    understander = Understander(lexicon, analyser)
    with rehearsed(in_force, analyser, name) as model:
        advise = model.advise if model else None
        rehearsal = rehearse(loaded, addressee, understander, recipient, _show(persona is not None), advise)
    result = to_json(rehearsal) | ({"model": dict(model.counts)} if model else {})
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n" if as_json else in_words(rehearsal))


def _path(script: Path | None, named: str | None) -> Path:
    """Raises ScriptError."""
    if (script is None) == (named is None):
        raise ScriptError("대본 파일이나 --script 이름 가운데 하나를 적으세요 (예: --script weekly-checkin).")
    if script is not None:
        return script
    directory = settings.load().prompts_dir / "scripts"
    path = directory / f"{named}.yaml"
    if not path.exists():
        known = ", ".join(sorted(each.stem for each in directory.glob("*.yaml")))
        raise ScriptError(f"--script 값 {named!r}: 그런 대본이 없습니다. 있는 대본: {known}.")
    return path


def _recipient(persona: Path | None) -> Recipient:
    if persona is not None:
        return PersonaRecipient(load_persona(persona))

    def read() -> str:
        if sys.stdin.isatty():
            sys.stderr.write("   나> ")
            sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    return Typist(read)


def _show(also_person: bool) -> Callable[[str, str], None]:
    def show(who: str, text: str) -> None:
        if who != "person" or also_person:
            typer.echo(f"{_SHOWN[who]}: {text}", err=True)

    return show


def to_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """Transcript, outcome, pages and assessment."""
    outcome, assessment = rehearsal.outcome, rehearsal.assessment
    if outcome is None or assessment is None:
        raise ValueError("the rehearsal is not over")
    return {
        "who": outcome.who,
        "result": outcome.result,
        "level": assessment.level,
        "answers": outcome.answers,
        "requests": [asdict(request) for request in outcome.requests],
        "memories": [asdict(memory) for memory in outcome.memories],
        "reported": outcome.reported,
        "hung_up": outcome.hung_up,
        "completed": outcome.completed,
        "signals": [asdict(signal) for signal in outcome.signals],
        "pages": [[asdict(signal) for signal in page] for page in rehearsal.pages],
        "reasons": assessment.reasons,
        "turns": [asdict(turn) for turn in rehearsal.turns],
    }


_TOPICS = {
    Topic.HEALTH: "건강", Topic.MEALS: "식사", Topic.SLEEP: "잠", Topic.MEDICINE: "약", Topic.MOOD: "마음",
    Topic.OUTING: "외출", Topic.NEEDS: "필요한 것", Topic.COOLING: "더위", Topic.WATER: "물", Topic.WARMTH: "난방",
    Topic.COMPANY: "함께 지낼 분", Topic.WEEKDAY: "요일", Topic.MONTH: "달",
}  # fmt: skip
_ANSWERS = {"ok": "괜찮음", "bad": "안 좋음", "unsure": "알 수 없음", "not_asked": "못 여쭘"}
_LEVELS = {"none": "없음", "watch": "관찰", "high": "오늘 확인", "emergency": "응급", "unassessable": "판단 불가"}
_RESULTS = {
    "contacted": "통화함",
    "contacted_degraded": "번호로만 확인",
    "refused": "오늘은 거절",
    "do_not_call": "전화를 원하지 않음",
    "call_again": "오늘 다시 걸기",
    "reported": "다른 분이 알려 줌",
    "no_contact": "연락 안 됨",
}


def in_words(rehearsal: Rehearsal) -> str:
    """The result for a supervisor."""
    outcome, assessment = rehearsal.outcome, rehearsal.assessment
    if outcome is None or assessment is None:
        raise ValueError("the rehearsal is not over")
    answers = ", ".join(f"{_TOPICS.get(topic, topic)} {_ANSWERS[value]}" for topic, value in outcome.answers.items())
    lines = [f"결과: {_RESULTS[outcome.result]}", f"위험: {_LEVELS[assessment.level]}", f"대답: {answers}"]
    lines += [f"이유: {reason}" for reason in assessment.reasons]
    lines += [f"요청: {request.kind} ({request.quote})" for request in outcome.requests]
    lines.append(f"통화 중 호출: {len(rehearsal.pages)}번")
    return "\n".join(lines) + "\n"
