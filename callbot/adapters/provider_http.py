"""What the HTTP of a message provider means: taken, refused, certainly not taken, or nobody knows."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from callbot.escalate.page_state import PageState
from callbot.workflows.providers import SendResult

TIMEOUT_S = 8.0
"""Less than the lease of a claim, much less than the patience of a page."""
RAW_AT_MOST = 4000
_LATER = frozenset({401, 402, 403, 407, 408, 425, 429})
"""The message is not at fault: credentials, balance, too many at once. It was not taken, and may be tried again."""
BAD_REQUEST, SERVER_FAULT = 400, 500


@dataclass(frozen=True)
class Answer:
    """`body` is None where there was none, or none that can be read."""

    state: PageState
    """`sent`: a readable 2xx; what it says is the adapter's to judge."""
    body: Any = None
    raw: str = ""

    def result(self, provider: str) -> SendResult:
        """As the answer to a hand-over."""
        return SendResult(self.state, provider, self.raw)


class ProviderHttp:
    """One connection pool to one provider."""

    def __init__(self, base_url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=4.0)
        # A retry of our own would be a second message: none, not even for connections.
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=httpx.Timeout(timeout_s, connect=3.0), limits=limits, trust_env=False
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        sent: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        """One request, never repeated. Does not raise."""
        content = None if sent is None else json.dumps(sent, ensure_ascii=False).encode()
        kind = {} if content is None else {"content-type": "application/json; charset=utf-8"}
        try:
            response = await self._client.request(
                method, path, headers={**headers, **kind}, content=content, params=query
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            return Answer(PageState.PENDING, raw=type(error).__name__)
        except httpx.HTTPError as error:
            return Answer(PageState.UNKNOWN, raw=type(error).__name__)
        return _meaning(response)


def _meaning(response: httpx.Response) -> Answer:
    raw = f"{response.status_code} {response.text[:RAW_AT_MOST]}"
    body: Any
    try:
        body = response.json()
        body = {"items": body} if isinstance(body, list) else body
    except ValueError:
        body = None
    if response.status_code >= SERVER_FAULT:
        return Answer(PageState.UNKNOWN, body, raw)
    if response.status_code in _LATER:
        return Answer(PageState.PENDING, body, raw)
    if response.status_code >= BAD_REQUEST:
        return Answer(PageState.FAILED, body, raw)
    # A redirect, or a success that cannot be read: it may have been taken.
    readable = response.is_success and isinstance(body, dict)
    return Answer(PageState.SENT if readable else PageState.UNKNOWN, body if readable else None, raw)
