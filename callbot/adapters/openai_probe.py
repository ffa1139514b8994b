"""Which way of asking a server understands and keeps to: servers promise more than they do (facts/nlp.md, section 1e)."""

import json
from dataclasses import dataclass
from typing import Any, Literal

PROBE_TASK = '계절 하나를 골라 JSON으로 답하세요. 예: {"season": "spring"}'
PROBE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["season", "sure"],
    "properties": {
        "season": {"type": "string", "enum": ["spring", "summer", "autumn", "winter"]},
        "sure": {"type": "boolean"},
    },
}
"""`sure` stands nowhere in the task: only a server that enforces the schema answers with it."""


@dataclass(frozen=True)
class Shape:
    """How a request is worded."""

    structured: Literal["json_schema", "json_object"]
    classic: bool = True
    """`max_tokens` and `temperature`, as all compatible servers know them; the newest models of OpenAI refuse both."""

    def limits(self, tokens: int) -> dict[str, Any]:
        """The arguments that bound an answer."""
        return {"max_tokens": tokens, "temperature": 0} if self.classic else {"max_completion_tokens": tokens}


SHAPES = (
    Shape("json_schema"),
    Shape("json_schema", classic=False),
    Shape("json_object"),
    Shape("json_object", classic=False),
)
"""The best first."""


@dataclass(frozen=True)
class Capability:
    """What was found."""

    shape: Shape | None = None
    """None: no structured output, so no advice."""
    latency_s: float | None = None
    """Of the probe's own small answer."""
    detail: str = "not_probed"
    """`ok`, or the failure of the last try."""

    @property
    def word(self) -> str:
        """`json_schema`, `json_object` or `off`."""
        return self.shape.structured if self.shape else "off"


def is_enforced(said: str, shape: Shape) -> bool:
    """Whether the answer keeps to PROBE_SCHEMA. Of `json_object` with the schema in words no more is asked either."""
    try:
        found = json.loads(said)
    except ValueError:
        return False
    if not isinstance(found, dict) or found.get("season") not in PROBE_SCHEMA["properties"]["season"]["enum"]:
        return False
    return shape.structured == "json_object" or (set(found) == {"season", "sure"} and isinstance(found["sure"], bool))
