"""Advice by any OpenAI-compatible chat.completions. Off by default: even masked, the words leave the machine."""

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat

from callbot.adapters.openai_advice_schema import SCHEMA, read_proposal
from callbot.adapters.openai_errors import FAULTS, failure_of, unfinished
from callbot.adapters.openai_probe import PROBE_SCHEMA, PROBE_TASK, SHAPES, Capability, Shape, is_enforced
from callbot.converse.advice import AdviceFailure, AdviceUnavailable, Proposal, Situation

PROMPT = Path(__file__).resolve().parent.parent.parent / "prompts" / "llm" / "advice.txt"
MOST_CHARACTERS = 4000
"""Longer than any advice; a server that babbles is hung up on."""
MOST_TOKENS = 500


@dataclass(frozen=True)
class ModelServer:
    """Where the model is."""

    base_url: str
    model: str
    api_key: str = ""
    deadline_s: float = 2.5
    """For one turn, from the request to the last letter of the answer, whoever is slow."""


class OpenAiAdvice:
    """callbot.talk.advising.Adviser. Nothing is retried: by then the call has gone on."""

    def __init__(self, server: ModelServer, capability: Capability | None = None) -> None:
        """`capability`: as probed before; until it is known there is no advice."""
        self._server = server
        self.capability = capability or Capability()
        # The client's own limits are for one read each; ours, around it all, is what counts. A key must not be empty.
        self._client = AsyncOpenAI(
            base_url=server.base_url, api_key=server.api_key or "none", timeout=server.deadline_s, max_retries=0
        )
        self._task = PROMPT.read_text("utf-8")

    @property
    def model(self) -> str:
        """As the server calls it."""
        return self._server.model

    @property
    def ready(self) -> bool:
        """The server was found to give structured output."""
        return self.capability.shape is not None

    async def look(self) -> str:
        """Probe, and say in one word what was found."""
        found = await self.probe()
        return f"{found.word}/{found.detail}"

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def probe(self, within_s: float = 20.0) -> Capability:
        """What this server can do, asked of it; never raises. Takes at most `within_s` seconds for each of four tries."""
        found = Capability(detail="")
        for shape in SHAPES:
            began = asyncio.get_running_loop().time()
            try:
                said = await self._ask(_messages(PROBE_TASK, "{}", shape, PROBE_SCHEMA), shape, PROBE_SCHEMA, within_s)
            except AdviceUnavailable as unavailable:
                found = replace(found, detail=unavailable.failure.value)
                if unavailable.failure in {AdviceFailure.UNREACHABLE, AdviceFailure.TIMEOUT, AdviceFailure.LIMITED}:
                    break
                continue
            if is_enforced(said, shape):
                took = asyncio.get_running_loop().time() - began
                found = Capability(shape, latency_s=round(took, 2), detail="ok")
                break
            found = replace(found, detail=AdviceFailure.SCHEMA.value)
        self.capability = found
        return found

    async def advise(self, situation: Situation) -> Proposal:
        """Raises AdviceUnavailable, for whatever reason, at the latest when the deadline is over."""
        shape = self.capability.shape
        if shape is None:
            raise AdviceUnavailable(AdviceFailure.OFF)
        messages = _messages(self._task, _as_json(situation), shape, SCHEMA)
        return read_proposal(await self._ask(messages, shape, SCHEMA, self._server.deadline_s))

    async def _ask(
        self, messages: list[ChatCompletionMessageParam], shape: Shape, schema: dict[str, Any], within_s: float
    ) -> str:
        try:
            async with asyncio.timeout(within_s):
                return await self._streamed(messages, shape, schema)
        except (TimeoutError, *FAULTS) as error:
            raise AdviceUnavailable(failure_of(error)) from error

    async def _streamed(self, messages: list[ChatCompletionMessageParam], shape: Shape, schema: dict[str, Any]) -> str:
        """Streamed, so that one who babbles is hung up on."""
        said, finished = "", None
        async with await self._client.chat.completions.create(
            model=self._server.model,
            messages=messages,
            stream=True,
            response_format=_format(shape, schema),
            **shape.limits(MOST_TOKENS),
        ) as stream:
            async for chunk in stream:
                for choice in chunk.choices:
                    if choice.delta.refusal:
                        raise AdviceUnavailable(AdviceFailure.REFUSED)
                    said += choice.delta.content or ""
                    finished = choice.finish_reason or finished
                if len(said) > MOST_CHARACTERS:
                    raise AdviceUnavailable(AdviceFailure.BABBLE)
        if (failure := unfinished(finished)) is not None:
            raise AdviceUnavailable(failure)
        if not said.strip():
            raise AdviceUnavailable(AdviceFailure.EMPTY)
        return said


def _messages(task: str, text: str, shape: Shape, schema: dict[str, Any]) -> list[ChatCompletionMessageParam]:
    if shape.structured == "json_object":
        task = f"{task}\n다음 JSON 스키마를 그대로 따르세요: {json.dumps(schema, ensure_ascii=False)}"
    return [{"role": "system", "content": task}, {"role": "user", "content": text}]


def _format(shape: Shape, schema: dict[str, Any]) -> ResponseFormat:
    if shape.structured == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "advice", "strict": True, "schema": schema}}


def _as_json(situation: Situation) -> str:
    told = {
        "topic": situation.topic.value,
        "question": situation.question,
        "said": situation.said,
        "rules": situation.by_rules.value,
        "earlier": list(situation.earlier),
        "may_ask": situation.may_ask,
    }
    return json.dumps(told, ensure_ascii=False)
