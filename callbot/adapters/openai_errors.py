"""Everything that goes wrong between us and an OpenAI-compatible server, as one word (measured: facts/nlp.md, section 1c)."""

import httpx2
from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError, RateLimitError

from callbot.converse.advice import AdviceFailure

FAULTS = (OpenAIError, httpx2.HTTPError, OSError, ValueError, TypeError, AttributeError, RuntimeError)
"""A corrupt stream raises bare errors of json and pydantic (ValueError); one that ends early none at all."""
_SERVER = 500
_FINISHED = {
    "stop": None,
    "length": AdviceFailure.TRUNCATED,
    "content_filter": AdviceFailure.REFUSED,
    "tool_calls": AdviceFailure.SCHEMA,
    "function_call": AdviceFailure.SCHEMA,
}


def failure_of(error: BaseException) -> AdviceFailure:
    """Which kind an exception of FAULTS, or a TimeoutError, is."""
    match error:
        case APITimeoutError() | TimeoutError() | httpx2.TimeoutException():
            return AdviceFailure.TIMEOUT
        case RateLimitError():
            return AdviceFailure.LIMITED
        case APIStatusError(status_code=status):
            return AdviceFailure.SERVER if status >= _SERVER else AdviceFailure.REQUEST
        case APIConnectionError() | httpx2.TransportError() | OSError():
            return AdviceFailure.UNREACHABLE
        case OpenAIError():
            return AdviceFailure.SERVER  # an error that came inside a stream
        case _:
            return AdviceFailure.CORRUPT


def unfinished(reason: str | None) -> AdviceFailure | None:
    """What the end of an answer says of it; a stream that was cut off ends with no reason and without an error."""
    return _FINISHED.get(reason or "", AdviceFailure.TRUNCATED)
