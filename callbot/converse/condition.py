"""When a question is asked: structured, never an expression. All that one condition names must hold."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from callbot.converse.background import NOTHING, Background
from callbot.converse.script_part import Part
from callbot.people.consent import ConsentKind
from callbot.understand.meaning import AnswerValue, MemoryKind, Topic

Known = Literal["ok", "bad", "unsure"]


class Season(StrEnum):
    """By month, in Seoul."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


_SEASONS = (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)
_MONTHS_A_SEASON = 3


def season_of(day: date) -> Season:
    """December to February is winter.

    >>> season_of(date(2026, 12, 1)), season_of(date(2026, 3, 1))
    (<Season.WINTER: 'winter'>, <Season.SPRING: 'spring'>)
    """
    return _SEASONS[day.month % 12 // _MONTHS_A_SEASON]


class LastTime(Part):
    """An answer in the last call that the person was spoken to in."""

    question: Topic
    answer: Known


class Condition(Part):
    """`{question: meals, answer: bad}`, `{season: [summer]}`, `{memory: chronic}`; what it does not name does not matter."""

    question: Topic | None = None
    """With `answer`: an earlier question of this call."""
    answer: Known | None = None
    last_time: LastTime | None = None
    season: tuple[Season, ...] | None = Field(None, min_length=1)
    memory: MemoryKind | None = None
    """Something of this kind is remembered."""
    consent: ConsentKind | None = None
    """Given and not withdrawn."""

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if (self.question is None) != (self.answer is None):
            raise ValueError("question 과 answer 는 함께 적어야 합니다 (예: {question: meals, answer: bad})")
        if not self.model_fields_set:
            raise ValueError(
                "조건이 비어 있습니다. question 과 answer, last_time, season, memory, consent 가운데 하나를 적으세요"
            )
        return self


def matches(
    condition: Condition | None, answers: Mapping[Topic, AnswerValue], background: Background = NOTHING
) -> bool:
    """Whether it holds now; None always does. What is not known holds for nothing."""
    if condition is None:
        return True
    last, season, memory, consent = condition.last_time, condition.season, condition.memory, condition.consent
    today = season_of(background.today) if background.today is not None else None
    return (
        (condition.question is None or answers.get(condition.question) == condition.answer)
        and (last is None or background.answers.get(last.question) == last.answer)
        and (season is None or today in season)
        and (memory is None or memory.value in background.memories)
        and (consent is None or consent in background.consents)
    )


def is_asked(
    only_if: Condition | None,
    unless: Condition | None,
    answers: Mapping[Topic, AnswerValue],
    background: Background = NOTHING,
) -> bool:
    """The two together are a branch: one question `only_if`, the other `unless` the same."""
    return matches(only_if, answers, background) and (unless is None or not matches(unless, answers, background))
