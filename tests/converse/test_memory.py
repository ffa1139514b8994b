"""What is remembered from week to week: kept, replaced, forgotten, asked about."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from callbot.converse.memory import (
    AT_MOST,
    EVERYTHING,
    SILENT_FOR,
    Heard,
    Learned,
    Memory,
    MemoryState,
    day_named,
    expiry,
    learn,
    may_be_about,
    sift,
    to_ask_about,
    worth_keeping,
)
from callbot.converse.memory_candidate import MemoryCandidate
from callbot.converse.memory_candidate import MemoryKind as Proposed
from callbot.converse.rotation import least_worn
from callbot.converse.transcript import Turn
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import Category, Level, MemoryKind, Mention, Signal, Topic

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=SEOUL)
WEEK = timedelta(weeks=1)
KNEE = Mention("knee", MemoryKind.CHRONIC, "무릎", "무릎이 쑤셔", 3)
COLD = Mention("cold", MemoryKind.ILLNESS, "감기", "감기 걸렸어", 3)
GRANDSON = Mention("grandchild", MemoryKind.VISIT, "손주분", "손자가 토요일에 온대", 5)


def kept(*memories: Memory | Mention, at: datetime = TUESDAY) -> list[Memory]:
    """As the ledger would hold them."""
    mentions = [each for each in memories if isinstance(each, Mention)]
    found = [*learn((), Heard(tuple(mentions)), at).kept, *(each for each in memories if isinstance(each, Memory))]
    return [replace(memory, id=number) for number, memory in enumerate(found, 1)]


def test_what_is_new_is_kept_with_its_call_turn_words_and_end() -> None:
    """The evidence stands beside it, and so does the day on which it is forgotten."""
    (memory,) = learn((), Heard((KNEE,)), TUESDAY, call_id=7).kept

    assert (memory.call_id, memory.turn, memory.quote, memory.detector) == (7, 3, "무릎이 쑤셔", "rules")
    assert memory.first_heard_at == memory.last_heard_at == TUESDAY
    assert memory.expires_at == TUESDAY + timedelta(weeks=12)


def test_what_is_heard_again_replaces_the_words_and_keeps_the_beginning() -> None:
    """One memory a topic, however often it is told."""
    known = kept(KNEE)
    again = replace(KNEE, quote="무릎이 더 아파", turn=9)

    learned = learn(known, Heard((again,)), TUESDAY + WEEK, call_id=8)

    (memory,) = learned.kept
    assert (memory.id, memory.quote, memory.call_id) == (1, "무릎이 더 아파", 8)
    assert (memory.first_heard_at, memory.last_heard_at) == (TUESDAY, TUESDAY + WEEK)
    assert learned.dropped == ()


@pytest.mark.parametrize("mention", [KNEE, COLD, GRANDSON])
def test_what_is_over_is_forgotten(mention: Mention) -> None:
    """ "무릎은 이제 안 아파"."""
    assert learn(kept(mention), Heard((replace(mention, over=True),)), TUESDAY + WEEK) == Learned((), (1,))


def test_what_passes_is_asked_about_once_and_a_chronic_pain_stays() -> None:
    """Having been asked about, a cold is over unless it is told of again; a knee is asked about every second week."""
    cold = learn(kept(COLD), Heard(asked="cold", answered=True), TUESDAY + WEEK)
    knee = learn(kept(KNEE), Heard(asked="knee", answered=True), TUESDAY + WEEK)

    assert cold == Learned((), (1,))
    assert to_ask_about(knee.kept, TUESDAY + 2 * WEEK) is None
    assert to_ask_about(knee.kept, TUESDAY + 3 * WEEK) is not None


def test_a_pain_that_is_over_is_not_asked_about_again() -> None:
    """ "무릎은 지난번보다 어떠세요?" - "이제 안 아파"."""
    assert learn(kept(KNEE), Heard(asked="knee", answered=True, over=True), TUESDAY + WEEK) == Learned((), (1,))


def test_a_cold_told_of_again_may_be_asked_about_once_more() -> None:
    """ "감기는 좀 나으셨어요?" - "아직도 감기야"."""
    learned = learn(kept(COLD), Heard((COLD,), asked="cold", answered=True), TUESDAY + WEEK)

    assert learned.dropped == ()
    assert learned.kept[0].last_heard_at == TUESDAY + WEEK
    assert to_ask_about(learned.kept, TUESDAY + 2 * WEEK) is None
    later = learn(learned.kept, Heard((COLD,)), TUESDAY + 2 * WEEK)
    assert to_ask_about(later.kept, TUESDAY + 3 * WEEK) is not None


def test_not_to_be_spoken_of_erases_the_words_and_is_not_learnt_again() -> None:
    """ "그 얘기는 하지 마": at once, and telling it by the way does not bring the question back."""
    learned = learn(kept(KNEE), Heard(forget=frozenset({"knee"})), TUESDAY + WEEK)

    (memory,) = learned.kept
    assert (memory.state, memory.quote, memory.call_id) == (MemoryState.SILENCED, "", None)
    assert memory.expires_at == TUESDAY + WEEK + SILENT_FOR
    assert to_ask_about([memory], TUESDAY + 2 * WEEK) is None
    assert learn([memory], Heard((KNEE,)), TUESDAY + 2 * WEEK) == Learned()


def test_forget_it_all() -> None:
    """ "잊어 주세요", and nothing in particular was spoken of."""
    known = kept(KNEE, COLD)

    assert set(learn(known, Heard((GRANDSON,), frozenset({EVERYTHING})), TUESDAY).dropped) == {1, 2}


def test_what_was_told_and_taken_back_in_one_call_is_never_kept() -> None:
    """Told and then "그 얘기는 잊어 줘"."""
    assert learn((), Heard((KNEE,), frozenset({"knee"})), TUESDAY).kept[0].quote == ""


def test_there_is_room_for_so_many() -> None:
    """The one that was not heard of for longest makes room."""
    many = [replace(KNEE, topic=f"own:{number}") for number in range(AT_MOST)]
    known = kept(*many)

    learned = learn(known, Heard((COLD,)), TUESDAY + WEEK)

    assert len(learned.kept) == 1
    assert len(learned.dropped) == 1


@pytest.mark.parametrize(
    "signal",
    [
        Signal(Category.SUICIDE, Level.WATCH, "suicide.x", "말", "까닭", "t", "1"),
        Signal(Category.ABUSE, Level.WATCH, "abuse.x", "말", "까닭", "t", "1"),
        Signal(Category.MEDICAL, Level.EMERGENCY, "medical.x", "말", "까닭", "t", "1"),
    ],
)
def test_nothing_is_kept_of_a_crisis(signal: Signal) -> None:
    """Neither of grave words, nor of suicide or abuse at any level."""
    assert worth_keeping((KNEE,), (signal,)) == ()
    assert worth_keeping((KNEE,), (Signal(Category.PAIN, Level.WATCH, "pain.x", "말", "까닭", "t", "1"),)) == (KNEE,)


def test_it_is_not_asked_about_on_the_day_it_was_told_nor_before_its_day() -> None:
    """A second call of the same day repeats nothing, and the grandson is asked after once Saturday is over."""
    known = kept(GRANDSON)

    assert known[0].due_on == date(2026, 11, 28)
    assert to_ask_about(known, TUESDAY) is None
    assert to_ask_about(known, TUESDAY + timedelta(days=3)) is None
    assert to_ask_about(known, TUESDAY + WEEK) == known[0]


def test_nothing_is_asked_about_after_its_end() -> None:
    """A cold of a month ago."""
    assert to_ask_about(kept(COLD), TUESDAY + 2 * WEEK) is not None
    assert to_ask_about(kept(COLD), TUESDAY + 4 * WEEK) is None


def test_what_has_a_day_comes_before_what_always_is() -> None:
    """One question a call: the visit first, the knee in another week."""
    known = kept(KNEE, COLD, GRANDSON)

    assert to_ask_about(known, TUESDAY + WEEK) == next(each for each in known if each.topic == "grandchild")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("내일 병원 가", date(2026, 11, 25)),
        ("모레 검사", date(2026, 11, 26)),
        ("토요일에 온대", date(2026, 11, 28)),
        ("월요일에 가", date(2026, 11, 30)),
        ("이번 주 금요일", date(2026, 11, 27)),
        ("다음 주 화요일에 병원 가요", date(2026, 12, 1)),
        ("12월 3일에 수술해", date(2026, 12, 3)),
        ("5일날 가", date(2026, 12, 5)),
        ("31일에 와", date(2026, 12, 31)),
        ("다음 주에 와", None),
        ("무릎이 아파", None),
    ],
)
def test_the_day_that_is_named(text: str, day: date | None) -> None:
    """From a Tuesday on; never in the past."""
    assert day_named(text, TUESDAY) == day


def test_a_day_far_ahead_keeps_it_until_after_that_day() -> None:
    """Surgery in two months is still asked about."""
    assert expiry(MemoryKind.APPOINTMENT, TUESDAY, date(2027, 1, 20)) > datetime(2027, 2, 1, tzinfo=SEOUL)


@pytest.mark.parametrize(
    "about", ["계좌번호", "010", "<b>", "진통제 두 알", "아주 길고 긴 이야기를 하나 적어 봅니다", ""]
)
def test_not_everything_may_stand_in_a_question(about: str) -> None:
    """Whoever proposes it, a model or a worker: the guards hold."""
    assert not may_be_about(about)


def test_a_models_proposal_needs_the_persons_own_words_in_that_turn() -> None:
    """A quote that was never said, or was ours, is nobody's memory; known words get the topic and kind of the lexicon."""
    turns = [
        Turn(0, "bot", "고양이는 잘 있어요?", None),
        Turn(1, "person", "고양이가 아파서 병원에 데려갔어"),
        Turn(2, "person", "무릎은 늘 그래"),
    ]
    topics = {"무릎": Mention("knee", MemoryKind.CHRONIC, "무릎", "")}

    def proposed(kind: Proposed, about: str, quote: str, turn: int) -> tuple[Mention, ...]:
        return sift([MemoryCandidate(kind, about, quote, Topic.HEALTH, turn)], turns, (), topics)

    assert proposed(Proposed.ACTIVITY, "고양이", "고양이가 아파서", 1)[0].topic == "own:고양이"
    assert proposed(Proposed.FAMILY, "무릎", "무릎은 늘 그래", 2)[0].kind is MemoryKind.CHRONIC
    assert proposed(Proposed.ACTIVITY, "고양이", "고양이는 잘", 0) == ()
    assert proposed(Proposed.ACTIVITY, "고양이", "고양이가 죽었어", 1) == ()
    assert proposed(Proposed.WORRY, "고양이", "고양이가 아파서", 1) == ()


def test_no_wording_comes_four_weeks_running() -> None:
    """With two wordings they alternate, with three each comes every third week."""
    for wordings in (("가", "나"), ("가", "나", "다")):
        said: list[str] = []
        for _ in range(12):
            said.insert(0, least_worn(wordings, said[:6]))
        assert all(len(set(said[at : at + 2])) == 2 for at in range(11))
        assert set(said[: len(wordings)]) == set(wordings)
