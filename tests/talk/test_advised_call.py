"""The call with a language model beside it: a real server, good or bad, and a line that measures every silence."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from chat_server import DONE, SEASON, ChatServer, Reply, chunk, whole

from callbot.adapters.openai_advice import ModelServer, OpenAiAdvice
from callbot.converse.addressee import Addressee
from callbot.converse.dialogue import welfare_call
from callbot.converse.lines import lines_for
from callbot.converse.memory_candidate import MemoryKind
from callbot.converse.outcome import ContactResult, Outcome
from callbot.converse.transcript import Turn
from callbot.line.happenings import Answered, Said, Utterance
from callbot.listen.listen_for import ListenFor
from callbot.listen.utterance import Transcript
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.talk.advising import Advising
from callbot.talk.hold_call import hold_call
from callbot.understand.meaning import AnswerValue, Signal, Topic
from callbot.understand.understander import Understander

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
ADDRESSEE = Addressee("김순자")
LINES = {line.text: line for line in lines_for(SCRIPT, ADDRESSEE)}
LINE_S = 0.05
"""A line of ours on this line; really two or three seconds."""
DEADLINE_S = 0.4
DEAD_AIR_S = 0.5
"""TakeAdvice.wait_s: the most that a model may add between two lines of ours."""
SLACK_S = 0.4
"""For a machine that does other things as well."""
SAYS = {
    Topic.IDENTITY: "네, 맞습니다",
    Topic.GOOD_TIME: "네, 좋아요",
    Topic.HEALTH: "그냥 그렇지요 늘 그래요",
    Topic.MEALS: "먹으나 마나지 뭐 지훈이 오면 먹고",
    Topic.SLEEP: "잠이 안 와서 밤새 뒤척여요",
    Topic.MEDICINE: "약도 잘 먹고 있습니다",
    Topic.MOOD: "마음은 편안해요",
    Topic.OUTING: "어제 시장에 다녀왔어요",
    Topic.NEEDS: "괜찮아요, 필요한 거 없어요",
    Topic.NOTICE: "작년 겨울부터 그래요",
}


@dataclass
class TimedLine:
    """A line (callbot.talk.hold_call.LiveLine) with somebody on it who answers by topic, and a watch."""

    says: dict[Topic, str] = field(default_factory=lambda: dict(SAYS))
    spoken: list[str] = field(default_factory=list)
    gaps: list[tuple[float, str]] = field(default_factory=list)
    """(seconds of silence, what was said next) after the person's words and between lines of ours."""
    _quiet_since: float | None = None
    _n: int = 0

    def seconds(self) -> float:
        return time.monotonic()

    async def await_pickup(self, silence_s: float) -> bool:  # noqa: ARG002 - nobody says a word first
        return False

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:  # noqa: ARG002 - nobody cuts in
        await self._play(clip)
        return Said(0.0)

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        text = await self._play(clip)
        asked = LINES[text].id.partition(".")[0] if text in LINES else "notice"
        topic = (
            Topic.IDENTITY
            if "identity" in LINES.get(text, LINES[next(iter(LINES))]).id
            else Topic(listen.topic or asked)
        )
        words: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        words.set_result(Transcript(self.says[topic], 0.9))
        return Answered(0.0, utterance=Utterance(0.0, 1.0, words))

    def take_overheard(self) -> tuple[Utterance, ...]:
        return ()

    async def hang_up(self) -> None:
        pass

    async def _play(self, clip: bytes) -> str:
        text = clip.decode()
        if self._quiet_since is not None:
            self.gaps.append((time.monotonic() - self._quiet_since, text))
        self.spoken.append(text)
        await asyncio.sleep(LINE_S)
        self._quiet_since = time.monotonic()
        return text


class Rendered:
    """Script lines are rendered, nothing else is."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:  # noqa: ARG002 - as quick
        return text.encode() if text in LINES or text == "네." else None


class QuickVoice:
    """A voice that takes so long for a sentence."""

    def __init__(self, takes_s: float = 0.01) -> None:
        self.takes_s = takes_s
        self.spoke: list[str] = []

    async def speak(self, text: str) -> bytes:
        await asyncio.sleep(self.takes_s)
        self.spoke.append(text)
        return text.encode()


class Kept:
    """Turns and pages."""

    def __init__(self) -> None:
        self.turns: dict[int, Turn] = {}

    def turn(self, turn: Turn) -> None:
        self.turns[turn.index] = turn

    def page(self, signals: tuple[Signal, ...]) -> None:
        pass


@dataclass
class Held:
    outcome: Outcome
    line: TimedLine
    turns: list[Turn]
    counts: dict[str, int]
    requests: list[dict[str, Any]]
    faults: list[str]

    @property
    def worst_gap(self) -> tuple[float, str]:
        return max(self.line.gaps)


def answer(**parts: Any) -> str:
    nothing = {"answer": "unsure", "quote": "", "empathy": "", "question": "", "requests": [], "memories": []}
    return json.dumps({**nothing, **parts}, ensure_ascii=False)


def hold(
    understander: Understander,
    reply: Callable[[dict[str, Any]], Reply],
    voice: QuickVoice | None = None,
    line: TimedLine | None = None,
) -> Held:
    """One call; the probe is answered well, everything after it by `reply`."""
    line = line or TimedLine()

    def served(request: dict[str, Any]) -> Reply:
        probing = "season" in request["messages"][0]["content"]
        return Reply(SEASON) if probing else reply(json.loads(request["messages"][1]["content"]))

    async def call(url: str) -> tuple[Outcome, list[Turn], dict[str, int]]:
        model = OpenAiAdvice(ModelServer(url, "m", "k", DEADLINE_S))
        advising = Advising(model, understander.analyser, Rendered(), voice)
        await model.probe(5.0)
        advice, kept = advising.for_call(ADDRESSEE.name), Kept()
        hear = partial(understander.hear, name=ADDRESSEE.name)
        outcome = await hold_call(welfare_call(SCRIPT, ADDRESSEE), line, advice.voice, kept, hear, advice=advice)
        await advice.close()
        await advising.close()
        assert advising.tally.counts == advice.counts
        return outcome, [kept.turns[index] for index in sorted(kept.turns)], dict(advice.counts)

    with ChatServer(served) as server:
        outcome, turns, counts = asyncio.run(call(server.url))
    return Held(outcome, line, turns, counts, server.requests[1:], server.faults)


def the_same(reply: Reply) -> Callable[[dict[str, Any]], Reply]:
    return lambda _: reply


def kind(told: dict[str, Any]) -> Reply:
    """A good model."""
    match told["topic"]:
        case "health":
            return Reply(whole(answer(answer="bad", quote="늘 그래요", empathy="그러시면 참 고단하시겠어요.")))
        case "sleep":
            memory = {"kind": "health", "about": "불면", "quote": "밤새 뒤척여요"}
            question = "언제부터 잠이 안 오셨어요?"
            return Reply(whole(answer(empathy="밤새 많이 고단하시겠어요.", question=question, memories=[memory])))
        case "outing":
            request = {"kind": "escort", "quote": "시장에 다녀왔어요"}
            return Reply(whole(answer(answer="ok", quote="다녀왔어요", empathy="좋으셨겠어요.", requests=[request])))
        case _:
            return Reply(whole(answer()))


BAD: dict[str, Reply] = {
    "silent": Reply(wait_s=DEADLINE_S * 2),
    "a drop at a time": Reply(whole(answer(empathy="힘드시겠어요.")), pause_s=0.3),
    "429": Reply((b"{}",), status=429),
    "500": Reply((b"oh",), status=500),
    "cut short": Reply((chunk('{"answer": "b'),)),
    "cut off": Reply((chunk('{"answer": "b'),), drops=True),
    "corrupt": Reply((b"data: {oh\n\n",)),
    "refuses": Reply((chunk(refusal="싫어요"), chunk("", "stop"), DONE)),
    "babbles": Reply(tuple(chunk("다행이에요 " * 50) for _ in range(200))),
    "another schema": Reply(whole('{"say": "다행이에요"}')),
}


def test_a_good_model_makes_the_call_warmer(understander: Understander) -> None:
    """An unclear answer is a worry now, a sentence and a question are in the talk, requests and memories are noted."""
    held = hold(understander, kind, QuickVoice())
    assert held.faults == []
    assert held.outcome.result is ContactResult.CONTACTED
    assert held.outcome.answers[Topic.HEALTH] is AnswerValue.BAD
    assert held.outcome.answers[Topic.MEALS] is AnswerValue.UNSURE
    spoken = held.line.spoken
    bad = spoken.index("아이고, 많이 힘드시겠어요.")
    assert spoken[bad - 1] == "네, 그러시군요.", "said while the model thought"
    assert spoken[bad + 1] == "그러시면 참 고단하시겠어요."
    assert "언제부터 잠이 안 오셨어요?" in spoken
    assert "좋으셨겠어요." not in spoken
    assert held.counts["blocked_relief"] == 1
    assert [(memory.kind, memory.quote) for memory in held.outcome.memories] == [(MemoryKind.HEALTH, "밤새 뒤척여요")]
    assert [request.kind for request in held.outcome.requests] == ["escort"]
    assert {turn.line_id for turn in held.turns} >= {"model.say", "model.ask"}
    assert held.worst_gap[0] < DEAD_AIR_S + SLACK_S


def test_the_same_sentence_is_heard_once_and_sympathy_only_with_a_worry(understander: Understander) -> None:
    """A model that always says the same is not a broken record, and nobody is pitied for sleeping well."""
    always = answer(empathy="그동안 고생이 많으셨겠어요.", question="언제부터 그렇게 느끼셨어요?")
    line = TimedLine()
    line.says[Topic.SLEEP] = "네, 아주 잘 자고 있어요"
    held = hold(understander, lambda _: Reply(whole(always)), QuickVoice(), line)
    spoken = held.line.spoken
    assert spoken.count("그동안 고생이 많으셨겠어요.") == 0
    assert spoken.count("언제부터 그렇게 느끼셨어요?") == 1
    sad = hold(understander, lambda _: Reply(whole(always)), QuickVoice())
    assert sad.line.spoken.count("그동안 고생이 많으셨겠어요.") == 1


def test_names_stay_here(understander: Understander) -> None:
    """Neither the person's name nor that of anybody else is in any request."""
    held = hold(understander, kind)
    sent = json.dumps(held.requests, ensure_ascii=False)
    assert "지훈" not in sent
    assert "순자" not in sent
    assert "[이름1]" in sent


@pytest.fixture(scope="module")
def alone(understander: Understander) -> list[str]:
    """What is said where the model has nothing to say."""
    return hold(understander, lambda _: Reply(whole(answer()))).line.spoken


@pytest.mark.parametrize("reply", BAD.values(), ids=BAD)
def test_a_bad_model_costs_nothing(reply: Reply, understander: Understander, alone: list[str]) -> None:
    """The call is the one that it would be without a word of the model: same questions, same end, no silence."""
    held = hold(understander, the_same(reply), QuickVoice())
    assert held.faults == []
    assert held.outcome.result is ContactResult.CONTACTED
    assert held.outcome.completed
    assert set(held.line.spoken) <= set(LINES)
    assert [text for text in held.line.spoken if text.endswith("?")] == [text for text in alone if text.endswith("?")]
    assert held.worst_gap[0] < DEAD_AIR_S + SLACK_S, held.worst_gap
    assert sum(count for name, count in held.counts.items() if name.startswith(("failed_", "late", "not_asked"))) > 0
    assert len(held.requests) <= 4, "three failures in a row, then the model is left alone"


def test_a_slow_voice_costs_nothing(understander: Understander) -> None:
    """The sentences are left out, what the model read is not; after two the voice is not tried again."""
    voice = QuickVoice(takes_s=5.0)
    held = hold(understander, kind, voice)
    assert set(held.line.spoken) <= set(LINES)
    assert held.outcome.answers[Topic.HEALTH] is AnswerValue.BAD
    assert held.counts["voice_late"] <= 2
    assert held.worst_gap[0] < DEAD_AIR_S + SLACK_S, held.worst_gap


def test_a_crisis_is_not_the_models_affair(understander: Understander) -> None:
    """From a grave word on nothing is asked of the model, and nothing that it says is spoken."""
    line = TimedLine()
    line.says[Topic.HEALTH] = "죽고 싶다는 생각밖에 안 들어요"
    line.says[Topic.CONFIRM] = "네, 지금도 그래요"
    held = hold(understander, lambda _: Reply(whole(answer(empathy="많이 힘드셨겠어요."))), QuickVoice(), line)
    assert held.requests == []
    assert any("109" in text for text in held.line.spoken)
    assert set(held.line.spoken) <= set(LINES)
