"""What is remembered of a person from call to call. Topic, words and quote are encrypted: they tell of illness and family."""

from sqlalchemy import Column, Date, Index, Integer, Table

from callbot.converse.memory import MemoryState
from callbot.store.columns import hidden, identity, metadata, moment, state_of, to, word

memories = Table(
    "memories", metadata, identity(), to("persons"), hidden("memories", "topic", nullable=False), word("kind"),
    hidden("memories", "about", nullable=False), hidden("memories", "quote"), to("calls", nullable=True),
    Column("turn", Integer, nullable=False, server_default="-1"), word("detector"),
    moment("first_heard_at", nullable=False), moment("last_heard_at", nullable=False),
    moment("expires_at", nullable=False), Column("due_on", Date), moment("asked_at"), *state_of(MemoryState),
    Index(None, "person_id"), Index(None, "expires_at"),
    comment="Deleted, not marked, when it is forgotten or its time is over. `silenced`: only the topic is left.",
)  # fmt: skip
