"""Delivery reports, and what is done when none comes."""

from datetime import datetime

from callbot.escalate import delivery
from callbot.escalate.page_state import PageState
from callbot.store import outbox_rows
from callbot.store.case_rows import hasten_step, is_triggered
from callbot.store.database import Store
from callbot.store.outbox_rows import Kind
from callbot.store.receipt_rows import Receipt, hand_over_of, keep_receipt, match_receipt
from callbot.workflows.providers import Routing
from callbot.workflows.send_pages import settle_message

_OPEN = {PageState.PENDING, PageState.SENT, PageState.UNKNOWN, PageState.FAILED}
_LATEST_DECIDES = {PageState.SENT, PageState.UNKNOWN}


def take_receipt(store: Store, receipt: Receipt, routing: Routing, now: datetime) -> bool:
    """Write a report down and draw the consequence; False: it was known already, nothing changes.

    One that comes before the provider's own answer has been recorded waits for it.
    """
    with store.write() as connection:
        receipt_id = keep_receipt(connection, receipt, now)
        if receipt_id is None:
            return False
        over = hand_over_of(connection, receipt)
        if over is None:
            return True
        match_receipt(connection, receipt_id, over.id)
        if over.state is PageState.DELIVERED:
            return True
        state = PageState.DELIVERED if receipt.delivered else PageState.FAILED
        outbox_rows.set_hand_over(connection, over.id, state=state, ended_at=now)
        message = outbox_rows.outgoing(connection, over.kind, [over.message_id])[over.message_id]
        if receipt.delivered and message.state in _OPEN:
            arrived = {"delivered_at": now, "next_try_at": None}
            outbox_rows.change(connection, message, PageState.DELIVERED, token=message.token, **arrived)
        elif receipt.delivered and message.state is PageState.CLAIMED:
            # The sender records its answer in a moment, and finds this.
            outbox_rows.note_delivered(connection, message, now)
        # A failure of an earlier hand-over says nothing about the one that runs now.
        elif not receipt.delivered and message.state in _LATEST_DECIDES and message.tries <= over.number:
            settle_message(connection, message, routing, now)
        return True


def move_on(store: Store, routing: Routing, now: datetime, *, most: int = 100) -> int:
    """Accepted but not delivered in time: the next channel, unless somebody has taken the case; how many."""
    moved = 0
    with store.write() as connection:
        for kind in Kind:
            ids = outbox_rows.undelivered_ids(connection, kind, now, most)
            overs = outbox_rows.history(connection, kind, ids)
            for message in outbox_rows.outgoing(connection, kind, ids).values():
                known = outbox_rows.handed(overs[message.id])
                following = delivery.next_provider(routing.order(message), known)
                wanted = message.case_id is not None and is_triggered(connection, message.case_id)
                if following is None or not wanted:
                    # A notice is not repeated: a phone that is off gets it later, and twice would only puzzle.
                    outbox_rows.change(connection, message, PageState.SENT, token=message.token, next_try_at=None)
                    if wanted and message.case_id is not None and message.severity in delivery.CALLS_FOR:
                        hasten_step(connection, message.case_id, message.step, now)
                else:
                    moved += outbox_rows.change(
                        connection, message, PageState.PENDING, token=message.token, next_try_at=now
                    )
    return moved
