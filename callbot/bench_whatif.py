"""`callbot bench whatif`: a changed rule over 90 days of 10,000 people, from stored analyses."""

import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.transcript import Turn
from callbot.rule_trial import Question, try_rule
from callbot.schedule.ladder import DEFAULT
from callbot.simulate.weeks.sayings import Bank, read_bank
from callbot.simulate.weeks.weeks import memory_mb
from callbot.store import tables as t
from callbot.store.database import Store
from callbot.store.migrate import migrate
from callbot.store.policy_rows import add_programme
from callbot.store.tables_rules import analyses
from callbot.understand.analysis import analyser_version, pack
from callbot.understand.meaning import Category, Level, Topic
from callbot.understand.own_rules import OwnRule, RuleChange, changed_rule, found
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT, read_turns

Tell = Callable[[str], None]
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DISTINCT = 400
"""Different calls; each is stored many times, sealed anew every time."""
BATCH = 2500
QUESTIONS = {
    Topic.HEALTH: "요즘 몸은 좀 어떠세요?", Topic.MEALS: "식사는 잘 챙겨 드세요?", Topic.SLEEP: "밤에 잠은 잘 주무세요?",
    Topic.MEDICINE: "약은 잘 챙겨 드시고 계세요?", Topic.MOOD: "마음은 좀 어떠세요?", Topic.OUTING: "밖에는 좀 나가세요?",
    Topic.NEEDS: "필요하신 것이 있으세요?",
}  # fmt: skip


def _change(rule: str, category: Category, **more: Any) -> RuleChange:
    return RuleChange(rule=rule, category=category, fire=("예",), quiet=("예",), **more)


CHANGES = {
    "a rare phrase": _change("fraud.own_a", Category.FRAUD, level=Level.HIGH, means=("계좌 .. 동결",), reason="'{quote}'"),
    "a phrase that many say": _change("fall.minor", Category.FALL, means=("공원 .. 산책",)),
    "a phrase that nearly all say": _change("sleep.own_a", Category.SLEEP, level=Level.WATCH, means=("잘 .. 자다",), reason="'{quote}'"),
    "a phrase by sound": _change(
        "fraud.own_b", Category.FRAUD, level=Level.HIGH, means=("계좌 .. 동결",), sounds=("통장 계좌가 동결됐어요",), reason="'{quote}'"
    ),
    "another level": _change("mood.lonely", Category.MOOD, level=Level.HIGH),
}  # fmt: skip


def measure(understander: Understander, people: int, weeks: int, tell: Tell = lambda _: None) -> dict[str, Any]:
    """On an SQLite file that is thrown away; one call a person and week, eight answers a call."""
    folder = Path(tempfile.mkdtemp(prefix="callbot-bench-"))
    store = migrate(f"sqlite:///{folder}/callbot.db", folder / "keys.json", NOW).store
    try:
        began = time.monotonic()
        said = _distinct_calls(understander)
        rows = _fill(store, understander, said, people, weeks, tell)
        prepared = time.monotonic() - began
        size = sum(len(each.packed) for each in said) / len(said)
        return {
            "people": people,
            "calls": rows,
            "answers_a_call": round(sum(each.answers for each in said) / len(said), 1),
            "prepared_s": round(prepared, 1),
            "packed_bytes_a_call": round(size),
            "database_mb": round((folder / "callbot.db").stat().st_size / 1e6),
            "trials": {name: _trial(store, understander, change, tell) for name, change in CHANGES.items()},
            "peak_mb_here": memory_mb(),
        }
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)


def _trial(store: Store, understander: Understander, change: RuleChange, tell: Tell) -> dict[str, Any]:
    base = understander.files
    known = found(base, change.rule)
    category, new = changed_rule(base, OwnRule(1, 1, change))
    question = Question(base, category, known[1] if known else None, new)
    version = analyser_version(base, understander.analyser)
    figures: dict[str, Any] = {}
    for cores in (2, 1):
        before = _cpu_of_children()
        answer = try_rule(store, question, NOW - KEPT, version, processes=cores)
        figures[f"s_on_{cores}_cores"] = round(answer.seconds, 1)
        figures[f"cpu_s_on_{cores}"] = round(_cpu_of_children() - before, 1)
        tell(f"{change.rule}: {answer.seconds:.1f} s on {cores}")
    moves = {f"{was} -> {would}": n for (was, would), n in sorted(answer.moves.items())}
    return {"looked_at": answer.calls, "read": answer.read, "fires": answer.fires, **figures, "moves": moves}


def _cpu_of_children() -> float:
    """Seconds of processes that have ended: what the trial costs, whatever else the machine was doing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class _Call:
    """One of the different calls."""

    turns: tuple[Turn, ...]
    assessment: dict[str, Any]
    packed: bytes
    answers: int


def _distinct_calls(understander: Understander, number: int = DISTINCT) -> list[_Call]:
    dice, bank = random.Random(7), read_bank()  # noqa: S311 - invented talk
    calls = []
    for _ in range(number):
        turns = tuple(_check_in(dice, bank))
        said = read_turns(turns, understander.reader)
        calls.append(_Call(turns, asdict(score_dialogue(turns, understander)), pack(said), len(said)))
    return calls


def _check_in(dice: random.Random, bank: Bank) -> Iterator[Turn]:
    alarm = dice.choice(bank.distress) if dice.random() < 0.06 else None  # noqa: PLR2004
    index = 0
    for topic, question in [(Topic.IDENTITY, "김순자 어르신 맞으세요?"), *QUESTIONS.items()]:
        yield Turn(index, "bot", question, topic=topic)
        ways = bank.topics[topic.value]
        label = dice.choices(list(ways), [10 if each == "ok" else 2 for each in ways])[0]
        words = dice.choice(ways[label]).replace("{name}", "김순자")
        if dice.random() < 0.4:  # noqa: PLR2004 - people say more than one thing
            words += " " + dice.choice(bank.follow_up)
        if alarm is not None and alarm.topic == topic.value:
            words = alarm.say
        yield Turn(index + 1, "person", words, topic=topic, confidence=0.8)
        index += 2


def _fill(store: Store, understander: Understander, said: Sequence[_Call], people: int, weeks: int, tell: Tell) -> int:
    """Persons, and for each week a due contact, an attempt, a call with its turns, and the analysis."""
    version = analyser_version(understander.files, understander.analyser)
    with store.write() as connection:
        programme = add_programme(connection, "주간 안부", "동구", "062-000-0000")
    _insert(
        store,
        t.persons,
        ({"id": n, "programme_id": programme, "name": "김순자", "created_at": NOW} for n in range(1, people + 1)),
    )
    ladder, number = DEFAULT.model_dump(mode="json"), people * weeks
    _insert(
        store, t.due_contacts,
        ({"id": n, "person_id": (n - 1) % people + 1, "slot": f"w{(n - 1) // people}", "state": "ended", "disposition": "contacted",
          "planned_at": _at(n, number), "expires_at": _at(n, number), "window_from": "09:00", "window_until": "18:00",
          "ladder": ladder, "created_at": _at(n, number)} for n in range(1, number + 1)),
    )  # fmt: skip
    _insert(
        store, t.attempts,
        ({"id": n, "due_contact_id": n, "number": 1, "key": f"a{n}", "state": "ended", "end": "person"} for n in range(1, number + 1)),
    )  # fmt: skip
    for start in range(1, number + 1, BATCH):
        part = range(start, min(start + BATCH, number + 1))
        with store.write() as connection:
            connection.execute(t.calls.insert(), [_call_row(n, said[n % len(said)], people, number) for n in part])
            connection.execute(
                t.turns.insert(), [row for n in part for row in _turn_rows(n, said[n % len(said)], number)]
            )
            connection.execute(
                analyses.insert(),
                [{"call_id": n, "at": _at(n, number), "analyser": version, "content": said[n % len(said)].packed} for n in part],
            )  # fmt: skip
            connection.execute(
                t.signals.insert(), [row for n in part for row in _signal_rows(n, said[n % len(said)], people)] or []
            )
        tell(f"{part[-1]} calls")
    return number


def _at(number: int, of: int) -> datetime:
    return NOW - timedelta(days=89) * (of - number) / of


def _insert(store: Store, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    with store.write() as connection:
        while part := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            connection.execute(table.insert(), part)


def _call_row(number: int, said: _Call, people: int, of: int) -> dict[str, Any]:
    return {
        "id": number, "attempt_id": number, "person_id": (number - 1) % people + 1, "who": "person", "result": "contacted",
        "level": said.assessment["level"], "assessment": said.assessment, "answered_at": _at(number, of), "ended_at": _at(number, of),
    }  # fmt: skip


def _turn_rows(number: int, said: _Call, of: int) -> list[dict[str, Any]]:
    return [
        {
            "call_id": number, "position": turn.index, "who": turn.who, "text": turn.text, "topic": turn.topic,
            "confidence": turn.confidence, "at": _at(number, of), "has_words": turn.who == "person",
        }
        for turn in said.turns
    ]  # fmt: skip


def _signal_rows(number: int, said: _Call, people: int) -> list[dict[str, Any]]:
    found = {(signal["rule"], signal["turn"]): signal for signal in said.assessment["signals"]}
    return [
        {
            "call_id": number, "person_id": (number - 1) % people + 1, "category": signal["category"], "level": signal["level"],
            "rule": signal["rule"], "rule_version": signal["rule_version"], "quote": signal["quote"], "reason": signal["reason"],
            "detector": signal["detector"], "guards": list(signal["guards"]), "turn": signal["turn"], "at": NOW,
        }
        for signal in found.values()
    ]  # fmt: skip
