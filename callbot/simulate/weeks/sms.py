"""The invented SMS provider: takes pages, forgets none, and fails in every way a real one does."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable

from callbot.escalate.page_state import PageState
from callbot.simulate.weeks.evidence import Evidence
from callbot.simulate.weeks.faults import Life
from callbot.workflows.providers import Message, SendResult

NAME = "simulated"


class SimulatedProvider:
    """One for all processes. `accepted` is told of every message that reaches a telephone: (to, case)."""

    def __init__(self, evidence: Evidence, dice: random.Random, tally: Counter[str]) -> None:
        self._evidence = evidence
        self._dice = dice
        self._tally = tally
        self._known: set[int] = set()
        """Messages of which somebody was told that we have them."""
        self.down_until = 0.0
        self.error_after_accepting = 0.0
        """Share of messages that are accepted and answered with a 500 or a timeout all the same."""
        self.accepted: Callable[[str | None, int | None], None] = lambda _to, _case: None

    @property
    def is_down(self) -> bool:
        return asyncio.get_running_loop().time() < self.down_until

    def send(self, message: Message) -> SendResult:
        if self.is_down:
            return SendResult(PageState.UNKNOWN, NAME, "timeout")
        self._evidence.handed_over[message.reference] += 1
        if self._evidence.handed_over[message.reference] > 1:
            self._evidence.break_promise("provider: the same hand-over came twice", message.reference)
        if message.message_id in self._known:
            self._evidence.break_promise(
                "provider: a page came again although we had said that we have it", message.reference
            )
        self._evidence.received[f"{message.kind}/{message.message_id}"] += 1
        self.accepted(message.to, message.case_id)
        if self._dice.random() < self.error_after_accepting:
            self._tally["sms_error_after_accepting"] += 1
            return SendResult(PageState.UNKNOWN, NAME, "500")
        self._known.add(message.message_id)
        return SendResult(PageState.SENT, NAME, "ok")

    def ask(self, reference: str) -> SendResult | None:
        if self.is_down:
            return SendResult(PageState.UNKNOWN, NAME, "timeout")
        return SendResult(PageState.SENT, NAME, "ok") if reference in self._evidence.handed_over else None


class SenderOf:
    """The provider as one process sees it: a process may die just before or just after it has handed a page over."""

    def __init__(self, provider: SimulatedProvider, life: Life) -> None:
        self._provider = provider
        self._life = life

    def send(self, message: Message) -> SendResult:
        self._life.point()
        result = self._provider.send(message)
        self._life.point()
        return result

    def ask(self, reference: str) -> SendResult | None:
        self._life.point()
        return self._provider.ask(reference)
