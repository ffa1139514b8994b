"""Alembic's entry: runs on the connection that callbot hands over, or opens the one of the settings."""

from alembic import context

from callbot.store.crypto import EncryptedJson, EncryptedText, UtcTime
from callbot.store.tables import metadata


def render_item(kind, item, _context):
    # A migration must not change its meaning when our column types do: it names what the database sees.
    if kind == "type" and isinstance(item, (EncryptedText, EncryptedJson)):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def main():
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    # `alembic ...` on the command line
    from callbot.settings import load
    from callbot.store.database import open_engine
    from callbot.store.keys import read_key_file

    settings = load()
    with open_engine(settings.database, read_key_file(settings.keys)).begin() as connection:
        run(connection)


main()
