"""`callbot simulate`: weeks of calls in minutes, on the real workflows and a real ledger; only the line and the people are invented."""

import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from callbot.bench_report import circumstances
from callbot.lexicon_files import LexiconError
from callbot.script_files import ScriptError
from callbot.settings import SettingsError
from callbot.simulate.weeks.groups import (
    GROUP,
    groups_of,
    merged,
    quieten,
    simulate_groups,
    surroundings,
    without_syncing,
)
from callbot.simulate.weeks.weeks import Plan, simulate
from callbot.simulate.weeks.weeks import Progress as Ticking
from callbot.store.database import DatabaseUnreachable, Store
from callbot.store.migrate import migrate
from callbot.store.tables import persons

talk = Console(stderr=True)


class NotEmpty(ValueError):
    """A simulation writes invented people; it does so into an empty database only."""


def command(
    *,
    people: Annotated[int, typer.Option(min=1, max=2_000_000, help="몇 사람을")] = 100,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="몇 주 동안")] = 4,
    seed: Annotated[int, typer.Option(help="같은 값이면 같은 결과")] = 1,
    chaos: Annotated[
        bool, typer.Option(help="장애를 일으킵니다: 강제 종료, 회선·문자·데이터베이스 장애, 시계 이상")
    ] = False,
    database: Annotated[str, typer.Option(help="빈 데이터베이스의 URL. 없으면 500명마다 임시 SQLite 파일")] = "",
    jobs: Annotated[int, typer.Option(min=0, help="동시에 돌릴 프로세스 수. 0이면 CPU 코어 수만큼")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="결과를 JSON 한 줄로")] = False,
) -> None:
    """여러 주의 안부전화를 실제 장부와 실제 절차로 돌려 봅니다. 약속이 하나라도 깨지면 종료 코드 1."""
    folder = Path(tempfile.mkdtemp(prefix="callbot-simulate-"))
    try:
        result = run(Plan(people, weeks, seed, chaos), database, folder, jobs=jobs)
    except (DatabaseUnreachable, LexiconError, NotEmpty, ScriptError, SettingsError) as error:
        talk.print(f"[red]callbot simulate: {error}[/red]", highlight=False)
        raise typer.Exit(1) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n" if as_json else in_words(result))
    if result["violations"]:
        raise typer.Exit(1)


def run(plan: Plan, database: str, folder: Path, *, jobs: int = 0, group: int = GROUP) -> dict[str, Any]:
    """All in one on the database named, else in groups on files in `folder`, `jobs` at a time (0: one a core).

    Raises NotEmpty.
    """
    began, around = time.monotonic(), circumstances()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=talk, disable=not talk.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("주", total=plan.weeks)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        if database:
            results = [_on(database, plan, folder, progress)]
        else:
            plans = groups_of(plan, group)
            results = simulate_groups(plans, folder, jobs or len(os.sched_getaffinity(0)), progress)
    result = merged(plan, results) | {"seconds": round(time.monotonic() - began, 1)}
    return {**result, "machine": around["machine"], "load_1m": around["load_1m"]}


def _on(database: str, plan: Plan, folder: Path, progress: Ticking) -> dict[str, Any]:
    store = migrate(database, folder / "keys.json", datetime.now(UTC)).store
    try:
        _must_be_empty(store)
        without_syncing(store)
        around = surroundings()
        quieten()
        return simulate(store, plan, around, progress)
    finally:
        store.close()


def _must_be_empty(store: Store) -> None:
    with store.read() as connection:
        if connection.scalar(select(func.count()).select_from(persons)):
            raise NotEmpty("이 데이터베이스에는 이미 사람이 있습니다. 비어 있는 데이터베이스를 지정해 주세요.")


def in_words(result: dict[str, Any]) -> str:
    """For people."""
    work, share = result["per_caseworker"], result["missed_share"]
    lines = [
        f"{result['people']}명, {result['weeks']}주: 안부전화 {result['due']}건, 시도 {result['attempts']}번, {result['seconds']}초",
        f"끝: {', '.join(f'{name} {count}' for name, count in result['dispositions'].items())}",
        f"못 닿은 비율: {share:.1%}" if share is not None else "못 닿은 비율: -",
        f"담당자 한 명({work['people']}명 담당)의 한 주: 사례 {work['cases_a_week']}건, 문자 {work['pages_a_week']}통",
        f"사례: {', '.join(f'{kind} {count}' for kind, count in result['cases_by_kind'].items())}",
        f"일으킨 장애: {', '.join(f'{kind} {count}' for kind, count in result['faults'].items()) or '없음'}",
    ]
    broken = [f"깨진 약속: {name} {count}번" for name, count in result["violations"].items()]
    return "\n".join(lines + (broken or ["깨진 약속: 없음"])) + "\n"
