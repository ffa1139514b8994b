"""The real dialogue over a line that answers at once: what is said, saved and paged, and in which order."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import pytest

from callbot.converse.addressee import Addressee
from callbot.converse.dialogue import welfare_call
from callbot.converse.lines import lines_for
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.line.happenings import Answered, LineClosed, Said, Utterance
from callbot.listen.listen_for import ListenFor
from callbot.listen.utterance import Transcript
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.talk.hold_call import hold_call
from callbot.talk.ports import EarsDown
from callbot.understand.meaning import AnswerValue, Signal, Topic
from callbot.understand.understander import Understander

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script
ADDRESSEE = Addressee("김순자")
FINE = {
    "identity": "네, 맞습니다",
    "good_time": "네, 좋아요",
    "health": "아픈 데 없어요",
    "meals": "밥은 잘 먹고 있어요",
    "sleep": "네, 잘 자요",
    "medicine": "약도 잘 먹고 있습니다",
    "mood": "마음은 편안해요",
    "outing": "어제 시장에 다녀왔어요",
    "needs": "괜찮아요, 필요한 거 없어요",
}


@dataclass
class Reply:
    """What the person does at a line, named by its id, or at a question, named by its topic."""

    says: str = ""
    """Empty: nothing."""
    presses: str | None = None
    overheard: str = ""
    takes_turn_after_s: float | None = None
    hangs_up: bool = False
    late_s: float | None = None
    """The words of what was overheard come this much later."""
    ears_down: bool = False


@dataclass
class PersonAtTheLine:
    """A line (callbot.talk.hold_call.LiveLine) whose other end answers by the id of what is said; its clock is the words."""

    replies: dict[str, Reply]
    said: list[str] = field(default_factory=list)
    """Ids; where two lines have the same words, one of them."""
    heard: list[str] = field(default_factory=list)
    """The words."""
    at: float = 0.0
    closed: bool = False
    _overheard: list[Utterance] = field(default_factory=list)

    def seconds(self) -> float:
        return self.at

    async def await_pickup(self, silence_s: float) -> bool:  # noqa: ARG002 - the person speaks at once
        self._hear("여보세요", Reply())
        return True

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:
        reply, began = self._play(clip)
        taken = self._utterance(reply.says, reply) if reply.takes_turn_after_s is not None and interruptible else None
        return Said(began, self.take_overheard(), taken, reply.takes_turn_after_s if taken else None)

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        reply, began = self._play(clip, asked=True)
        until, overheard = reply.takes_turn_after_s, self.take_overheard()
        if reply.presses is not None:
            return Answered(began, overheard, digit=reply.presses, said_until_s=until)
        if not reply.says:
            return Answered(began, overheard, silence_s=listen.silence_s)
        return Answered(began, overheard, self._utterance(reply.says, reply), said_until_s=until)

    def take_overheard(self) -> tuple[Utterance, ...]:
        taken, self._overheard = tuple(self._overheard), []
        return taken

    async def hang_up(self) -> None:
        self.closed = True

    def _play(self, clip: bytes, *, asked: bool = False) -> tuple[Reply, float]:
        if self.closed:
            raise LineClosed
        line_id, _, text = clip.decode().partition("|")
        self.said.append(line_id)
        self.heard.append(text)
        began, self.at = self.at, self.at + len(clip) / 100
        topic = line_id.removeprefix("opening.").partition(".")[0] if asked else ""
        reply = self.replies.get(line_id) or self.replies.get(topic) or Reply()
        if reply.overheard:
            self._hear(reply.overheard, reply)
        if reply.hangs_up:
            self.closed = True
            raise LineClosed
        return reply, began

    def _hear(self, words: str, reply: Reply) -> None:
        self._overheard.append(self._utterance(words, reply))

    def _utterance(self, words: str, reply: Reply) -> Utterance:
        began, self.at = self.at, self.at + 1.0
        future: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        if reply.ears_down:
            future.set_exception(EarsDown("no recogniser"))
            future.exception()
        elif reply.late_s is not None:
            asyncio.get_running_loop().call_later(reply.late_s, future.set_result, Transcript(words, 0.9))
        else:
            future.set_result(Transcript(words, 0.9))
        return Utterance(began, self.at, future)


class ReadAloud:
    """A voice whose clips hold their line's id."""

    def __init__(self, missing: Iterable[str] = ()) -> None:
        self._ids = {(line.text, line.slow): line.id for line in lines_for(SCRIPT, ADDRESSEE)}
        self._missing = set(missing)

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        found = self._ids.get((text, slow)) or self._ids[(text, not slow)]
        return None if found in self._missing else f"{found}|{text}".encode()


@dataclass
class Kept:
    """What was saved and paged, in order."""

    what: list[Turn | tuple[Signal, ...]] = field(default_factory=list)

    def turn(self, turn: Turn) -> None:
        self.what.append(turn)

    def page(self, signals: tuple[Signal, ...]) -> None:
        self.what.append(signals)

    @property
    def turns(self) -> dict[int, Turn]:
        """The last version of each."""
        return {turn.index: turn for turn in self.what if isinstance(turn, Turn)}

    @property
    def pages(self) -> list[tuple[Signal, ...]]:
        return [page for page in self.what if not isinstance(page, Turn)]

    def person(self) -> list[str]:
        """Words of the person, in order."""
        return [turn.text for turn in self.turns.values() if turn.who == "person"]


Held = Callable[..., tuple[Outcome, Kept, PersonAtTheLine]]


@pytest.fixture
def held(understander: Understander) -> Held:
    """Hold a call with somebody who is fine, but for what the test says."""

    def hold(
        missing: Iterable[str] = (), longest_s: float = 30.0, **replies: Reply
    ) -> tuple[Outcome, Kept, PersonAtTheLine]:
        answers = {name: Reply(words) for name, words in FINE.items()}
        person, kept = (
            PersonAtTheLine(answers | {key.replace("__", "."): value for key, value in replies.items()}),
            Kept(),
        )
        hear = partial(understander.hear, name=ADDRESSEE.name)
        call = hold_call(welfare_call(SCRIPT, ADDRESSEE), person, ReadAloud(missing), kept, hear, longest_s=longest_s)
        return asyncio.run(call), kept, person

    return hold


def test_somebody_who_is_fine(held: Held) -> None:
    """Contacted, every question answered, every turn saved once, in the order of the call, with its place in the recording."""
    outcome, kept, person = held()
    assert (outcome.who, outcome.result) == (WhoAnswered.PERSON, ContactResult.CONTACTED)
    assert outcome.completed
    assert set(outcome.answers.values()) == {AnswerValue.OK}
    assert list(kept.turns) == list(range(len(kept.turns)))
    assert kept.person() == ["여보세요", *FINE.values()]
    assert [turn.text for turn in kept.turns.values() if turn.who == "bot"] == person.heard
    asked = {turn.topic: turn.text for turn in kept.turns.values() if turn.who == "person"}
    assert asked[Topic.MEALS] == FINE["meals"]
    offsets = [turn.audio_offset_s for turn in kept.turns.values() if turn.who == "person"]
    assert offsets == sorted(offset for offset in offsets if offset is not None)
    assert kept.pages == []
    assert person.closed


def test_a_page_before_the_next_word(held: Held) -> None:
    """Chest pain: the page is handed over before anything more is said."""
    outcome, kept, _ = held(health=Reply("가슴이 아프고 숨이 차요"))
    at = kept.what.index(kept.pages[0])
    before, after = kept.what[at - 1], kept.what[at + 1]
    assert isinstance(before, Turn)
    assert before.text == "가슴이 아프고 숨이 차요"
    assert isinstance(after, Turn)
    assert after.who == "bot"
    assert any(signal.level == "emergency" for signal in outcome.signals)


def test_a_hang_up_keeps_what_was_said(held: Held) -> None:
    """Hung up in the middle of a line: the answers so far stand, the rest was not asked."""
    outcome, _, _ = held(sleep=Reply(hangs_up=True))
    assert outcome.hung_up
    assert not outcome.completed
    assert outcome.answers[Topic.MEALS] is AnswerValue.OK
    assert outcome.answers[Topic.MOOD] is AnswerValue.NOT_ASKED


def test_a_crisis_in_the_last_words(held: Held) -> None:
    """Said into a line, and hung up: transcribed after the line closed, saved, and paged, and that the line closed over it."""
    outcome, kept, _ = held(sleep=Reply(overheard="가슴이 아프고 숨이 차요", hangs_up=True))
    assert outcome.hung_up
    assert [page[-1].rule == "hang_up_after_crisis" for page in kept.pages] == [False, True]
    assert "가슴이 아프고 숨이 차요" in kept.person()


def test_late_words_are_not_lost(held: Held) -> None:
    """Overheard, and recognised only after the dialogue went on: they come with a later reply."""
    outcome, kept, _ = held(meals=Reply(FINE["meals"], overheard="가슴이 아프고 숨이 차요", late_s=2.3))
    assert kept.person().count("가슴이 아프고 숨이 차요") == 1
    assert len(kept.pages) >= 1
    assert any(signal.level == "emergency" for signal in outcome.signals)


def test_words_over_the_goodbye(held: Held) -> None:
    """Nothing is asked any more; a crisis said there is paged all the same."""
    _, kept, person = held()
    last = person.said[-1]
    _, kept, _ = held(**{last.replace(".", "__"): Reply(overheard="가슴이 아프고 숨이 차요")})
    assert kept.pages
    assert kept.person()[-1] != FINE["needs"]


def test_an_interrupted_line_is_corrected(held: Held) -> None:
    """The turn is saved as it begins and again with how much of it was heard."""
    _, kept, _ = held(meals__ask=Reply("밥은 잘 먹고 있어요", takes_turn_after_s=0.8))
    versions = [turn for turn in kept.what if isinstance(turn, Turn) and turn.line_id == "meals.ask"]
    assert [turn.said_until_s for turn in versions] == [None, 0.8]
    assert len({turn.index for turn in versions}) == 1


def test_no_recogniser(held: Held) -> None:
    """Nothing is understood: no answer is "fine", and nobody counts as contacted by words that were never recognised."""
    down = {name: Reply("말", ears_down=True) for name in FINE}
    outcome, kept, _ = held(**down)
    assert outcome.result is not ContactResult.CONTACTED
    assert AnswerValue.OK not in outcome.answers.values()
    assert {turn.rejected for turn in kept.turns.values() if turn.who == "person" and not turn.text} == {"ears_down"}


def test_nobody_says_anything(held: Held) -> None:
    """Silence at every question is no contact."""
    outcome, _, person = held(**{name: Reply() for name in FINE})
    assert outcome.result is ContactResult.NO_CONTACT
    assert person.closed


def test_a_line_without_a_clip(held: Held) -> None:
    """A fault of ours: the line is skipped, the call goes on."""
    outcome, _, _ = held(missing=["opening.recording", "meals.ok"])
    assert outcome.result is ContactResult.CONTACTED


def test_a_call_that_does_not_end(held: Held) -> None:
    """The hard limit: hung up by us, and what is known by then is the outcome."""
    outcome, _, person = held(longest_s=1.0, meals=Reply(FINE["meals"], overheard="음", late_s=60.0))
    assert person.closed
    assert outcome.answers[Topic.HEALTH] is AnswerValue.OK
    assert outcome.answers[Topic.NEEDS] is AnswerValue.NOT_ASKED
