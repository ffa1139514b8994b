"""A console over a real database with an invented neighbourhood."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import console_world as neighbourhood
import pytest
from console_browsing import ORIGIN, Clock, enter
from console_world import NOW, QUICK, World
from starlette.applications import Starlette
from starlette.testclient import TestClient

from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.store.database import Store, open_engine
from callbot.store.keys import read_key_file


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once; tests get copies."""
    made = neighbourhood.furnish(neighbourhood.empty_world(tmp_path_factory.mktemp("console")))
    made.store.close()
    return made


@pytest.fixture
def world(furnished: World, tmp_path: Path) -> Iterator[World]:
    """A copy of one's own."""
    directory = tmp_path / "world"
    shutil.copytree(furnished.recordings.parent, directory)
    keys = read_key_file(directory / "keys.json")
    store = Store(open_engine(f"sqlite:///{directory}/callbot.db", keys), keys)
    yield World(store, directory / "recordings", dict(furnished.ids))
    store.close()


@pytest.fixture
def wall() -> Clock:
    return Clock()


@pytest.fixture
def deps(world: World, wall: Clock) -> ConsoleDeps:
    return ConsoleDeps(world.store, lambda: NOW, world.recordings, "광주광역시 동구청", wall=wall, passwords=QUICK)


@pytest.fixture
def app(deps: ConsoleDeps) -> Starlette:
    return create_app(deps)


@pytest.fixture
def stranger(app: Starlette) -> Iterator[TestClient]:
    """A browser without a log-in."""
    with TestClient(app, headers=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def browser(app: Starlette) -> Iterator[Callable[[str], TestClient]]:
    """`browser("jieun")`: a browser logged in with that account."""
    opened: list[TestClient] = []

    def open_one(login: str) -> TestClient:
        client = TestClient(app, headers=ORIGIN, follow_redirects=False)
        client.__enter__()
        opened.append(client)
        assert enter(client, login) == 303
        return client

    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def jieun(browser: Callable[[str], TestClient]) -> TestClient:
    """The caseworker."""
    return browser("jieun")
