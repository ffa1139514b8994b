"""`callbot bench audio-path`: answers of known meaning through real calls; what the ledger says they meant.

Phone (Kokoro, G.711 RTP) -> Asterisk -> WebSocket -> Silero -> Whisper -> rules -> dialogue -> ledger. The measure that counts
is "bad recorded as ok": somebody says that they are not well and the ledger says that they are. It must be 0.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.engine import Connection

from callbot.adapters.kokoro import VOICES
from callbot.bench_calls import FORM, NAME, RealCalls, number_of
from callbot.settings import ROOT
from callbot.simulate.persona import Persona, Speaker
from callbot.speech_measures import character_error_rate
from callbot.store.tables import answers, calls, persons, turns
from callbot.understand.meaning import CHECK_IN_TOPICS, AnswerValue

ANSWERS = tuple(ROOT / "tests" / "data" / f"spoken_answers{number}.yaml" for number in ("", "_2", "_3", "_4", "_5"))
"""Each a set of its own: 140 answers in 20 calls; the third 70 complaints in 10. The first three made the rules, half of the fourth mended them, the fifth was unseen."""
NOISE_DBFS = -45.0
"""A room's noise on the line of every fourth person: 22 dB below speech."""
_TOPIC_STRIDE = 3
"""So that nobody says the entries of one line of the file only."""
_FOLLOW_UPS = {
    "identity": "네, 맞습니다.",
    "good_time": "네, 좋아요.",
    "health.bad": "한 달쯤 됐어요.",
    "meals.bad": "오늘 아침에 조금 먹었어요.",
    "medicine.bad": "나이가 들어서 그래요.",
    "mood.bad": "그냥 그래요.",
    "needs.bad": "좀 알아봐 주세요.",
    "confirm": "아니요, 그런 건 아니에요.",
}


@dataclass(frozen=True)
class Said:
    """One spoken answer and what became of it."""

    number: str
    voice: str
    noise: bool
    topic: str
    meant: str
    said: str
    recorded: str
    """AnswerValue of the ledger; `no_call` where there was no call in which it could have been said."""
    heard: tuple[str, ...]
    """Words of the recogniser in the turns about this topic, in order; in brackets why one was rejected."""

    @property
    def verdict(self) -> str:
        """right, unsure (asked, not understood: a human looks), lost, bad_as_ok, ok_as_bad."""
        if self.recorded == self.meant:
            return "right"
        if self.recorded in {AnswerValue.OK, AnswerValue.BAD}:
            return f"{self.meant}_as_{self.recorded}"
        return "unsure" if self.recorded == AnswerValue.UNSURE else "lost"


def read_answers(path: Path = ANSWERS[0]) -> dict[str, list[tuple[str, str]]]:
    """topic -> [(meant, words)], the same number for each topic."""
    content = YAML(typ="safe").load(path.read_text("utf-8"))
    for topic in CHECK_IN_TOPICS:
        for entry in content[topic]:
            if len(entry) != 1:  # YAML takes a comma in bare words for the beginning of another entry
                raise ValueError(f"{path}: {topic}: {entry}: put the words in quotation marks")
    return {topic: [next(iter(entry.items())) for entry in content[topic]] for topic in CHECK_IN_TOPICS}


def people(spoken: dict[str, list[tuple[str, str]]], number: int | None = None) -> list[Persona]:
    """Personas who between them say every answer once, each with one of the five voices; only the first `number`."""
    count = min(len(entries) for entries in spoken.values())
    return [_person(spoken, index, count) for index in range(count)][:number]


def _entry(index: int, topic_index: int, count: int) -> int:
    return (index + _TOPIC_STRIDE * topic_index) % count


def _person(spoken: dict[str, list[tuple[str, str]]], index: int, count: int) -> Persona:
    says = {topic: spoken[topic][_entry(index, at, count)][1] for at, topic in enumerate(CHECK_IN_TOPICS)}
    return Persona(
        number=number_of(index),
        name=NAME,
        address=FORM,
        about="뜻을 아는 대답을 하는 사람(측정용).",
        demo=True,
        answers_after_s=0.5,
        noise_dbfs=NOISE_DBFS if _noisy(index) else None,
        me=Speaker.model_validate(
            {
                "voice": VOICES[index % len(VOICES)],
                "says": {**_FOLLOW_UPS, **says},
                "default": None,
            }  # unknown line: silence
        ),
    )


def _noisy(index: int) -> bool:
    return index % 4 == 3  # noqa: PLR2004 - every fourth; 4 and the five voices have no common divisor


def read_back(run: RealCalls, spoken: dict[str, list[tuple[str, str]]]) -> list[Said]:
    """What the ledger holds of every answer that was to be given."""
    meant = {words: value for entries in spoken.values() for value, words in entries}
    with run.store().read() as connection:
        recorded, heard = _recorded(connection), _heard(connection)
    found = []
    for persona in run.personas:
        for topic in CHECK_IN_TOPICS:
            key = (f"demo-{persona.number[-4:]}", topic.value)
            words = persona.me.says[topic][0].say
            found.append(
                Said(
                    persona.number,
                    persona.me.voice,
                    persona.noise_dbfs is not None,
                    topic.value,
                    meant[words],
                    words,
                    recorded.get(key, "no_call"),
                    tuple(heard.get(key, ())),
                )
            )
    return found


def _recorded(connection: Connection) -> dict[tuple[str | None, str], str]:
    """By (reference, topic); of the last call of each person."""
    query = (
        select(persons.c.reference, answers.c.topic, answers.c.value)
        .join(calls, calls.c.id == answers.c.call_id)
        .join(persons, persons.c.id == calls.c.person_id)
        .order_by(calls.c.id)
    )
    return {(row.reference, row.topic): row.value for row in connection.execute(query)}


def _heard(connection: Connection) -> dict[tuple[str | None, str], list[str]]:
    query = (
        select(persons.c.reference, turns.c.topic, turns.c.text, turns.c.rejected)
        .join(calls, calls.c.id == turns.c.call_id)
        .join(persons, persons.c.id == calls.c.person_id)
        .where(turns.c.who == "person")
        .order_by(calls.c.id, turns.c.position)
    )
    found: defaultdict[tuple[str | None, str], list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.reference, row.topic].append(f"({row.rejected}) {row.text}" if row.rejected else row.text)
    return found


def figures(said: Iterable[Said]) -> dict[str, Any]:
    """Verdicts together, by topic, by voice, by line; character error rate of the first hearing; every error."""
    everything = list(said)
    return {
        "n": len(everything),
        **_verdicts(everything),
        "by_topic": _by(everything, "topic"),
        "by_voice": _by(everything, "voice"),
        "by_line": {
            "quiet": _verdicts([one for one in everything if not one.noise]),
            f"noise {NOISE_DBFS:g} dBFS": _verdicts([one for one in everything if one.noise]),
        },
        "by_meaning": _by(everything, "meant"),
        "cer_first_hearing": round(
            character_error_rate((one.said, one.heard[0]) for one in everything if one.heard), 3
        ),
        "errors": [asdict(one) | {"verdict": one.verdict} for one in everything if one.verdict != "right"],
    }


def _verdicts(said: list[Said]) -> dict[str, int]:
    counted = Counter(one.verdict for one in said)
    return {verdict: counted[verdict] for verdict in ("right", "unsure", "lost", "ok_as_bad", "bad_as_ok")}


def _by(said: list[Said], field: str) -> dict[str, dict[str, int]]:
    groups: defaultdict[str, list[Said]] = defaultdict(list)
    for one in said:
        groups[getattr(one, field)].append(one)
    return {name: _verdicts(group) for name, group in groups.items()}
