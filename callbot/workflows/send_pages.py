"""Send what stands in the outbox: claim, send outside any transaction, record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from callbot.escalate.page_state import PageState
from callbot.store.database import Store
from callbot.store.page_rows import (
    PageRow,
    claim_pages,
    doubt_stale_claims,
    doubtful_pages,
    record_result,
)

SEND_LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Message:
    """One SMS to one worker."""

    to: str | None
    """E.164; None: nobody was on duty, or the worker has no number."""
    body: str
    reference: str
    """Ours, the same at every try: the provider is asked by it before anything is repeated."""


@dataclass(frozen=True)
class SendResult:
    """What the provider said."""

    state: PageState
    """`sent`, `unsent`, `delivered`, `failed`, or `unknown` (timeout, 5xx, unreadable)."""
    provider: str
    raw: str = ""
    """Its answer, kept as it came."""


class Sender(Protocol):
    """A provider. Neither method raises: a failure is a state."""

    def send(self, message: Message) -> SendResult:
        """Hand over."""

    def ask(self, reference: str) -> SendResult | None:
        """What became of it; None: the provider never got it, so it may be sent again."""


def send_pages(store: Store, sender: Sender, now: datetime, *, owner: str = "outbox", most: int = 50) -> int:
    """Send at most `most` pages, the most urgent first; how many were handed over."""
    with store.write() as connection:
        doubt_stale_claims(connection, now)
        claimed = claim_pages(connection, owner=owner, lease_until=now + SEND_LEASE, most=most)
    for page in claimed:
        _record(store, page, sender.send(Message(page.to, page.body, page.reference)), now)
    return len(claimed)


def clear_doubts(store: Store, sender: Sender, now: datetime, *, most: int = 50) -> int:
    """Ask the provider about pages whose sending was ambiguous; how many are certain now."""
    with store.read() as connection:
        doubtful = doubtful_pages(connection, most)
    certain = 0
    for page in doubtful:
        result = sender.ask(page.reference)
        if result is None:
            with store.write() as connection:
                certain += record_result(connection, page, PageState.PENDING)
        elif result.state is not PageState.UNKNOWN:
            certain += _record(store, page, result, now)
    return certain


def _record(store: Store, page: PageRow, result: SendResult, now: datetime) -> bool:
    values = {"provider": result.provider, "provider_reference": page.reference, "provider_result": result.raw}
    moments = {PageState.SENT: {"sent_at": now}, PageState.DELIVERED: {"sent_at": now, "delivered_at": now}}
    with store.write() as connection:
        return record_result(connection, page, result.state, **values, **moments.get(result.state, {}))
