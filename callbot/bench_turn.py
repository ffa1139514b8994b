"""`callbot bench turn`: who spoke when, at the phone of real calls.

From the end of the person's speech to the first sound of the bot, both on the phone's own clock (seconds of sound): the whole
way there and back is in it. A short "네." that covers thinking counts as a sound; how often it came is told apart.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from callbot.bench_audio_path import people, read_answers
from callbot.bench_calls import FORM, NAME, number_of
from callbot.bench_decisions import Decisions, moment
from callbot.bench_report import spread
from callbot.converse.exchange import CLOSED, OPEN
from callbot.converse.script import Script
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.settings import ROOT
from callbot.simulate.persona import Persona, Pickup, Utterance, load_personas

BARGE_IN_S = 0.8
"""Seconds into a line at which those who barge in begin to speak: the line is then in the middle of its first sentence."""
_BARGE_IN_AT = ("good_time", "health")
"""Lines that begin a stretch of speech; over a later one a pause between two lines would be taken for the silence."""
_SPEAKS, _SILENT = "bot_speaks", "bot_silent"
_SAME_MOMENT_S = 0.1
"""Two processes' clocks, and a phone that looks at its sound every 20 ms."""
_EDGE_S = 0.04
"""Two steps of 20 ms: nearer than this to the end of a clip is not "while they spoke"."""


@dataclass
class Turns:
    """Seconds, by what they measure."""

    greeting: list[float] = field(default_factory=list)
    """After "여보세요"."""
    greeting_unasked: list[float] = field(default_factory=list)
    """After a pick-up in silence; the bot waits 1.2 s by design."""
    closed: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    beyond_endpoint: list[float] = field(default_factory=list)
    """Reply time less the silence that the line chose to wait for."""
    barge_in: list[float] = field(default_factory=list)
    """From the onset of speech over a line to the silence of the bot."""
    from_decision: list[float] = field(default_factory=list)
    """From the line's decision to the silence of the bot at the phone."""
    talked_through: int = 0
    """Lines that were spoken to their end over somebody who barged in."""
    cut_ins: list[str] = field(default_factory=list)
    """Line ids after whose answer the bot began before the person had finished."""
    replies: int = 0
    acknowledged: int = 0
    """Replies that began with the short "네." which covers thinking."""


def callers(number: int, first: int = 0) -> list[Persona]:
    """Everyday people for a measurement: every second barges in twice, every fifth picks up without a word."""
    chosen = people(read_answers())[first : first + number]
    return [_variant(persona, index) for index, persona in enumerate(chosen, first)]


_SHIPPED = ("0101", "0105", "0108", "0209", "0210")
"""Recipients of prompts/personas who answer every question, in one voice and speed: all they say is in the voice pack."""


def shipped_callers(number: int, first: int = 0) -> list[Persona]:
    """The same from what ships rendered: no voice is needed, and a run begins at once."""
    shipped = [one for one in load_personas(ROOT / "prompts" / "personas") if one.number[-4:] in _SHIPPED]
    return [_variant(_named(shipped[index % len(shipped)], index), index) for index in range(first, first + number)]


def _named(persona: Persona, index: int) -> Persona:
    says = {topic: (Utterance(say=them[-1].say),) for topic, them in persona.me.says.items()}
    me = persona.me.model_copy(update={"says": says})
    update = {"number": number_of(index), "name": NAME, "address": FORM, "demo": True, "answers_after_s": 0.5}
    return persona.model_copy(update={**update, "me": me, "calls": (Pickup.ANSWER,)})


def _variant(persona: Persona, index: int) -> Persona:
    me = persona.me
    if index % 2:
        over = {topic: (Utterance(say=me.says[topic][0].say, barge_in_s=BARGE_IN_S),) for topic in _BARGE_IN_AT}
        me = me.model_copy(update={"says": me.says | over})
    if index % 5 == 4:  # noqa: PLR2004 - every fifth
        me = me.model_copy(update={"pickup": ""})
    return persona.model_copy(update={"me": me, "noise_dbfs": None})


def measure(
    calls: Iterable[list[dict[str, Any]]], script: Script, decided: Mapping[str, Decisions] | None = None
) -> Turns:
    """`calls`: the events of one call each (RealCalls.calls). `decided`: by the last digits of the number (read_decisions)."""
    turns = Turns()
    for events in calls:
        ordered = sorted(events, key=lambda event: float(event["t"]))
        decisions = (decided or {}).get(str(ordered[0].get("number", ""))[-4:], Decisions())
        _greeting(turns, ordered)
        turns.acknowledged += sum(event.get("line") == "acknowledgement" for event in ordered)
        for event in ordered:
            if event["event"] == "says" and "asked" in event:
                _utterance(turns, ordered, event, script, decisions)
    return turns


def kept(turns: Turns, file: Path) -> Turns:
    """These and all that the file holds already, which then holds these too: several short runs make one measurement."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(turns)) + "\n")
    together = Turns()
    for row in file.read_text("utf-8").splitlines():
        for name, value in json.loads(row).items():
            setattr(together, name, getattr(together, name) + value)
    return together


def _greeting(turns: Turns, events: list[dict[str, Any]]) -> None:
    opened = next((event["t"] for event in events if event["event"] == "line_open"), None)
    first = next((event["t"] for event in events if event["event"] == _SPEAKS), None)
    if opened is None or first is None:
        return
    said = [event for event in events if event["event"] == "says" and "asked" not in event]
    if said:
        turns.greeting.append(first - _end(said[0]))
    else:
        turns.greeting_unasked.append(first - opened)


def _end(says: dict[str, Any]) -> float:
    return float(says["t"]) + float(says["seconds"])


def _utterance(
    turns: Turns, events: list[dict[str, Any]], says: dict[str, Any], script: Script, decided: Decisions
) -> None:
    """One thing said in answer to a line; `events` are in order of the phone's clock."""
    before = [event for event in events if event["event"] in {_SPEAKS, _SILENT} and event["t"] <= says["t"]]
    after = [event for event in events if event["t"] > says["t"] and event["event"] in {_SPEAKS, _SILENT, "says"}]
    if before and before[-1]["event"] == _SPEAKS:
        _barge_in(turns, says, after, decided)
        return
    if not before or not after or after[0]["event"] == "says":
        return  # the call ended, or the person said two things in a row
    reply, line = after[0]["t"] - _end(says), before[-1]["line"] or ""
    turns.replies += 1
    if reply < -_EDGE_S:
        turns.cut_ins.append(line)
        return
    listen = listening(script, line)
    (turns.open if listen.kind is QuestionKind.OPEN else turns.closed).append(reply)
    begins, ends = moment(says) + float(says["seconds"]), moment(after[0])
    waited = [pause for at, pause in decided.turns if begins < at <= ends]
    if waited:
        turns.beyond_endpoint.append(reply - waited[-1])


def _barge_in(turns: Turns, says: dict[str, Any], after: list[dict[str, Any]], decided: Decisions) -> None:
    silent = next((event for event in after if event["event"] == _SILENT), None)
    if silent is None:
        return
    if silent["whole"]:
        turns.talked_through += 1
    else:
        turns.barge_in.append(silent["t"] - says["t"])
        fell_silent = moment(silent)
        before = [at for at in decided.barge_ins if moment(says) < at <= fell_silent + _SAME_MOMENT_S]
        turns.from_decision += [max(0.0, fell_silent - before[-1])] if before else []


def listening(script: Script, line_id: str) -> ListenFor:
    """How the dialogue listens after this line."""
    topic, _, rest = line_id.partition(".")
    question = next((question for question in script.questions if question.id == topic), None)
    if question is None:
        return CLOSED
    return OPEN if rest.startswith("bad.") else question.listen_for(simpler=rest == "simpler")


def figures(turns: Turns) -> dict[str, Any]:
    """In the keys of design.md, section 8; what could not be measured is absent or has n 0."""
    return {
        "n": len(turns.closed) + len(turns.open),
        "closed": spread(turns.closed),
        "open": spread(turns.open),
        "beyond_endpoint": spread(turns.beyond_endpoint),
        "barge_in": {
            "from_onset": spread(turns.barge_in),
            "from_decision": spread(turns.from_decision),
            "talked_through": turns.talked_through,
        },
        "greeting": spread(turns.greeting),
        "greeting_unasked": spread(turns.greeting_unasked),
        "acknowledged": turns.acknowledged,
        "cut_in_rate": round(len(turns.cut_ins) / turns.replies, 4) if turns.replies else None,
        "cut_ins": turns.cut_ins,
    }
