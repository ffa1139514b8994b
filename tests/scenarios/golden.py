"""Golden calls: a call as a play in YAML, held by the real dialogue with the real understanding, and compared line for line.

    about: 무엇을 보이는 통화인지
    name: 김순자                  # form: 어르신 (default) | 선생님 | 님
    dialogue: contact            # left out: the check-in; contact (to a guardian), incoming, stranger (who calls us)
    call:
    - bot: health.ask             # what the bot says: a line id
    - person: 네, 괜찮아요         # the answer; also {person: .., confidence: 0.3} and {person: .., said_until: 0.2}
    - event: silence              # instead of an answer: silence, unclear, ears (ours are down), key 1, hang-up; `pickup: false`: picks up without a word
    - overheard: 여보세요          # said over the line above without taking the turn; tone_fax, tone_beep: a tone
    - barge-in: 아니 잠깐만         # said over the line above, taking the turn
    - page: [medical/emergency]   # a human is told here
    - worker: reachable           # reply to a step of a transfer: reachable, ringing, joined, spoke, nobody; with `overheard`
    - leaves: done                # the bot hangs up, and why
    result: contacted ...         # what it came to

`pytest tests/scenarios --update` rewrites what the bot does and what it comes to; the diff is read as dialogue.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.background import NOTHING, Background, Recall
from callbot.converse.commands import Ask, AwaitPickup, Command, HangUp, Line, Page, Say, Transfer
from callbot.converse.contact_call import contact_call
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import (
    Connection,
    Event,
    Heard,
    HungUp,
    Interrupted,
    KeyPressed,
    PickedUp,
    Silence,
    Spoken,
    Unclear,
    WorkerState,
)
from callbot.converse.incoming import incoming_call, stranger_call
from callbot.converse.outcome import Outcome
from callbot.converse.script import Script
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import MemoryKind, Topic
from callbot.understand.understander import Understander

Entry = dict[str, Any]
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL)
"""When a golden call is held, for times that are said in it."""

HEAD = ("about", "name", "form", "dialogue", "recall")
RECALLS = {
    "knee": Recall("knee", MemoryKind.CHRONIC, "무릎"), "grandchild": Recall("grandchild", MemoryKind.VISIT, "손주분"),
}  # fmt: skip
"""What is remembered of an earlier call."""
DIALOGUES = {
    "check-in": welfare_call, "contact": contact_call, "incoming": incoming_call, "stranger": stranger_call,
}  # fmt: skip
ANSWERS = ("person", "event")
OVER = ("overheard", "barge-in")


@dataclass(frozen=True)
class Golden:
    """One file."""

    path: Path
    data: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> "Golden":
        return cls(path, YAML(typ="safe").load(path.read_text("utf-8")))

    @property
    def addressee(self) -> Addressee:
        before = Background(RECALLS[self.data["recall"]]) if "recall" in self.data else NOTHING
        return Addressee(self.data.get("name", "김순자"), AddressForm(self.data.get("form", "어르신")), before=before)

    def held(self, script: Script, understander: Understander) -> dict[str, Any]:
        """The same file, with what really happens."""
        performance = Performance(self.data["call"], self.addressee, understander)
        outcome = performance.hold(script, self.data.get("dialogue", "check-in"))
        head = {key: self.data[key] for key in HEAD if key in self.data}
        return head | {"call": performance.entries} | _came_to(outcome, performance.paged)


class Performance:
    """Holds a call with the inputs of a golden file."""

    def __init__(self, entries: list[Entry], addressee: Addressee, understander: Understander) -> None:
        self._inputs = list(_inputs(entries))
        self._addressee = addressee
        self._understander = understander
        self.entries: list[Entry] = []
        self.paged: list[str] = []
        self._turn = 0

    def hold(self, script: Script, dialogue_name: str = "check-in") -> Outcome:
        dialogue = DIALOGUES[dialogue_name](script, self._addressee)
        event: Event = None
        try:
            while True:
                try:
                    event = self._perform(dialogue.send(event))
                except HungUp as hung_up:
                    command = dialogue.throw(hung_up)
                    while True:
                        self._perform(command)
                        command = dialogue.send(None)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def _perform(self, command: Command) -> Event:
        match command:
            case AwaitPickup():
                return self._pickup()
            case Say(line=line, topic=topic):
                self._turn += 1
                self.entries.append({"bot": line.id, "#": line.text})
                return self._over(line, topic)
            case Ask(line=line, topic=topic):
                self._turn += 1
                self.entries.append({"bot": line.id, "#": line.text})
                return self._answer(line, topic)
            case Page(signals=signals):
                page = [f"{signal.category}/{signal.level}{'/미확인' * signal.unconfirmed}" for signal in signals]
                self.paged += page
                self.entries.append({"page": page})
                return None
            case Transfer():
                return self._worker()
            case HangUp(reason=reason):
                self.entries.append({"leaves": reason})
                return None

    def _pickup(self) -> PickedUp:
        if self._inputs and "pickup" in self._inputs[0][1]:
            entry = self._inputs.pop(0)[1]
            self.entries.append(entry)
            return PickedUp(bool(entry["pickup"]))
        return PickedUp(spoke=True)

    def _worker(self) -> Connection:
        """`worker: ringing` below the line; nobody where the file says nothing."""
        if not self._inputs or "worker" not in self._inputs[0][1]:
            return Connection(WorkerState.NOBODY)
        entry = self._inputs.pop(0)[1]
        self.entries.append(entry)
        words = entry.get("overheard")
        overheard = (self._heard(words, Topic.NOTICE, "", entry),) if words else ()
        if entry.get("event") == "hang-up":
            raise HungUp
        return Connection(WorkerState(entry["worker"]), overheard)

    def _over(self, line: Line, topic: Topic) -> Spoken | Interrupted:
        """What is said over a line, where the file has it directly below that line."""
        if not self._inputs or self._inputs[0][0] != line.id or "worker" in self._inputs[0][1]:
            return Spoken()
        entry = self._inputs[0][1]
        if entry.get("event") == "hang-up":
            self._take()
            raise HungUp
        if "overheard" in entry:
            self._take()
            said = entry["overheard"]
            if str(said).startswith("tone_"):
                return Spoken((Unclear(said, self._turn),))
            return Spoken((self._heard(said, Topic.NOTICE, "", entry),))
        if "barge-in" in entry:
            self._take()
            said = entry["barge-in"]
            heard = Unclear("no_speech", self._turn) if said is None else self._heard(said, topic, line.text, entry)
            return Interrupted(heard, float(entry.get("said_until", 0.5)))
        return Spoken()

    def _answer(self, line: Line, topic: Topic) -> Event:
        entry = self._take()
        if "person" in entry:
            return self._heard(entry["person"], topic, line.text, entry)
        kind, _, digit = str(entry["event"]).partition(" ")
        match kind:
            case "silence":
                return Silence(6.0)
            case "unclear":
                return Unclear("no_speech", self._turn)
            case "ears":
                return Unclear("ears_down", self._turn)
            case "key":
                return KeyPressed(digit)
            case "hang-up":
                raise HungUp
            case _:
                raise ValueError(f"no such event: {entry}")

    def _take(self) -> Entry:
        """The next input; silence where the file has no more."""
        entry = self._inputs.pop(0)[1] if self._inputs else {"event": "silence"}
        self._turn += 1
        self.entries.append(entry)
        return entry

    def _heard(self, text: str, topic: Topic, question: str, entry: Entry) -> Heard:
        confidence = float(entry.get("confidence", 0.9))
        meaning = self._understander.hear(
            text, topic, question=question, turn=self._turn, confidence=confidence, name=self._addressee.name
        )
        return Heard(text, meaning, confidence, self._turn, said_until_s=entry.get("said_until"))


def _inputs(entries: list[Entry]) -> list[tuple[str | None, Entry]]:
    """What the person does, each with the line it follows."""
    found: list[tuple[str | None, Entry]] = []
    said: str | None = None
    for entry in entries:
        said = entry.get("bot", said)
        if any(key in entry for key in (*ANSWERS, *OVER, "pickup", "worker")):
            found.append((said, entry))
    return found


def _came_to(outcome: Outcome, paged: list[str]) -> dict[str, Any]:
    signals = [f"{signal.category}/{signal.level}" for signal in outcome.signals if signal.level.rank]
    found: dict[str, Any] = {
        "who": outcome.who.value,
        "result": outcome.result.value,
        "answers": {topic.value: value.value for topic, value in outcome.answers.items()},
        "signals": list(dict.fromkeys(signals)),
        "paged": list(dict.fromkeys(paged)),
    }
    if outcome.requests:
        found["requests"] = [request.kind for request in outcome.requests]
    if outcome.reported:
        found["reported"] = outcome.reported.value
    if outcome.memory.mentions:
        found["mentions"] = [f"{each.topic}{'/over' * each.over}" for each in outcome.memory.mentions]
    if outcome.memory.over:
        found["over"] = outcome.memory.asked
    if outcome.memory.forget:
        found["forget"] = sorted(outcome.memory.forget)
    if outcome.told:
        found["told"] = outcome.told
    if outcome.call_wish:
        found["call_wish"] = f"{outcome.call_wish.moment(TEN):%d %H:%M}"
    if outcome.without:
        found["without"] = list(outcome.without)
    return found | {"hung_up": outcome.hung_up, "completed": outcome.completed}


def as_yaml(data: dict[str, Any]) -> str:
    """One entry a line, the bot's words as a comment: reads as a play."""
    lines = [f"{key}: {_scalar(data[key])}" for key in HEAD if key in data]
    lines.append("call:")
    for entry in data["call"]:
        words = f"  # {entry['#']}" if "#" in entry else ""
        pairs = [(key, value) for key, value in entry.items() if key != "#"]
        if len(pairs) == 1:
            key, value = pairs[0]
            lines.append(f"- {key}: {_scalar(value)}{words}")
        else:
            lines.append("- {" + ", ".join(f"{key}: {_scalar(value)}" for key, value in pairs) + "}")
    for key, value in data.items():
        if key in {*HEAD, "call"}:
            continue
        if isinstance(value, dict):
            lines.append(f"{key}: {{" + ", ".join(f"{k}: {_scalar(v)}" for k, v in value.items()) + "}")
        else:
            lines.append(f"{key}: {_scalar(value)}")
    return "\n".join(lines) + "\n"


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(str(item) for item in value) + "]"
    if value is None:
        return "null"
    text = str(value)
    plain = not any(mark in text for mark in ":#{}[],\"'") and text.strip() == text
    return text if plain or not isinstance(value, str) else '"' + text.replace('"', '\\"') + '"'


def without_comments(data: dict[str, Any]) -> dict[str, Any]:
    """As it is read back from the file."""
    calls = [{key: value for key, value in entry.items() if key != "#"} for entry in data["call"]]
    return data | {"call": calls}
