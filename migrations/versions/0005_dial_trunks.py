"""Trunks with their breakers and calls, line processes by name, and ring time by programme and person.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "trunk_states",
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("configured", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("state IN ('closed', 'open', 'half_open')", name=op.f("ck_trunk_states_state")),
        sa.PrimaryKeyConstraint("trunk", name=op.f("pk_trunk_states")),
        comment="The circuit breaker of each trunk (dial/breaker.py); a trunk that is no longer configured keeps its row.",
    )
    op.create_table(
        "trunk_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("probe", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("tech_cause", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_trunk_calls_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trunk_calls")),
        sa.UniqueConstraint("attempt_id", "position", name=op.f("uq_trunk_calls_attempt_id_position")),
        sa.UniqueConstraint("key", name=op.f("uq_trunk_calls_key")),
        comment="Every call placed on a trunk; committed before Originate, so that none is placed twice.",
    )
    op.create_index("ix_trunk_calls_trunk_placed_at", "trunk_calls", ["trunk", "placed_at"])
    op.create_index(
        "ix_trunk_calls_running",
        "trunk_calls",
        ["trunk"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "line_nodes",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_line_nodes")),
        comment="Line processes on this database: two may never carry one name, or each would end the other's calls.",
    )
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ring_s", sa.Float(), nullable=True))
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ring_s", sa.Float(), nullable=True))


def downgrade():
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_column("ring_s")
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.drop_column("ring_s")
    op.drop_table("line_nodes")
    op.drop_index("ix_trunk_calls_running", table_name="trunk_calls")
    op.drop_index("ix_trunk_calls_trunk_placed_at", table_name="trunk_calls")
    op.drop_table("trunk_calls")
    op.drop_table("trunk_states")
