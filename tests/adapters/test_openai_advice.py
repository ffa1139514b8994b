"""The real openai client against a real server that checks what it gets, and against every kind of bad one."""

import asyncio
import itertools
import json
import time
from typing import Any

import pytest
from chat_server import DONE, SEASON, ChatServer, Reply, chunk, fault_of, whole

from callbot.adapters.openai_advice import ModelServer, OpenAiAdvice
from callbot.adapters.openai_probe import SHAPES, Capability, Shape
from callbot.converse.advice import AdviceFailure, AdviceUnavailable, Proposal, Situation
from callbot.understand.meaning import AnswerValue, Topic

SITUATION = Situation(Topic.MEALS, "식사는 잘 챙겨 드세요?", "먹으나 마나지 뭐", 5, AnswerValue.UNSURE)
GOOD = {
    "answer": "bad",
    "quote": "먹으나 마나지",
    "empathy": "입맛이 없으셨군요.",
    "question": "언제부터 그러셨어요?",
    "requests": [{"kind": "meals", "quote": "먹으나 마나지"}],
    "memories": [{"kind": "worry", "about": "입맛", "quote": "먹으나 마나지"}],
}
TEXT = json.dumps(GOOD, ensure_ascii=False)
DEADLINE_S = 0.6
WRONG: dict[str, tuple[AdviceFailure, Reply]] = {
    "never answers": (AdviceFailure.TIMEOUT, Reply(wait_s=1.2)),
    "slow, a drop at a time": (AdviceFailure.TIMEOUT, Reply(whole(TEXT), pause_s=0.15)),
    "stalls": (AdviceFailure.TIMEOUT, Reply((chunk(TEXT[:9]), chunk(TEXT[9:])), pause_s=0.5)),
    "429": (AdviceFailure.LIMITED, Reply((b'{"error": {"message": "slow down"}}',), status=429)),
    "500": (AdviceFailure.SERVER, Reply((b"<html>oh</html>",), status=500)),
    "503": (AdviceFailure.SERVER, Reply(status=503)),
    "404": (AdviceFailure.REQUEST, Reply((b'{"error": {"message": "no such model"}}',), status=404)),
    "an error inside the stream": (AdviceFailure.SERVER, Reply((b'data: {"error": {"message": "oom"}}\n\n',))),
    "ends early without an error": (AdviceFailure.TRUNCATED, Reply((chunk(TEXT[:30]),))),
    "ends early after all the words": (AdviceFailure.TRUNCATED, Reply((chunk(TEXT), DONE))),
    "too long": (AdviceFailure.TRUNCATED, Reply((chunk(TEXT[:30]), chunk("", "length"), DONE))),
    "cut off": (AdviceFailure.UNREACHABLE, Reply((chunk(TEXT[:30]),), drops=True)),
    "corrupt stream": (AdviceFailure.CORRUPT, Reply((b"data: {not json\n\n",))),
    "corrupt JSON": (AdviceFailure.CORRUPT, Reply(whole(TEXT[:-2]))),
    "no JSON": (AdviceFailure.CORRUPT, Reply(whole("네, 다행이에요."))),
    "another schema": (AdviceFailure.SCHEMA, Reply(whole('{"mood": "다행이에요"}'))),
    "one word too many": (AdviceFailure.SCHEMA, Reply(whole(json.dumps({**GOOD, "promise": "보내 드릴게요"})))),
    "an answer that is none": (AdviceFailure.SCHEMA, Reply(whole(json.dumps({**GOOD, "answer": "fine"})))),
    "a list": (AdviceFailure.SCHEMA, Reply(whole("[]"))),
    "a novel in a field": (AdviceFailure.SCHEMA, Reply(whole(json.dumps({**GOOD, "empathy": "아" * 400})))),
    "tools": (AdviceFailure.SCHEMA, Reply((chunk("", "tool_calls"), DONE))),
    "empty": (AdviceFailure.EMPTY, Reply((chunk("", "stop"), DONE))),
    "nothing at all": (AdviceFailure.TRUNCATED, Reply((DONE,))),
    "refuses": (AdviceFailure.REFUSED, Reply((chunk(refusal="도와드릴 수 없습니다."), chunk("", "stop"), DONE))),
    "a filter": (AdviceFailure.REFUSED, Reply((chunk("", "content_filter"), DONE))),
    "babbles": (AdviceFailure.BABBLE, Reply(itertools.repeat(chunk("다행이에요. " * 20)))),
}


def advice(url: str, capability: Capability | None = None, deadline_s: float = DEADLINE_S) -> OpenAiAdvice:
    return OpenAiAdvice(ModelServer(url, "some-model", "key-for-tests", deadline_s), capability)


async def advised(url: str, capability: Capability | None = None) -> Proposal:
    adviser = advice(url, capability or Capability(SHAPES[0]))
    try:
        return await adviser.advise(SITUATION)
    finally:
        await adviser.close()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_requests_are_valid_and_answers_are_read(shape: Shape) -> None:
    """By the types that the openai package publishes, with a strict schema where the server knows one."""
    with ChatServer(lambda _: Reply(whole(TEXT))) as server:
        found = asyncio.run(advised(server.url, Capability(shape)))
    assert server.faults == []
    (request,) = server.requests
    told = json.loads(request["messages"][1]["content"])
    assert (told["said"], told["rules"], told["topic"]) == ("먹으나 마나지 뭐", "unsure", "meals")
    assert found == Proposal(
        AnswerValue.BAD,
        "먹으나 마나지",
        "입맛이 없으셨군요.",
        "언제부터 그러셨어요?",
        (("meals", "먹으나 마나지"),),
        (("worry", "입맛", "먹으나 마나지"),),
    )


@pytest.mark.parametrize(("failure", "reply"), WRONG.values(), ids=WRONG)
def test_whatever_goes_wrong_is_one_outcome_in_time(failure: AdviceFailure, reply: Reply) -> None:
    """Never an exception of another kind, never half an answer, never later than the deadline."""
    with ChatServer(lambda _: reply) as server:
        began = time.monotonic()
        with pytest.raises(AdviceUnavailable) as unavailable:
            asyncio.run(advised(server.url))
        assert time.monotonic() - began < DEADLINE_S + 0.5
    assert unavailable.value.failure is failure
    assert len(server.requests) == 1, "nothing is retried"


def test_nobody_there_is_the_same_outcome() -> None:
    """A port where nobody listens."""
    with ChatServer(lambda _: Reply()) as server:
        pass
    with pytest.raises(AdviceUnavailable, match="unreachable"):
        asyncio.run(advised(server.url))


def test_without_a_capability_nothing_is_sent() -> None:
    """Words leave the machine only to a server that was found to give structured output."""
    with ChatServer(lambda _: Reply(whole(TEXT))) as server:
        with pytest.raises(AdviceUnavailable, match="off"):
            asyncio.run(advised(server.url, Capability()))
        assert server.requests == []


def _refuses(request: dict[str, Any], *unknown: str) -> Reply | None:
    if any(name in request or request["response_format"]["type"] == name for name in unknown):
        return Reply((b'{"error": {"message": "unsupported"}}',), status=400)
    return None


PROBED = {
    "all of it": ((), SEASON, "json_schema", True),
    "a reasoning model": (("max_tokens", "temperature"), SEASON, "json_schema", False),
    "objects only": (("json_schema",), whole('{"season": "spring"}'), "json_object", True),
    "promises a schema and ignores it": ((), whole('{"season": "spring"}'), "json_object", True),
    "prose only": ((), whole("봄이 좋아요."), "off", None),
    "refuses all": (("model",), (), "off", None),
}


@pytest.mark.parametrize(("unknown", "parts", "word", "classic"), PROBED.values(), ids=PROBED)
def test_what_a_server_can_do_is_found_out(
    unknown: tuple[str, ...], parts: tuple[bytes, ...], word: str, classic: bool | None
) -> None:
    """Strict schema, else objects, else off; with the names of limits that it knows."""

    async def probed(url: str) -> Capability:
        adviser = advice(url)
        try:
            return await adviser.probe(2.0)
        finally:
            await adviser.close()

    with ChatServer(lambda request: _refuses(request, *unknown) or Reply(parts)) as server:
        found = asyncio.run(probed(server.url))
    assert server.faults == []
    assert found.word == word
    if found.shape:
        assert found.shape.classic is classic
        assert found.latency_s is not None


def test_the_server_of_these_tests_does_check() -> None:
    """A wrong role, an unknown argument and a schema that is not strict are found."""
    good = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True}
    loose = {"type": "object", "properties": {"a": {"type": "string"}}, "required": []}
    assert fault_of(good) is None
    assert fault_of({**good, "messages": [{"role": "usr", "content": "x"}]})
    assert fault_of({**good, "temprature": 1})
    assert fault_of({**good, "stream": "perhaps"})
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": loose}}
    assert fault_of({**good, "response_format": form})
