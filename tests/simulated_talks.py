"""Many calls without a telephone: people who answer with sentences of known meaning, and a model that is glad about everything."""

import itertools
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from ruamel.yaml import YAML

from callbot.adapters.openai_advice_schema import read_proposal
from callbot.converse import guards
from callbot.converse.addressee import Addressee
from callbot.converse.advice import Advice, Situation
from callbot.converse.advice_check import AdviceCheck
from callbot.converse.commands import Line
from callbot.converse.masking import Masking
from callbot.converse.sentence_guards import SentenceGuards
from callbot.rehearsal import Did, Rehearsal, rehearse
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.simulate.weeks.sayings import read_bank
from callbot.understand.meaning import CHECK_IN_TOPICS, Meaning, Topic
from callbot.understand.understander import Understander

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
KIM = Addressee("김순자")
GLAD = (
    "다행이에요.", "정말 다행이네요.", "잘 지내신다니 다행이에요.", "건강하시다니 기쁩니다.", "좋으시겠어요.", "안심이 되네요.", "괜찮으시군요.",
    "아프지 않으시군요.", "잘하고 계시네요.", "무사하시군요.", "나아지셨군요.", "마음이 놓이시겠어요.", "참 잘되셨네요.", "걱정 없으시겠어요.",
)  # fmt: skip
GLADLY_ASKED = ("그래서 다행이시죠?", "이제 괜찮으시죠?", "좋으시지요?", "다 나으셨지요?", "잘 지내시죠?")
BY_HEART = {Topic.IDENTITY: "네, 맞습니다", Topic.GOOD_TIME: "네, 괜찮아요", Topic.CONFIRM: "아니요"}


def sentences() -> dict[Topic, dict[str, list[str]]]:
    """Topic -> label -> what people say: the invented bank, and the five sets that were spoken through telephones."""
    found: dict[Topic, dict[str, list[str]]] = {topic: {} for topic in CHECK_IN_TOPICS}
    for name, labels in read_bank().topics.items():
        if name in found:
            for label, texts in labels.items():
                found[Topic(name)].setdefault(label, []).extend(texts)
    for path in sorted((ROOT / "tests" / "data").glob("spoken_answers*.yaml")):
        for name, answers in YAML(typ="safe").load(path.read_text("utf-8")).items():
            for answer in answers:
                ((label, text),) = answer.items()
                found[Topic(name)].setdefault(label, []).append(text)
    return found


class Remembers:
    """Understanding that reads no sentence twice: the calls are made of some hundred. Turns are not told apart."""

    def __init__(self, understander: Understander) -> None:
        self.analyser = understander.analyser
        self.analyse = lru_cache(maxsize=None)(understander.analyser.analyse)
        self._hear = lru_cache(maxsize=None)(
            lambda text, topic, question, confidence, name: understander.hear(
                text, topic, question=question, confidence=confidence, name=name
            )
        )

    def hear(
        self,
        text: str,
        topic: Topic,
        *,
        question: str,
        turn: int,  # noqa: ARG002 - not told apart
        confidence: float,
        name: str,
    ) -> Meaning:
        return self._hear(text, topic, question, confidence, name)


@dataclass
class Glad:
    """The planted model: every answer is fine and every sentence is glad, by way of the real JSON and the real checks."""

    check: AdviceCheck
    counts: Counter[str] = field(default_factory=Counter)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    def advise(self, situation: Situation) -> Advice:
        """See callbot.rehearsal.Advise."""
        turn = next(self._turn)
        said = {
            "answer": "ok",
            "quote": situation.said,
            "empathy": GLAD[turn % len(GLAD)],
            "question": GLADLY_ASKED[turn % len(GLADLY_ASKED)],
            "requests": [],
            "memories": [],
        }
        self.counts["asked"] += 1
        advice = self.check.check(read_proposal(json.dumps(said)), situation)
        self.counts.update(advice.blocked)
        return advice


@dataclass
class Somebody:
    """One person in one call; what they mean is known, and is compared with what the bot says next."""

    dice: random.Random
    says: dict[Topic, dict[str, list[str]]]
    distress: list[tuple[str, str]]
    label: str = ""
    meant: list[tuple[Topic, str, str]] = field(default_factory=list)
    _of: dict[Topic, str] = field(default_factory=dict)

    def pickup(self) -> str:
        return "여보세요"

    def over(self, line: Line, topic: Topic) -> Did | None:  # noqa: ARG002 - nobody cuts in
        return None

    def answer(self, line: Line, topic: Topic) -> Did:  # noqa: ARG002 - by what is asked about
        if topic not in self.says:
            self.label = "ok" if topic in BY_HEART else "other"
            return Did(BY_HEART.get(topic, "네"))
        chance = self.dice.random()
        if chance < 0.05:
            self.label = "silence"
            return Did(unclear=chance < 0.02)
        if chance < 0.08:
            self.label = "distress"
            return Did(
                self.dice.choice([text for name, text in self.distress if name == topic.value] or ["죽고 싶어요"])
            )
        self.label = self._of.setdefault(topic, self.dice.choice(("ok", "bad", "bad", "unclear")))
        text = self.dice.choice(self.says[topic].get(self.label) or ["글쎄요"])
        self.meant.append((topic, self.label, text))
        return Did(text, confidence=self.dice.choice((0.9, 0.9, 0.9, 0.6, 0.35)))


@dataclass
class Talks:
    """What many calls came to."""

    calls: int = 0
    glad: int = 0
    """Glad lines of any kind."""
    false_relief: list[tuple[str, str]] = field(default_factory=list)
    """(what was meant, what the bot said)"""
    worded: int = 0
    """Lines of the model that were spoken."""
    counts: Counter[str] = field(default_factory=Counter)


def hold_many(understander: Understander, calls: int, seed: int) -> Talks:
    """Calls with the planted model."""
    says, talks = sentences(), Talks(calls)
    distress = [(each.topic, each.say) for each in read_bank().distress]
    known = Remembers(understander)
    sentence_guards = SentenceGuards(known)
    for number in range(calls):
        person = Somebody(random.Random(seed * 1_000_003 + number), says, distress)
        model = Glad(AdviceCheck(sentence_guards, Masking(understander.analyser, KIM.name), KIM.name))

        def show(who: str, text: str, person: Somebody = person) -> None:
            if who == "bot" and guards.relief(text):
                talks.glad += 1
                if person.label != "ok":
                    talks.false_relief.append((person.label, text))

        held: Rehearsal = rehearse(SCRIPT, KIM, known, person, show, model.advise)
        assert held.outcome is not None
        talks.worded += sum((turn.line_id or "").startswith("model.") for turn in held.turns)
        talks.counts.update(model.counts)
    return talks
