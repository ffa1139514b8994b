"""Tables of dialling: trunks and their breakers, the calls placed on them, and who works on this database.

Nothing here is personal: names of trunks and processes, states, times, causes.
"""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from callbot.dial.breaker import BreakerState
from callbot.store.columns import count, flag, identity, metadata, moment, state_of, to, word

trunk_states = Table(
    "trunk_states", metadata, Column("trunk", Text, primary_key=True), *state_of(BreakerState),
    moment("since", nullable=False), count("failures"), moment("last_ok_at"), word("detail", default=""),
    moment("probe_at"), count("openings"), flag("configured", default=True),
    comment="The circuit breaker of each trunk (dial/breaker.py); a trunk that is no longer configured keeps its row.",
)  # fmt: skip
trunk_calls = Table(
    "trunk_calls", metadata, identity(), to("attempts"), Column("position", Integer, nullable=False),
    Column("key", Text, nullable=False, unique=True), word("trunk"), flag("probe", default=False),
    moment("placed_at", nullable=False), moment("ended_at"), word("result", nullable=True), Column("cause", Integer),
    Column("tech_cause", Integer), UniqueConstraint("attempt_id", "position"), Index(None, "trunk", "placed_at"),
    Index("ix_trunk_calls_running", "trunk", sqlite_where=sa.text("ended_at IS NULL"),
          postgresql_where=sa.text("ended_at IS NULL")),
    comment="Every call placed on a trunk; committed before Originate, so that none is placed twice.",
)  # fmt: skip
line_nodes = Table(
    "line_nodes", metadata, Column("node", Text, primary_key=True), word("place"), moment("started_at", nullable=False),
    moment("seen_at", nullable=False), word("state", default="running"), word("held", nullable=True),
    comment="Line processes on this database: two may never carry one name, or each would end the other's calls.",
)  # fmt: skip
