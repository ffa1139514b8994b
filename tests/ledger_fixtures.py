"""Real databases for the tests: SQLite, and a private PostgreSQL cluster started for the session."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from callbot.people.enrolment import Enrolment
from callbot.people.team import Role
from callbot.store.database import Store
from callbot.store.migrate import migrate, open_store
from callbot.store.policy_rows import add_programme, add_worker
from callbot.store.tables import metadata
from callbot.workflows.import_people import import_people

TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Seoul."""


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = (
        "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
    )
    return ["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups"]


def _free_port() -> int:
    """Chosen by the machine: test runs beside one another must not take the same one."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        port: int = candidate.getsockname()[1]
        return port


@dataclass
class Cluster:
    """A private PostgreSQL on loopback, without syncing to the disk."""

    url: str
    words: list[str | Path]
    directory: Path
    server: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Until it answers."""
        environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        with (self.directory / "log").open("ab") as log:
            self.server = subprocess.Popen(self.words, stdout=log, stderr=log, cwd=self.directory, env=environ)
        _await_server(self.url, self.server, self.directory / "log")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: fast (SIGTERM would wait for every client); SIGQUIT: as in a crash."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait(30)
            self.server = None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """One that runs."""
    binaries = _binaries()
    if binaries is None:
        message = (
            "PostgreSQL server binaries are missing: apt-get install postgresql (the ledger must run on both databases)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    user, directory, port = _unprivileged(), Path(tempfile.mkdtemp(prefix="callbot-pg-", dir="/tmp")), _free_port()
    directory.chmod(0o777)
    data = directory / "data"
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    run = {"capture_output": True, "cwd": directory, "env": environ}
    subprocess.run(
        [*user, binaries / "initdb", "-D", data, "-U", "callbot", "-A", "trust", "-E", "UTF8", "-N"], check=True, **run
    )
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={directory}"]
    url = f"postgresql+psycopg://callbot@127.0.0.1:{port}/postgres"
    it = Cluster(url, [*user, binaries / "postgres", "-D", data, "-p", str(port), *options], directory)
    try:
        it.start()
        yield it
    finally:
        it.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a private cluster's superuser database."""
    with cluster() as it:
        yield it.url


def _await_server(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    engine = sa.create_engine(url)
    for _ in range(150):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        try:
            with engine.connect():
                break
        except sa.exc.OperationalError:
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database with its key file beside it; copied, never opened."""
    directory = tmp_path_factory.mktemp("ledger")
    migrate(f"sqlite:///{directory}/callbot.db", directory / "keys.json", TUESDAY).store.close()
    return directory


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A migrated database in the cluster; `store` empties it before every test."""
    keys = tmp_path_factory.mktemp("pgkeys") / "keys.json"
    store = migrate(postgres_url, keys, TUESDAY).store
    yield store
    store.close()


def fresh_sqlite(template: Path, directory: Path) -> Store:
    """A copy of the template, opened."""
    shutil.copytree(template, directory, dirs_exist_ok=True)
    return open_store(f"sqlite:///{directory}/callbot.db", directory / "keys.json")


def emptied(store: Store) -> Store:
    """Every row gone, but for the key check."""
    names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "installation")
    with store.write() as connection:
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty ledger; every test that takes it runs on both databases."""
    if request.param == "postgresql":
        yield emptied(request.getfixturevalue("postgres_store"))
        return
    opened = fresh_sqlite(request.getfixturevalue("sqlite_template"), tmp_path / "ledger")
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty ledger on SQLite only."""
    opened = fresh_sqlite(sqlite_template, tmp_path / "ledger")
    yield opened
    opened.close()


@dataclass(frozen=True)
class Town:
    """One programme with a caseworker, a lead, and people who are due on Tuesday at 10:00."""

    store: Store
    programme_id: int
    caseworker_id: int
    lead_id: int
    person_ids: tuple[int, ...]


NAMES = ("김순자", "박철수", "이영희", "최말순", "정갑수", "강옥분", "조덕배", "윤복희")


def build_town(store: Store, people: int = 1, now: datetime = TUESDAY) -> Town:
    """Invented people with virtual numbers."""
    with store.write() as connection:
        programme = add_programme(connection, "안부전화", "광주광역시 동구청", "062-000-0000")
        caseworker = add_worker(
            connection, store.keys, name="한담당", role=Role.CASEWORKER, phone="+821000009001", programme_id=programme
        )
        lead = add_worker(connection, store.keys, name="서팀장", role=Role.LEAD, phone="+821000009002")
    rows = [
        Enrolment(
            name=NAMES[number % len(NAMES)],
            numbers=(f"+82100000{number:04}",),
            address="광주 동구 가상로 1",
            birth_year=1944,
            weekdays=(2,),
            consent=True,
            worker="한담당",
        )
        for number in range(1, people + 1)
    ]
    imported = import_people(store, rows, now, programme)
    return Town(store, programme, caseworker, lead, imported.person_ids)


@pytest.fixture
def town(store: Store) -> Town:
    """One person."""
    return build_town(store)


@pytest.fixture
def make_town(store: Store) -> Callable[[int], Town]:
    """As many people as asked for."""
    return lambda people: build_town(store, people)
