"""What became of a worker's SMS is told by SMS: "#12 맡으셨습니다". A courtesy, not a page: sent once, by the first provider, and never repeated.

Only to a worker's own number, and what could not be read is answered once in ten minutes: two machines must not talk to each
other for ever.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from callbot.escalate.delivery import Channel
from callbot.sending import Outbox
from callbot.store.database import Store
from callbot.store.receipt_rows import Inbound
from callbot.workflows.answer_page import answer_of
from callbot.workflows.providers import Message, Provider
from callbot.workflows.reply_to_page import Replied, ReplyResult

QUIET = timedelta(minutes=10)

log = structlog.get_logger()


class Answers:
    """`act` for an Outbox (called in its threads); belongs to the event loop that made it."""

    def __init__(self, store: Store, outbox: Callable[[], Outbox]) -> None:
        self._store = store
        self._outbox = outbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unread: dict[str, datetime] = {}

    def here(self) -> None:
        """Answers are sent from this loop; until then nobody is answered."""
        self._loop = asyncio.get_running_loop()

    def act(self, message: Inbound, now: datetime) -> str:
        """Do what was answered; tell the worker what came of it."""

        def tell(replied: Replied) -> None:
            if self._loop is not None and self._may(message, replied, now):
                self._loop.call_soon_threadsafe(self._send, message, replied.text)

        return answer_of(self._store, message, now, tell)

    def _may(self, message: Inbound, replied: Replied, now: datetime) -> bool:
        if replied.result is not ReplyResult.UNREADABLE:
            return replied.result is not ReplyResult.NOT_FOUND
        last = self._unread.get(message.sender)
        self._unread[message.sender] = now
        return last is None or now - last >= QUIET

    def _send(self, message: Inbound, text: str) -> None:
        provider = next((one for one in self._outbox().providers.values() if one.channel is Channel.SMS), None)
        if provider is None:
            return
        task = asyncio.ensure_future(self._told(provider, Message(message.sender, text, f"answer-{message.event_key}")))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _told(provider: Provider, message: Message) -> None:
        result = await provider.send(message)
        log.info("reply_answered", provider=result.provider, state=result.state)
