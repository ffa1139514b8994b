"""`callbot import PEOPLE.csv`: all of them, or none."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callbot.people_file import PeopleFileError, read_people_file
from callbot.settings import Settings, SettingsError, load
from callbot.store.database import DatabaseUnreachable, Store
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, open_store
from callbot.store.policy_rows import add_programme, programme_id_named
from callbot.workflows.import_people import UnknownWorker, import_people


def command(
    people: Annotated[
        Path,
        typer.Argument(
            help="CSV; columns 이름, 전화, 주소, 출생연도, 호칭, 주기, 요일, 시간, 시작일, 꼬리표, 동의, ..."
        ),
    ],
    programme: Annotated[str, typer.Option(help="Programme to enrol them in; made where it is missing.")] = "안부전화",
) -> None:
    """Enrol people. A file with one bad row changes nothing; every bad cell is named with its mend."""
    try:
        settings = load()
        rows, problems = read_people_file(people)
        if problems:
            sys.stderr.write("".join(f"{problem}\n" for problem in problems))
            sys.stderr.write(f"문제 {len(problems)}건. 아무도 등록하지 않았습니다. 고친 뒤 다시 실행해 주세요.\n")
            raise typer.Exit(1)
        store = open_store(settings.database, settings.keys)
        try:
            done = import_people(store, rows, datetime.now(UTC), _programme(store, programme, settings))
        finally:
            store.close()
    except (SettingsError, PeopleFileError, KeyFileError, NotMigrated, DatabaseUnreachable, UnknownWorker) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    sys.stderr.write(f"{len(rows)}명 처리: 새로 등록 {done.new}명, 정보 갱신 {len(rows) - done.new}명.\n")
    if done.without_consent:
        sys.stderr.write(f"동의가 없는 {done.without_consent}명에게는 동의를 기록할 때까지 전화하지 않습니다.\n")


def _programme(store: Store, name: str, settings: Settings) -> int:
    with store.write() as connection:
        known = programme_id_named(connection, name)
        return known or add_programme(connection, name, settings.district, settings.caller_number)
