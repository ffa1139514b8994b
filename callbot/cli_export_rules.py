"""`callbot export precision` and `callbot export shadow`: the rules held against outcomes, and other rules on the same calls."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.assess.feedback import precision, proposals
from callbot.assess.shadow import compare
from callbot.lexicon_files import DEFAULT_DIR, LexiconError, load_lexicon
from callbot.settings import SettingsError, load
from callbot.store.database import DatabaseUnreachable
from callbot.store.feedback_rows import labelled
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, open_store
from callbot.store.past_calls import assessed_calls
from callbot.understand.understander import Understander

Days = Annotated[int, typer.Option(min=1, max=3650, help="How many days back.")]


def precision_command(days: Days = 7) -> None:
    """Precision by rule, category and level over closed cases, with proposals: JSON, no names, no words."""
    _report(days, _precision)


def shadow_command(
    lexicon: Annotated[Path, typer.Argument(help="Directory of the other lexicon")], days: Days = 7
) -> None:
    """What other rules would have made of the calls of the last days: JSON, call numbers only."""
    _report(days, lambda connection, since, until: _shadow(connection, since, until, lexicon))


def _report(days: int, of: Callable[[Connection, datetime, datetime], dict[str, Any]]) -> None:
    until = datetime.now(UTC)
    try:
        settings = load()
        store = open_store(settings.database, settings.keys)
        try:
            with store.read() as connection:
                found = of(connection, until - timedelta(days=days), until)
        finally:
            store.close()
    except (SettingsError, KeyFileError, NotMigrated, DatabaseUnreachable, LexiconError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    sys.stdout.write(json.dumps({"days": days, **found}, ensure_ascii=False, indent=2) + "\n")


def _precision(connection: Connection, since: datetime, until: datetime) -> dict[str, Any]:
    labels = labelled(connection, since, until)
    return {"n": len(labels), **precision(labels), "proposals": [asdict(each) for each in proposals(labels)]}


def _shadow(connection: Connection, since: datetime, until: datetime, lexicon: Path) -> dict[str, Any]:
    analyser = KiwiAnalyser()
    live, other = (Understander(load_lexicon(folder), analyser) for folder in (DEFAULT_DIR, lexicon))
    return compare(assessed_calls(connection, since, until), live, other)
