"""Delivery reports and answers of people, each kept once however often it is reported."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from callbot.store.keys import Keyring
from callbot.store.outbox_rows import HandOver, hand_over
from callbot.store.tables_sending import hand_overs, inbound_messages, receipts
from callbot.store.writing import insert_or_leave


@dataclass(frozen=True)
class Receipt:
    """What a provider reports about one hand-over."""

    provider: str
    event_key: str
    """The same when the provider reports the same event again."""
    delivered: bool
    """False: it will never arrive."""
    raw: str
    reference: str | None = None
    """Ours, where the provider gives it back."""
    provider_reference: str | None = None


@dataclass(frozen=True)
class Inbound:
    """One SMS, or a key, that a worker answered with."""

    provider: str
    event_key: str
    sender: str
    """E.164."""
    text: str


def keep_receipt(connection: Connection, receipt: Receipt, now: datetime) -> int | None:
    """Its id; None where it is known already."""
    row = {
        "provider": receipt.provider,
        "event_key": receipt.event_key,
        "reference": receipt.reference,
        "provider_reference": receipt.provider_reference,
        "delivered": receipt.delivered,
        "raw": receipt.raw,
        "received_at": now,
    }
    return insert_or_leave(connection, receipts, row)


def hand_over_of(connection: Connection, receipt: Receipt) -> HandOver | None:
    """What a receipt is about, locked; None: the provider's answer has not been recorded yet."""
    ours = hand_overs.c.reference == receipt.reference
    theirs = and_(
        hand_overs.c.provider == receipt.provider, hand_overs.c.provider_reference == receipt.provider_reference
    )
    row = connection.execute(
        select(hand_overs).where(or_(ours, theirs)).order_by(hand_overs.c.id.desc()).limit(1).with_for_update()
    ).one_or_none()
    return None if row is None else hand_over(row)


def match_receipt(connection: Connection, receipt_id: int, hand_over_id: int) -> None:
    """This receipt was about that hand-over."""
    connection.execute(update(receipts).where(receipts.c.id == receipt_id).values(hand_over_id=hand_over_id))


def waiting_receipt(connection: Connection, provider: str, provider_reference: str) -> tuple[int, bool] | None:
    """(id, delivered) of a receipt that came before the provider's answer; the newest, good news first."""
    row = connection.execute(
        select(receipts.c.id, receipts.c.delivered)
        .where(
            receipts.c.provider == provider,
            receipts.c.provider_reference == provider_reference,
            receipts.c.hand_over_id.is_(None),
        )
        .order_by(receipts.c.delivered.desc(), receipts.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.delivered)


def keep_inbound(connection: Connection, keys: Keyring, message: Inbound, now: datetime) -> int | None:
    """Its id; None where it is known already."""
    row = {
        "provider": message.provider,
        "event_key": message.event_key,
        "sender": message.sender,
        "sender_index": keys.blind(message.sender),
        "text": message.text,
        "received_at": now,
    }
    return insert_or_leave(connection, inbound_messages, row)


def unhandled_inbound(connection: Connection, most: int = 50) -> list[tuple[int, Inbound, datetime]]:
    """(id, message, when it came), oldest first."""
    rows = connection.execute(
        select(inbound_messages)
        .where(inbound_messages.c.handled_at.is_(None))
        .order_by(inbound_messages.c.id)
        .limit(most)
    )
    return [(row.id, Inbound(row.provider, row.event_key, row.sender, row.text), row.received_at) for row in rows]


def handled_inbound(connection: Connection, inbound_id: int, outcome: str, now: datetime) -> None:
    """What became of it."""
    connection.execute(
        update(inbound_messages).where(inbound_messages.c.id == inbound_id).values(handled_at=now, outcome=outcome)
    )


def sending_counts(connection: Connection) -> dict[str, int]:
    """How many hand-overs there are by provider and state: `solapi/sent`."""
    rows = connection.execute(
        select(hand_overs.c.provider, hand_overs.c.state, func.count().label("n")).group_by(
            hand_overs.c.provider, hand_overs.c.state
        )
    )
    return {f"{row.provider}/{row.state}": row.n for row in rows}
