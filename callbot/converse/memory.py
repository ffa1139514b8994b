"""What is remembered of somebody from one week to the next: kept, replaced, forgotten, asked about. Pure; time is an argument.

A memory is a topic in our own words (`무릎`, `손주분`), the person's words as evidence, and an end: nothing is kept for ever, and
what is over is gone. Nothing is kept of a crisis, of suicide or of abuse.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from callbot.converse import guards
from callbot.converse.memory_candidate import MemoryCandidate
from callbot.converse.memory_candidate import MemoryKind as Proposed
from callbot.converse.transcript import Turn
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import Category, Level, MemoryKind, Mention, Signal

KEPT_FOR: dict[MemoryKind, timedelta] = {
    MemoryKind.CHRONIC: timedelta(weeks=12),
    MemoryKind.ILLNESS: timedelta(weeks=3),
    MemoryKind.VISIT: timedelta(weeks=4),
    MemoryKind.APPOINTMENT: timedelta(weeks=4),
    MemoryKind.EVENT: timedelta(weeks=6),
}
"""From when it was last heard of. Long enough for one question in the week after, and for a fortnight's rhythm."""
AFTER_ITS_DAY = timedelta(weeks=3)
"""What has a day of its own is kept so long after it."""
SILENT_FOR = timedelta(weeks=26)
"""Having been asked not to speak of something, we do not take it up again for so long."""
ASK_AGAIN_AFTER = timedelta(days=12)
"""A chronic pain is asked about every second week at most: nobody wants to be their knee."""
AT_MOST = 8
"""Memories of one person; the one that was not heard of for longest makes room."""
EVERYTHING = "*"
"""As a topic to forget: all of it."""
OWN = "own:"
"""Begins the topic of a memory that the lexicon does not know, before what it is about."""

_ABOUT = re.compile(r"[가-힣]+( [가-힣]+)*")
_ABOUT_AT_MOST = 12
_NEVER_KEPT = frozenset({Category.SUICIDE, Category.ABUSE})
_FIRST = (MemoryKind.APPOINTMENT, MemoryKind.VISIT, MemoryKind.EVENT, MemoryKind.ILLNESS, MemoryKind.CHRONIC)


class MemoryState(StrEnum):
    """Whether it may be spoken of."""

    KEPT = "kept"
    SILENCED = "silenced"  # "그 얘기는 하지 마": the words are erased, the topic is left alone


@dataclass(frozen=True)
class Memory:
    """One thing about one person."""

    topic: str
    kind: MemoryKind
    about: str
    quote: str
    first_heard_at: datetime
    last_heard_at: datetime
    expires_at: datetime
    id: int | None = None
    """None: not written yet."""
    call_id: int | None = None
    """Where it was heard last; None: a worker wrote it."""
    turn: int = -1
    detector: str = "rules"
    """`rules`, `model` or `worker`."""
    due_on: date | None = None
    """The day it is about, where one was named; asked about from the day after."""
    asked_at: datetime | None = None
    state: MemoryState = MemoryState.KEPT


@dataclass(frozen=True)
class Learned:
    """What a call changes: rows to write (those with an id replace), and ids to delete."""

    kept: tuple[Memory, ...] = ()
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heard:
    """What one call said that concerns memory."""

    mentions: tuple[Mention, ...] = ()
    forget: frozenset[str] = frozenset()
    """Topics that the person does not want to be spoken of, or EVERYTHING."""
    asked: str | None = None
    """The topic that we asked about."""
    answered: bool = False
    """And words came back."""
    over: bool = False
    """They said that it is past: "이제 안 아파"."""


def worth_keeping(mentions: Iterable[Mention], signals: Sequence[Signal]) -> tuple[Mention, ...]:
    """None of it where the same words told of a crisis, of suicide or of abuse at any level."""
    for signal in signals:
        if signal.level.rank >= Level.HIGH.rank or signal.category in _NEVER_KEPT:
            return ()
    return tuple(mentions)


def learn(known: Sequence[Memory], heard: Heard, now: datetime, *, call_id: int | None = None) -> Learned:
    """Keep what is new, replace what is heard again, forget what is over or was not to be spoken of."""
    if EVERYTHING in heard.forget:
        return Learned(dropped=tuple(memory.id for memory in known if memory.id is not None))
    by_topic = {memory.topic: memory for memory in known}
    changed: dict[str, Memory | None] = {}
    if heard.asked in by_topic:
        changed[heard.asked] = None if heard.over else _asked(by_topic[heard.asked], now, answered=heard.answered)
    for mention in heard.mentions:
        old = by_topic.get(mention.topic)
        if old is not None and old.state is MemoryState.SILENCED:
            continue
        changed[mention.topic] = None if mention.over else _heard_again(old, mention, now, call_id, heard.asked)
    for topic in heard.forget:
        old = changed.get(topic) or by_topic.get(topic)
        changed[topic] = silenced(old, now) if old is not None else None
    after = {topic: memory for topic, memory in (by_topic | changed).items() if memory is not None}
    crowded = sorted(after.values(), key=lambda memory: memory.last_heard_at, reverse=True)[AT_MOST:]
    changed |= {memory.topic: None for memory in crowded}
    kept = tuple(memory for memory in changed.values() if memory is not None)
    gone = (by_topic[topic].id for topic, memory in changed.items() if memory is None and topic in by_topic)
    return Learned(kept, tuple(each for each in gone if each is not None))


def _asked(memory: Memory, now: datetime, *, answered: bool) -> Memory | None:
    """A cold that was asked about is over unless it is spoken of again; a bad knee stays."""
    if answered and memory.kind is not MemoryKind.CHRONIC:
        return None
    if not answered:
        return replace(memory, asked_at=now)
    return replace(memory, asked_at=now, last_heard_at=now, expires_at=expiry(memory.kind, now, memory.due_on))


def _heard_again(old: Memory | None, mention: Mention, now: datetime, call_id: int | None, asked: str | None) -> Memory:
    due_on = day_named(mention.quote, now) or (old.due_on if old is not None else None)
    asked_at = now if asked == mention.topic else old.asked_at if old is not None else None
    if mention.kind is not MemoryKind.CHRONIC and asked != mention.topic:
        asked_at = None  # told anew: it may be asked about once more
    return Memory(
        topic=mention.topic,
        kind=mention.kind,
        about=old.about if old is not None and old.detector == "worker" else mention.about,
        quote=mention.quote,
        first_heard_at=old.first_heard_at if old is not None else now,
        last_heard_at=now,
        expires_at=expiry(mention.kind, now, due_on),
        id=old.id if old is not None else None,
        call_id=call_id,
        turn=mention.turn,
        due_on=due_on,
        asked_at=asked_at,
    )


def silenced(memory: Memory, now: datetime) -> Memory:
    """The words are erased; that we must not ask is all that is left, and that has an end too."""
    return replace(
        memory, quote="", due_on=None, call_id=None, turn=-1, expires_at=now + SILENT_FOR, state=MemoryState.SILENCED
    )


def expiry(kind: MemoryKind, heard_at: datetime, due_on: date | None = None) -> datetime:
    """When it is forgotten unless it is heard of again."""
    by_kind = heard_at + KEPT_FOR[kind]
    if due_on is None:
        return by_kind
    return max(by_kind, datetime.combine(due_on, time(0), SEOUL) + AFTER_ITS_DAY)


def to_ask_about(memories: Iterable[Memory], now: datetime) -> Memory | None:
    """The one thing to ask about in a call today; None: nothing. Judged by the day, so that a call that is prepared and
    the call itself choose alike."""
    today = now.astimezone(SEOUL).date()
    askable = [memory for memory in memories if _askable(memory, today)]
    return min(askable, key=_urgency, default=None)


def _askable(memory: Memory, today: date) -> bool:
    heard_on, ends_on = memory.last_heard_at.astimezone(SEOUL).date(), memory.expires_at.astimezone(SEOUL).date()
    if memory.state is not MemoryState.KEPT or heard_on >= today or ends_on <= today:
        return False
    if memory.due_on is not None and memory.due_on >= today:
        return False
    if memory.asked_at is None:
        return True
    asked_on = memory.asked_at.astimezone(SEOUL).date()
    return memory.kind is MemoryKind.CHRONIC and today - asked_on >= ASK_AGAIN_AFTER


def _urgency(memory: Memory) -> tuple[int, float, float, str]:
    asked = memory.asked_at.timestamp() if memory.asked_at else 0.0
    return (_FIRST.index(memory.kind), asked, -memory.last_heard_at.timestamp(), memory.topic)


# -- proposed by a language model --------------------------------------------------------------------------------------


_AS: dict[Proposed, MemoryKind] = {
    Proposed.HEALTH: MemoryKind.CHRONIC,
    Proposed.FAMILY: MemoryKind.VISIT,
    Proposed.EVENT: MemoryKind.EVENT,
    Proposed.ACTIVITY: MemoryKind.EVENT,
}
"""What a model proposes that has a question of ours. Worries and likings have none: they are not kept."""


def may_be_about(about: str) -> bool:
    """Words that may stand in a spoken question: short, Korean, and nothing that a guard holds back.

    >>> may_be_about("무릎"), may_be_about("계좌번호"), may_be_about("010 0000")
    (True, False, False)
    """
    if not _ABOUT.fullmatch(about) or guards.syllables(about) > _ABOUT_AT_MOST:
        return False
    return not guards.check(f"{about} 말씀을 하셨어요.", may_be_glad=False)


def sift(
    candidates: Iterable[MemoryCandidate], turns: Sequence[Turn], signals: Sequence[Signal], topics: dict[str, Mention]
) -> tuple[Mention, ...]:
    """Those that rest on the person's own words in that very turn. `topics`: known topics by what they are about."""
    said = {turn.index: turn.text for turn in turns if turn.who == "person" and not turn.rejected}
    found: list[Mention] = []
    for candidate in candidates:
        quote, about = candidate.quote.strip(), candidate.about.strip()
        known = topics.get(about)
        kind = known.kind if known is not None else _AS.get(candidate.kind)
        if kind is None or not quote or quote not in said.get(candidate.turn, "") or not may_be_about(about):
            continue
        mention = Mention(known.topic if known is not None else f"{OWN}{about}", kind, about, quote, candidate.turn)
        found += worth_keeping((mention,), [signal for signal in signals if signal.turn == candidate.turn])
    return tuple(found)


# -- the day that was named ---------------------------------------------------------------------------------------------

_WEEKDAYS = "월화수목금토일"
_WEEKDAY = re.compile(rf"(?:(다다음|다음|이번)\s*주\s*)?([{_WEEKDAYS}])요일")
_DATE = re.compile(r"(?:(\d{1,2})\s*월\s*)?(\d{1,2})\s*일(?:$|[\s에날이은까부,.])")
_DAYS = {"글피": 3, "모레": 2, "내일": 1, "오늘": 0}
_WEEKS = {"이번": 0, "다음": 1, "다다음": 2}


def day_named(text: str, now: datetime) -> date | None:
    """The day that somebody names, from today on; None: none, or "다음 주" alone.

    >>> day_named("다음 주 화요일에 병원 가요", datetime(2026, 11, 24, 10, tzinfo=SEOUL))
    datetime.date(2026, 12, 1)
    """
    today = now.astimezone(SEOUL).date()
    for word, days in _DAYS.items():
        if word in text:
            return today + timedelta(days=days)
    if (found := _WEEKDAY.search(text)) is not None:
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(weeks=_WEEKS.get(found[1] or "이번", 0), days=_WEEKDAYS.index(found[2]))
        return day if day >= today or found[1] else day + timedelta(weeks=1)
    if (found := _DATE.search(text)) is not None:
        return _next_date(int(found[1]) if found[1] else None, int(found[2]), today)
    return None


def _next_date(month: int | None, day: int, today: date) -> date | None:
    for ahead in range(13):
        number = today.month - 1 + ahead
        year, of_month = today.year + number // 12, number % 12 + 1
        if month is not None and of_month != month:
            continue
        try:
            found = date(year, of_month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
