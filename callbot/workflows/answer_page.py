"""What came back by SMS or by a key in a voice page, turned into a reply to a page."""

import re
from collections.abc import Callable
from datetime import datetime

from callbot.store.database import Store
from callbot.store.receipt_rows import Inbound
from callbot.workflows.notify_person import take_sms_reply
from callbot.workflows.reply_to_page import Replied, is_worker, reply_to_page

VOICE = "voice"
_PAGE = re.compile(r"page-p(\d+)-")
"""A voice page's event is called after its hand-over: `page-p17-2-...`."""


def answer_of(
    store: Store, message: Inbound, now: datetime, tell: Callable[[Replied], None] = lambda _replied: None
) -> str:
    """Act; the result in one word. Repeating it changes nothing. `tell`: what a worker's SMS came to."""
    if message.provider == VOICE:
        page = _PAGE.match(message.event_key)
        reference = page.group(1) if page else None
        return str(reply_to_page(store, code=message.text, now=now, page_reference=reference, via=VOICE).result)
    if take_sms_reply(store, message.sender, message.text, now) is not None:
        return "opted_out"
    replied = reply_to_page(store, code=message.text, now=now, worker_phone=message.sender)
    if is_worker(store, message.sender):
        tell(replied)
    return str(replied.result)
