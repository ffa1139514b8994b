"""Many people as groups that know nothing of each other, each a world and a ledger of its own: one group a core at a time."""

import gc
import hashlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.adapters.korean_holidays import korean_holidays
from callbot.bootstrap import read_scripts
from callbot.lexicon_files import load_lexicon
from callbot.settings import load
from callbot.simulate.weeks.remembered import RememberingUnderstander
from callbot.simulate.weeks.sayings import read_bank
from callbot.simulate.weeks.tally import work_of
from callbot.simulate.weeks.weeks import Plan, Progress, Surroundings, simulate
from callbot.simulate.weeks.world import START
from callbot.store.database import Store
from callbot.store.migrate import migrate

GROUP = 500
"""People in a group; given by the number of people alone, so that the result does not depend on the machine's cores."""
SAME = ("weeks", "chaos", "database", "assumptions")
"""The same in every group."""
OF_A_PROCESS = ("seconds", "memory_mb", "memory_by_due_mb")
"""Measured; not added up."""
ASK_EVERY_S = 0.5


def groups_of(plan: Plan, group: int = GROUP) -> list[Plan]:
    """Equal groups of at most `group` people, each with a seed of its own; one group keeps the seed that was given."""
    count = -(-plan.people // group)
    if count <= 1:
        return [plan]
    sizes = [plan.people // count + (number < plan.people % count) for number in range(count)]
    return [replace(plan, people=size, seed=_seed(plan.seed, number)) for number, size in enumerate(sizes)]


def _seed(seed: int, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/group/{number}".encode()).digest()[:4])


def surroundings() -> Surroundings:
    """Lexicon, scripts and bank, read and warmed."""
    analyser = KiwiAnalyser()
    analyser.warm()
    return Surroundings(
        RememberingUnderstander(load_lexicon(), analyser),
        read_scripts(load()),
        read_bank(),
        korean_holidays(range(START.year - 1, START.year + 12)),
    )


def without_syncing(store: Store) -> None:
    """A kill is simulated, a power cut is not: waiting for the disk at every commit would only measure the disk."""
    if store.on_sqlite:
        event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        store.engine.dispose()


def quieten() -> None:
    """Faults by the thousand are no news; and what is read at the start stays until the end: it is not looked through again."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def simulate_groups(plans: list[Plan], folder: Path, jobs: int, progress: Progress) -> list[dict[str, Any]]:
    """Every group's result, in their order; `jobs` at a time."""
    begin = multiprocessing.get_context("spawn")
    weeks: Synchronized[int] = begin.Value("i", 0)
    all_weeks = sum(plan.weeks for plan in plans)
    with ProcessPoolExecutor(min(jobs, len(plans)), begin, _begin, (weeks,)) as pool:
        running = [pool.submit(_group, plan, folder / f"group-{number}") for number, plan in enumerate(plans)]
        waiting: set[Future[dict[str, Any]]] = set(running)
        while waiting:
            _, waiting = wait(waiting, ASK_EVERY_S, FIRST_COMPLETED)
            progress(weeks.value, all_weeks)
        return [each.result() for each in running]


_AROUND: list[tuple[Surroundings, Callable[[], None]]] = []
"""Of this worker process: read once, for all the groups that it is given."""


def _begin(weeks: "Synchronized[int]") -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    around = surroundings()
    quieten()

    def count() -> None:
        with weeks.get_lock():
            weeks.value += 1

    _AROUND.append((around, count))


def _end_with_parent() -> None:
    """A killed command leaves no hours of work behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _group(plan: Plan, folder: Path) -> dict[str, Any]:
    around, count = _AROUND[0]
    folder.mkdir()
    store = migrate(f"sqlite:///{folder}/callbot.db", folder / "keys.json", datetime.now(UTC)).store
    try:
        without_syncing(store)
        return simulate(store, plan, around, lambda _done, _all: count())
    finally:
        store.close()


def merged(plan: Plan, results: list[dict[str, Any]]) -> dict[str, Any]:
    """One result of all groups. `memory_mb`: the largest process; `memory_by_due_mb`: of the first group."""
    if len(results) == 1:
        return results[0] | {"groups": 1}
    first = results[0]
    workers = sum(result["per_caseworker"]["caseworkers"] for result in results)
    counted = {
        name: _added([result[name] for result in results])
        for name in first
        if name
        not in {*SAME, *OF_A_PROCESS, "people", "seed", "missed_share", "per_caseworker", "per_1000_people_a_week"}
    }
    return {
        **counted,
        **work_of(counted, people=plan.people, weeks=plan.weeks, workers=workers),
        **{name: first[name] for name in SAME},
        "people": plan.people,
        "seed": plan.seed,
        "groups": len(results),
        "cpu_seconds": round(counted["cpu_seconds"], 1),
        "memory_mb": max(result["memory_mb"] for result in results),
        "memory_by_due_mb": first["memory_by_due_mb"],
    }


def _added(parts: list[Any]) -> Any:
    if not isinstance(parts[0], dict):
        return sum(parts[1:], parts[0])
    names = sorted({name for part in parts for name in part})
    return {name: sum(part.get(name, 0) for part in parts) for name in names}
