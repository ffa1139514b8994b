"""What sending asks of a provider, and what a provider says: the ports of the adapters that send."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from callbot.escalate import delivery
from callbot.escalate.delivery import Channel, Route
from callbot.escalate.page_state import PageState
from callbot.store.outbox_rows import Kind, Outgoing
from callbot.store.receipt_rows import Inbound, Receipt


@dataclass(frozen=True)
class Message:
    """One message to one human."""

    to: str | None
    """E.164; an address for e-mail. None: nobody was on duty, or the worker has no number."""
    body: str
    reference: str
    """Ours, of this hand-over: the provider is asked by it before anything is repeated."""
    kind: Kind = Kind.PAGE
    message_id: int = 0
    """Of the page or notice."""
    case_id: int | None = None


@dataclass(frozen=True)
class SendResult:
    """What the provider said."""

    state: PageState
    """`sent` (it took it), `delivered`, `failed` (refused for good), `pending` (certainly not taken: it may be tried again),
    `unknown` (timeout, 5xx, unreadable: it may have been taken), `unsent` (there is no provider)."""
    provider: str
    raw: str = ""
    """Its answer, kept as it came."""
    provider_reference: str | None = None
    """Its own name for the message."""


@dataclass(frozen=True)
class Asked:
    """A hand-over that a provider is asked about."""

    reference: str
    provider_reference: str | None
    to: str | None
    body: str
    age: timedelta
    """Since it was handed over, on the ledger's clock: a provider lives by the wall's."""


class Sender(Protocol):
    """A sender inside this process. Neither method raises: a failure is a state."""

    def send(self, message: Message) -> SendResult:
        """Hand over."""

    def ask(self, reference: str) -> SendResult | None:
        """What became of it; None: the provider never got it, so it may be sent again."""


class Provider(Protocol):
    """A provider out on the network. No method raises: a failure is a state."""

    @property
    def name(self) -> str: ...

    @property
    def channel(self) -> Channel: ...

    @property
    def can_ask(self) -> bool:
        """Whether it can be asked by our reference alone. One that cannot is never handed a doubtful message again."""

    @property
    def polled(self) -> bool:
        """Whether receipts that did not come by themselves within seconds are fetched."""

    async def send(self, message: Message) -> SendResult:
        """Hand over."""

    async def ask(self, asked: Asked) -> SendResult | None:
        """What became of it; None: it never got it; `unknown`: it cannot say."""

    async def check(self) -> "tuple[Finding, ...]":
        """Credentials, sender, balance: what can be looked at without sending anything."""

    async def close(self) -> None:
        """Give connections back."""


@dataclass(frozen=True)
class Finding:
    """One line of a check, in Korean."""

    what: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Reports:
    """What came in by itself: delivery reports, and what people answered."""

    receipts: tuple[Receipt, ...] = ()
    inbound: tuple[Inbound, ...] = ()


class HookRefused(Exception):
    """This was not sent by the provider, or cannot be read; the status to answer with."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@runtime_checkable
class Hooked(Protocol):
    """A provider that reports by calling our web server."""

    name: str

    def read_hook(self, headers: Mapping[str, str], body: bytes) -> Reports:
        """What it says. Header names are lower case. Raises HookRefused."""


@runtime_checkable
class Connected(Protocol):
    """A provider that reports over its own connection."""

    on_reports: Callable[[Reports], Awaitable[None]] | None

    async def start(self) -> None:
        """Connect, and stay connected; does not wait."""


@dataclass
class Routing:
    """The providers of an installation, in its order of failover."""

    routes: tuple[Route, ...]
    down: set[str] = field(default_factory=set)
    """Those that do not answer at the moment: tried last."""

    def order(self, message: Outgoing) -> tuple[str, ...]:
        """Who may carry it, in the order in which they are tried."""
        found = delivery.order_for(self.routes, message.channel, message.severity, notice=message.kind is Kind.NOTICE)
        return tuple(sorted(found, key=lambda provider: provider in self.down))

    def channel_of(self, provider: str) -> Channel:
        """Of one of them."""
        return next(route.channel for route in self.routes if route.provider == provider)


def routes_of(providers: Iterable[Provider]) -> tuple[Route, ...]:
    """The routes of these providers, in their order."""
    return tuple(Route(provider.name, provider.channel) for provider in providers)
