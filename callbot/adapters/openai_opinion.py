"""A second opinion by any OpenAI-compatible chat.completions. None is configured by default: the words leave the machine."""

import json
import time
from collections.abc import Sequence
from typing import Any

from openai import OpenAI, OpenAIError
from pydantic import BaseModel, ConfigDict, ValidationError

from callbot.assess.second_opinion import Opinion, OpinionUnavailable, Suspicion
from callbot.converse.transcript import Turn
from callbot.understand.meaning import Category, Level

_TASK = (
    "안부 전화의 녹취입니다. 혼자 사는 분이 위험하다고 볼 만한 말이 있으면 그 말을 그대로 옮겨 적어 주세요. "
    "quote에는 '대상자:' 줄에 실제로 있는 말만 적습니다. 없으면 빈 목록을 답합니다. "
    "level: emergency는 몇 분 안에 사람이 가야 하는 일, high는 오늘 사람이 살펴야 하는 일, watch는 적어 둘 일."
)
_LEVELS = (Level.WATCH, Level.HIGH, Level.EMERGENCY)


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: Category
    level: Level
    quote: str


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    suspicions: list[_Item]


_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["suspicions"],
    "properties": {
        "suspicions": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["category", "level", "quote"],
                "properties": {
                    "category": {"type": "string", "enum": [category.value for category in Category]},
                    "level": {"type": "string", "enum": [level.value for level in _LEVELS]},
                    "quote": {"type": "string"},
                },
            },
        }
    },
}


class OpenAiOpinion:
    """SecondOpinion of callbot.assess. Waits at most `timeout_s` all together; nothing is retried."""

    def __init__(self, base_url: str, api_key: str, model: str, *, timeout_s: float = 20.0) -> None:
        self._client = OpenAI(base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=0)
        self._model = model
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def judge(self, turns: Sequence[Turn]) -> Opinion:
        """Raises OpinionUnavailable for whatever the server or the network does wrong."""
        return Opinion(self._model, _suspicions(self._ask(_as_text(turns))))

    def _ask(self, text: str) -> str:
        """Streamed, so that a server that dribbles is given up in time: the client's own limit is for one read."""
        until = time.monotonic() + self._timeout_s
        said: list[str] = []
        finished: str | None = None
        try:
            with self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": _TASK}, {"role": "user", "content": text}],
                temperature=0,
                stream=True,
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "suspicions", "strict": True, "schema": _SCHEMA},
                },
            ) as stream:
                for chunk in stream:
                    if time.monotonic() > until:
                        raise OpinionUnavailable("timeout")
                    for choice in chunk.choices:
                        said.append(choice.delta.content or "")
                        finished = choice.finish_reason or finished
        except (OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise OpinionUnavailable(type(error).__name__) from error
        if finished != "stop":  # a stream that ends early ends without a reason, and without an error
            raise OpinionUnavailable(f"finished_{finished}")
        return "".join(said)


def _as_text(turns: Sequence[Turn]) -> str:
    lines = [f"{'안내' if turn.who == 'bot' else '대상자'}: {turn.text}" for turn in turns if turn.text.strip()]
    return "\n".join(lines)


def _suspicions(answer: str) -> tuple[Suspicion, ...]:
    try:
        items = _Answer.model_validate(json.loads(answer)).suspicions
    except (ValidationError, ValueError) as error:
        raise OpinionUnavailable("not_the_schema") from error
    return tuple(Suspicion(item.category, item.level, item.quote) for item in items if item.level in _LEVELS)
