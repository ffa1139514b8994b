"""The watch's own way to people: its own messages to its own list of numbers, through whatever sends SMS here."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from callbot.escalate.page import SMS_BYTES, cut, district_tag, size_of
from callbot.escalate.page_state import PageState
from callbot.schedule.window import SEOUL
from callbot.watch.alarms import Alarm
from callbot.watch.missing import NotCalled, as_messages
from callbot.workflows.send_pages import Message, Sender

log = structlog.get_logger()


@dataclass(frozen=True)
class Paged:
    """What became of one round of messages."""

    sent: int
    unsent: int


def alarm_text(alarms: Iterable[Alarm], people: int, district: str, now: datetime, where: str) -> str:
    """At most 90 bytes: what is wrong first, then how many people wait, then where the list is."""
    found = list(alarms)
    more = f" 외 {len(found) - 1}건" if len(found) > 1 else ""
    head = f"[{district_tag(district)}안부]{now.astimezone(SEOUL):%H:%M} {found[0].words}{more}."
    listed = any(alarm.listed for alarm in found)
    waiting = f" 오늘 못 한 전화 {people}명." if listed and people else ""
    for text in (f"{head}{waiting} {where}", f"{head}{waiting}", head):
        if size_of(text) <= SMS_BYTES:
            return text.strip()
    return cut(head, SMS_BYTES)


def over_text(words: Iterable[str], district: str, now: datetime) -> str:
    """It is over."""
    return cut(f"[{district_tag(district)}안부]{now.astimezone(SEOUL):%H:%M} 해결됨: {', '.join(words)}", SMS_BYTES)


class Pager:
    """Sends now, once; the journal decides when again. What no provider takes is told by the result, never lost silently."""

    def __init__(self, sender: Sender, *, numbers_in_sms: bool, where: str) -> None:
        """`where`: the address of the list, for the message. `numbers_in_sms`: full telephone numbers may be sent."""
        self._sender = sender
        self._numbers_in_sms = numbers_in_sms
        self._where = where

    def page(
        self,
        alarms: tuple[Alarm, ...],
        people: tuple[NotCalled, ...],
        numbers: tuple[str, ...],
        district: str,
        now: datetime,
    ) -> Paged:
        """Everybody is told everything that is new; where calls have stopped, with the list."""
        texts = [alarm_text(alarms, len(people), district, now, self._where)]
        if any(alarm.listed for alarm in alarms) and people:
            texts += as_messages(people, district_tag(district), numbers=self._numbers_in_sms)
        return self._send(texts, numbers)

    def over(self, words: tuple[str, ...], numbers: tuple[str, ...], district: str, now: datetime) -> Paged:
        """All that were paged hear of its end too."""
        return self._send([over_text(words, district, now)], numbers)

    def _send(self, texts: list[str], numbers: tuple[str, ...]) -> Paged:
        sent = unsent = 0
        for number in numbers or (None,):
            for text in texts:
                result = self._sender.send(Message(number, text, f"callbot-watch-{uuid.uuid4().hex[:16]}"))
                good = result.state in {PageState.SENT, PageState.DELIVERED}
                sent += good
                unsent += not good
                if not good:
                    log.warning("watch_page_unsent", state=result.state, provider=result.provider)
        return Paged(sent, unsent)
