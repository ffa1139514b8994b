"""`callbot migrate`: key file and database, made or brought up to date."""

import sys
from datetime import UTC, datetime

import typer

from callbot.settings import SettingsError, load
from callbot.store.database import DatabaseUnreachable, database_url, shown
from callbot.store.keys import KeyFileError
from callbot.store.migrate import migrate


def command() -> None:
    """Make the key file and the database where they are missing, and bring the schema up to date. Safe to repeat."""
    try:
        settings = load()
        done = migrate(settings.database, settings.keys, datetime.now(UTC))
    except (SettingsError, KeyFileError, DatabaseUnreachable) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    say = sys.stderr.write
    if done.made_key_file:
        say(
            f"암호화 키를 만들었습니다: {settings.keys}\n"
            "  ★ 이 파일을 지금 다른 안전한 곳에 복사해 두세요. 잃어버리면 이름·전화번호·녹취를 아무도 다시 읽을 수 없습니다.\n"
            f"  ★ BACK UP THE KEY FILE {settings.keys} NOW, apart from the database. Without it nothing personal can be read.\n"
        )
    url = shown(database_url(settings.database))
    if done.from_revision == done.to_revision:
        say(f"데이터베이스는 이미 최신입니다 (already at revision {done.to_revision}): {url}\n")
    elif done.from_revision is None:
        say(f"데이터베이스를 만들었습니다 (created, revision {done.to_revision}): {url}\n")
    else:
        say(f"데이터베이스를 올렸습니다 (revision {done.from_revision} -> {done.to_revision}): {url}\n")
    done.store.close()
