"""`callbot export REPORT`: tables for a spreadsheet. No names of care recipients."""

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TextIO

import typer

from callbot.cli_export_rules import precision_command, shadow_command
from callbot.settings import SettingsError, load
from callbot.store.console_office import Work, workload
from callbot.store.console_scope import EVERYTHING
from callbot.store.database import DatabaseUnreachable
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, open_store

app = typer.Typer(no_args_is_help=True)
app.command("precision")(precision_command)
app.command("shadow")(shadow_command)
COLUMNS = ("날짜", "담당자", "알림", "사건", "실제", "오경보", "불명·처리 전", "정확도")


@app.callback()
def export() -> None:
    """Tables for a spreadsheet."""


@app.command("workload")
def workload_command(
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days back from now.")] = 28,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file for Excel; default: stdout.")] = None,
) -> None:
    """Pages by worker and day, with how many of their cases were true."""
    try:
        settings = load()
        store = open_store(settings.database, settings.keys)
        try:
            now = datetime.now(UTC)
            with store.read() as connection:
                lines = workload(connection, EVERYTHING, now - timedelta(days=days), now)
        finally:
            store.close()
        if output is None:
            write(sys.stdout, lines)
            return
        with output.open("w", encoding="utf-8-sig", newline="") as file:  # Excel takes it for UTF-8 by its first bytes
            write(file, lines)
    except (SettingsError, KeyFileError, NotMigrated, DatabaseUnreachable) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    except OSError as error:
        sys.stderr.write(f"{output}에 쓸 수 없습니다({error.strerror}). 다른 자리를 골라 주세요.\n")
        raise typer.Exit(1) from error


def write(file: TextIO, lines: tuple[Work, ...]) -> None:
    """One line a worker and day, newest day first."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for line in lines:
        share = "" if line.precision is None else f"{line.precision:.2f}"
        table.writerow(
            (line.day, line.worker or "-", line.pages, line.cases, line.true, line.false, line.unclear, share)
        )
