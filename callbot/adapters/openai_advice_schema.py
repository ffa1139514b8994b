"""The JSON that a model must answer with: asked for strictly, and checked here whatever the server promised."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from callbot.converse.advice import AdviceFailure, AdviceUnavailable, Proposal
from callbot.converse.memory_candidate import MemoryKind
from callbot.understand.meaning import AnswerValue

REQUEST_KINDS = (
    "rice", "boiler", "bags", "escort", "meals", "repair", "bedding", "helper", "money", "contact", "medical_visit", "other",
)  # fmt: skip
"""Those of prompts/lexicon/requests.yaml that the person may have of us, and the rest."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Request(_Strict):
    kind: Literal[REQUEST_KINDS]  # type: ignore[valid-type]
    quote: _Text


class _Memory(_Strict):
    kind: MemoryKind
    about: _Text
    quote: _Text


class _Answer(_Strict):
    answer: Literal["ok", "bad", "unsure"]
    quote: _Text
    empathy: _Text
    question: _Text
    requests: list[_Request] = Field(max_length=8)
    memories: list[_Memory] = Field(max_length=8)


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """Strict mode wants every property required and nothing beside them."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


_STRING: dict[str, Any] = {"type": "string"}


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


SCHEMA: dict[str, Any] = _object(
    answer=_enum("ok", "bad", "unsure"),
    quote=_STRING,
    empathy=_STRING,
    question=_STRING,
    requests={"type": "array", "items": _object(kind=_enum(*REQUEST_KINDS), quote=_STRING)},
    memories={"type": "array", "items": _object(kind=_enum(*MemoryKind), about=_STRING, quote=_STRING)},
)


def read_proposal(text: str) -> Proposal:
    """Raises AdviceUnavailable (corrupt, schema)."""
    fenced = _FENCE.match(text)
    try:
        found = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError) as error:
        raise AdviceUnavailable(AdviceFailure.CORRUPT) from error
    try:
        answer = _Answer.model_validate(found)
    except ValidationError as error:
        raise AdviceUnavailable(AdviceFailure.SCHEMA) from error
    return Proposal(
        answer=AnswerValue(answer.answer),
        quote=answer.quote,
        empathy=answer.empathy,
        question=answer.question,
        requests=tuple((request.kind, request.quote) for request in answer.requests),
        memories=tuple((memory.kind.value, memory.about, memory.quote) for memory in answer.memories),
    )
