"""Tables of scheduling: campaigns, tags, holidays of one's own, and what was decided about proposed hours."""

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, Table, UniqueConstraint

from callbot.schedule.campaign import CampaignState
from callbot.store.columns import count, hidden, identity, metadata, moment, state_of, to, word

campaigns = Table(
    "campaigns", metadata, identity(), to("programmes"), word("name"), word("purpose"),
    *state_of(CampaignState), word("script_name"), Column("filter", sa.JSON, nullable=False),
    Column("ladder", sa.JSON, nullable=False), word("window_from"), word("window_until"), count("channels", 1),
    moment("deadline", nullable=False), Column("forecast", sa.JSON), moment("created_at", nullable=False),
    word("created_by", nullable=True), moment("started_at"), word("started_by", nullable=True), moment("stopped_at"),
    word("stopped_by", nullable=True), Index(None, "programme_id", "created_at"),
    comment="A purpose campaign; its contacts are due_contacts with its id. `forecast`: as shown when it was started.",
)  # fmt: skip
person_tags = Table(
    "person_tags", metadata, identity(), to("persons"), hidden("person_tags", "tag", nullable=False),
    Column("tag_index", LargeBinary, nullable=False), UniqueConstraint("person_id", "tag_index"), Index(None, "tag_index"),
    comment="Words for filters, e.g. 폭염취약; encrypted, because some tell of an illness. Found by blind index.",
)  # fmt: skip
own_holidays = Table(
    "own_holidays", metadata, identity(), Column("day", Date, nullable=False, unique=True), word("name"),
    Column("free", Boolean, nullable=False),
    comment="Days that the calendar does not know: free (a temporary holiday), or not free after all.",
)  # fmt: skip
hour_decisions = Table(
    "hour_decisions", metadata, identity(), to("persons"), Column("hour", Integer, nullable=False),
    Column("accepted", Boolean, nullable=False), moment("at", nullable=False), word("by", nullable=True),
    Index(None, "person_id", "at"), comment="Append-only: what a worker decided about a proposed hour.",
)  # fmt: skip
