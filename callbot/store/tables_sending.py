"""Tables of sending: SMS to care recipients, what every provider was handed, its receipts, and what people answered.

`hand_overs` is written before anything leaves the building, so a sender that dies leaves a row that says what may have gone out.
"""

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from callbot.escalate.page_state import PageState
from callbot.store.columns import count, hidden, identity, metadata, moment, state_of, to, word

notices = Table(
    "notices", metadata, identity(), to("persons"),
    Column("person_number_id", Integer, ForeignKey("person_numbers.id")), word("template"),
    Column("dedup_key", Text, nullable=False, unique=True), hidden("notices", "body", nullable=False),
    Column("body_bytes", Integer, nullable=False), *state_of(PageState), moment("created_at", nullable=False),
    moment("not_after"), word("lease_owner", nullable=True), moment("lease_until"), count("token"), count("tries"),
    moment("next_try_at"), moment("sent_at"), moment("delivered_at"), word("provider", nullable=True),
    word("provider_reference", nullable=True), hidden("notices", "provider_result"),
    Index(None, "person_id", "created_at"), Index(None, "state", "next_try_at"),
    comment="Outbox of SMS to care recipients: one of our pages to a worker is in `pages`. Never sent from 21:00 to 08:00.",
)  # fmt: skip
hand_overs = Table(
    "hand_overs", metadata, identity(), to("pages", nullable=True), to("notices", nullable=True),
    Column("number", Integer, nullable=False), word("provider"), word("channel"),
    Column("reference", Text, nullable=False, unique=True), word("provider_reference", nullable=True),
    *state_of(PageState), hidden("hand_overs", "result"), moment("handed_at", nullable=False), moment("answered_at"),
    count("asked"), moment("asked_at"), moment("ended_at"),
    sa.CheckConstraint("(page_id IS NULL) <> (notice_id IS NULL)", name="one_message"),
    Index(None, "page_id"), Index(None, "notice_id"), Index(None, "provider", "provider_reference"),
    Index(None, "state", "asked_at"),
    comment="Every time a provider was handed a message: written before it is sent, `pending`: certainly not taken.",
)  # fmt: skip
receipts = Table(
    "receipts", metadata, identity(), word("provider"), word("event_key"), word("reference", nullable=True),
    word("provider_reference", nullable=True), Column("delivered", Boolean, nullable=False),
    hidden("receipts", "raw"), moment("received_at", nullable=False), to("hand_overs", nullable=True),
    UniqueConstraint("provider", "event_key"), Index(None, "provider", "provider_reference"),
    comment="Delivery reports as they came; one that came before the provider's answer waits here for it.",
)  # fmt: skip
inbound_messages = Table(
    "inbound_messages", metadata, identity(), word("provider"), word("event_key"),
    hidden("inbound_messages", "sender"), Column("sender_index", LargeBinary), hidden("inbound_messages", "text"),
    moment("received_at", nullable=False), moment("handled_at"), word("outcome", nullable=True),
    UniqueConstraint("provider", "event_key"), Index(None, "handled_at"),
    comment="SMS and keys that came back, each handled once.",
)  # fmt: skip
