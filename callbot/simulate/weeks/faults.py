"""Lives of processes, and what ends or troubles them: between any two statements, at any commit, before and after a hand-over.

A process is whatever runs in a context that carries its Life. Every task made there carries it on, so the hook on the engine
knows whose statement it sees, and a kill ends all of a process and nothing else (docs/adr on how the simulator kills).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError


class Killed(BaseException):
    """kill -9. Not an Exception, so that nothing may handle it."""


@dataclass
class Fuse:
    """Burns one step a statement, then goes off; `..._commit`: at the first commit after that."""

    what: str
    steps: int


KILLS = ("kill", "kill_before_commit", "kill_after_commit")
ERRORS = ("database_error", "database_error_before_commit", "database_error_after_commit")
TROUBLE_S = 30.0
"""So long after a fault of the database a promise about seconds cannot be held by anybody."""


def database_is_away() -> OperationalError:
    """What a driver raises when the server has gone."""
    return OperationalError("(simulated)", None, Exception("the database went away"))


@dataclass
class Life:
    """One process from its start to its death."""

    tally: Counter[str]
    fuse: Fuse | None = None
    dead: bool = False
    """Whatever a killed process's leftovers still try is refused: nobody writes after their death."""
    away_until: float = 0.0
    """Simulated seconds: until then the database answers this process not."""
    troubled_until: float = 0.0
    tasks: "set[asyncio.Task[Any]]" = field(default_factory=set)
    on_death: Callable[[], None] = field(default=lambda: None)

    @property
    def troubled(self) -> bool:
        """The database failed a moment ago."""
        return asyncio.get_running_loop().time() < self.troubled_until

    def no_database(self, seconds: float) -> None:
        """It answers nobody for so long."""
        now = asyncio.get_running_loop().time()
        self.away_until, self.troubled_until = now + seconds, now + seconds + TROUBLE_S

    def point(self) -> None:
        """A moment outside the database at which a process may die as well."""
        self._mind_death()
        if self.fuse is not None and self.fuse.what == "kill":
            self._burn(self.fuse)

    def end_tasks(self) -> None:
        """Nothing of it goes on."""
        for task in list(self.tasks):
            task.cancel()

    def statement(self) -> None:
        """Before each."""
        self._mind_death()
        if self.away_until and asyncio.get_running_loop().time() < self.away_until:
            raise database_is_away()
        if self.fuse is not None:
            self._burn(self.fuse)

    def commit(self, connection: Connection) -> None:
        """Before each."""
        self._mind_death()
        fuse = self.fuse
        if fuse is None or not fuse.what.endswith("_commit") or fuse.steps > 0:
            return
        if fuse.what.endswith("_after_commit"):
            raw = connection.connection.dbapi_connection
            if raw is not None:
                raw.commit()
        self._go_off(fuse)

    def _burn(self, fuse: Fuse) -> None:
        fuse.steps -= 1
        if fuse.steps <= 0 and not fuse.what.endswith("_commit"):
            self._go_off(fuse)

    def _go_off(self, fuse: Fuse) -> None:
        self.fuse = None
        self.tally[fuse.what] += 1
        if fuse.what in ERRORS:
            self.troubled_until = asyncio.get_running_loop().time() + TROUBLE_S
            raise database_is_away()
        self.dead = True
        self.on_death()
        raise Killed

    def _mind_death(self) -> None:
        if self.dead:
            raise Killed


LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)


def task_of_a_life(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    *,
    context: Context | None = None,
) -> "asyncio.Task[Any]":
    """Task factory: a task belongs to the process in whose context it was made."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
    life = LIFE.get() if context is None else context.get(LIFE)
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
    return task


def wire(engine: Engine) -> None:
    """Every statement and commit of a living process passes its Life; what runs outside of all lives passes freely."""

    def statement(_connection: Connection, *_: Any) -> None:
        life = LIFE.get()
        if life is not None:
            life.statement()

    def commit(connection: Connection) -> None:
        life = LIFE.get()
        if life is not None:
            life.commit(connection)

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
