"""The schema on both databases: up from nothing, down to nothing, and equal to tables.py."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ledger_fixtures import TUESDAY

from callbot.store.database import Store
from callbot.store.migrate import alembic_config, current_revision, newest_revision
from callbot.store.tables import metadata


def test_migrations_make_what_tables_say(store: Store) -> None:
    """Autogenerate would find nothing to do."""
    with store.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again(store: Store) -> None:
    """Downgrading leaves only Alembic's own table; upgrading brings everything back."""
    with store.engine.begin() as connection:
        kept = connection.execute(sa.text("SELECT key, value FROM installation")).all()
        command.downgrade(alembic_config(connection), "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
        command.upgrade(alembic_config(connection), "head")
        assert set(sa.inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        connection.execute(
            sa.text("INSERT INTO installation (key, value) VALUES (:key, :value)"), [row._asdict() for row in kept]
        )
    assert current_revision(store.engine) == newest_revision()
    assert TUESDAY
