"""Receipts of providers that have to be asked for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from callbot.store import outbox_rows
from callbot.store.database import Store
from callbot.store.outbox_rows import HandOver, Kind
from callbot.workflows.send_pages import Question, question_about


def to_poll(
    store: Store, providers: Sequence[str], now: datetime, *, pause: timedelta, longest: timedelta, most: int = 50
) -> list[Question]:
    """Accepted hand-overs whose receipt is still to come."""
    with store.read() as connection:
        waiting = outbox_rows.awaiting_receipt(connection, providers, now - pause, now - longest, most)
        found: list[Question] = []
        for kind in Kind:
            overs = [over for over in waiting if over.kind is kind]
            messages = outbox_rows.outgoing(connection, kind, {over.message_id for over in overs})
            found += [question_about(over, messages[over.message_id], now) for over in overs]
        return found


def note_asked(store: Store, over: HandOver, now: datetime) -> None:
    """The provider was asked about it; the pause until the next question grows."""
    with store.write() as connection:
        outbox_rows.set_hand_over(connection, over.id, asked=over.asked + 1, asked_at=now)
