"""`callbot score --replay CALL`."""

import json
import sys

import typer

from callbot.replay import recorded, replay
from callbot.settings import SettingsError, load
from callbot.store.database import DatabaseUnreachable
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, open_store
from callbot.understand.understander import Understander
from callbot.workflows.own_rules import lexicon_in_force


def replay_call(call_id: int, understander: Understander) -> None:
    """The assessment on stdout; on stderr whether it is the one that was recorded, and if not, under which versions that was."""
    try:
        settings = load()
        store = open_store(settings.database, settings.keys)
    except (SettingsError, KeyFileError, NotMigrated, DatabaseUnreachable) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    try:
        with store.read() as connection:
            understander.take(lexicon_in_force(connection, understander.files))
            line = replay(connection, call_id, understander)
            level, versions = recorded(connection, call_id)
    except LookupError as error:
        sys.stderr.write(f"callbot score: 통화 {call_id}이(가) 없습니다. 사례 화면의 통화 번호를 확인해 주세요.\n")
        raise typer.Exit(1) from error
    finally:
        store.close()
    sys.stdout.write(line + "\n")
    now = json.loads(line)
    if level is not None and level != now["level"]:
        sys.stderr.write(f"recorded: {level} by {versions}; now: {now['level']} by {now['versions']}\n")
