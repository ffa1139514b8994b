"""Figures for people: tables on a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table


def show(result: dict[str, Any]) -> None:
    """For people: flat figures first, then a table of each group, then what went wrong."""
    out = Console()
    for key, value in result.items():
        if isinstance(value, dict) and value and all(isinstance(row, dict) for row in value.values()):
            out.print(_table(key, value))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            out.print(_table(key, {str(number): row for number, row in enumerate(value, 1)}))
        else:
            out.print(f"[bold]{key}[/bold]: {value}", highlight=False)


def _table(title: str, rows: dict[str, dict[str, Any]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    table = Table(title=title, title_justify="left")
    for column in ("", *columns):
        table.add_column(column)
    for name, row in rows.items():
        table.add_row(name, *(_cell(row.get(column, "")) for column in columns))
    return table


def _cell(value: Any) -> str:
    return " / ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
