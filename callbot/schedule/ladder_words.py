"""A retry ladder in Korean words, as a supervisor reads it before putting it into force."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callbot.people.numbers import Relation
from callbot.schedule.ladder import RetryCause, RetryLadder, Rung
from callbot.schedule.window import SEOUL

CAUSE_KO: dict[RetryCause, str] = {
    RetryCause.DEFAULT: "그 밖",
    RetryCause.BUSY: "통화 중이면",
    RetryCause.NO_ANSWER: "안 받으면",
    RetryCause.OFF: "꺼짐·음성사서함이면",
    RetryCause.REJECTED: "거절하면",
    RetryCause.OTHER_PERSON: "다른 사람이 받으면",
    RetryCause.ASKED: "나중에 걸라고 하면",
    RetryCause.NETWORK: "통신망 장애면",
    RetryCause.OURS: "우리 장애면",
}
DO_KO = {
    "call_again": "다시 전화",
    "other_number": "본인의 다른 번호로 전화",
    "contact": "보호자·이웃에게 전화",
    "sms": "본인에게 문자",
    "page": "담당자에게 알림(전화는 계속)",
    "visit": "방문 요청",
}
RELATION_KO = {Relation.GUARDIAN: "보호자", Relation.NEIGHBOUR: "이웃"}


@dataclass(frozen=True)
class Stage:
    """One line of the preview."""

    clock: str
    """HH:MM if nobody answers each time; `다음 날` before it on a later day. Empty: at the same moment as the line before."""
    text: str


def duration_ko(seconds: float) -> str:
    """90 -> 1분 30초, 5400 -> 1시간 30분."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "시간"), (minutes, "분"), (left, "초")) if n]
    return " ".join(parts) or "바로"


def preview(ladder: RetryLadder, start: datetime) -> tuple[Stage, ...]:
    """From a first call at `start` that nobody answers, and every later one the same, to the end."""
    stages = [Stage(f"{start.astimezone(SEOUL):%H:%M}", "첫 전화")]
    at = start
    for rung in ladder.rungs:
        if not rung.calls:
            stages.append(Stage("", _only(rung) + DO_KO[rung.do]))
            continue
        if not rung.only or RetryCause.NO_ANSWER in rung.only:
            at += rung.delay(RetryCause.NO_ANSWER)
        stages.append(Stage(_clock(at, start), f"{_only(rung)}{_who(rung)} ({waits(rung)})"))
    stages.append(Stage("", "그래도 닿지 않으면 바로 담당자에게 '미응답' 사건을 엽니다"))
    return tuple(stages)


def waits(rung: Rung) -> str:
    """안 받으면 30분 뒤, 통화 중이면 10분 뒤."""
    usual = rung.delay(RetryCause.DEFAULT).total_seconds()
    said = [f"{duration_ko(usual)} 뒤" if usual else "바로"]
    for cause, seconds in rung.after.items():
        if cause is not RetryCause.DEFAULT and seconds != usual:
            said.append(f"{CAUSE_KO[cause]} {duration_ko(seconds)} 뒤" if seconds else f"{CAUSE_KO[cause]} 바로")
    return ", ".join(said)


def _who(rung: Rung) -> str:
    if rung.do != "contact":
        return DO_KO["other_number"] if rung.number == "next" else DO_KO[rung.do]
    return "·".join(RELATION_KO[relation] for relation in rung.who if relation in RELATION_KO) + "에게 전화"


def _only(rung: Rung) -> str:
    return "".join(f"{CAUSE_KO[cause]} " for cause in rung.only)


def _clock(at: datetime, start: datetime) -> str:
    days = (at.astimezone(SEOUL).date() - start.astimezone(SEOUL).date()) // timedelta(days=1)
    return ("다음 날 " if days else "") + f"{at.astimezone(SEOUL):%H:%M}"
