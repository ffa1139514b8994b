"""Making accounts."""

import pytest
from console_browsing import enter
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.console import accounts
from callbot.console.accounts import BadAccount
from callbot.console.passwords import WeakPassword
from callbot.store import tables as t
from callbot.store.console_accounts import list_accounts
from callbot.store.console_scope import Scope

GOOD = "gureum-sanchaek-71"


def test_a_caseworkers_account_sees_one_programme(world: World, stranger: TestClient) -> None:
    """It comes with a member of the team who can be paged."""
    made = accounts.add(world.store, "haneul", GOOD, "caseworker", NOW, name="정하늘", programme="주간 안부")
    assert (made.name, made.scope) == ("정하늘", Scope(world.ids["programme"]))
    assert enter(stranger, "haneul", GOOD) == 303
    assert "정하늘" in stranger.get("/today").text


@pytest.mark.parametrize(
    ("login", "role", "programme", "says"),
    [
        ("jieun", "supervisor", "", "이미 있습니다"), ("이지은", "supervisor", "", "쓸 수 없습니다"), ("", "admin", "", "쓸 수 없습니다"),
        ("new", "boss", "", "역할"), ("new", "caseworker", "", "--programme"), ("new", "caseworker", "없는 사업", "있는 사업: 주간 안부"),
    ],
)  # fmt: skip
def test_bad_accounts_are_refused_in_one_sentence(
    world: World, login: str, role: str, programme: str, says: str
) -> None:
    """And nothing is left behind."""
    with world.store.read() as connection:
        before = list_accounts(connection)
    workers = len(world.rows(t.workers))
    with pytest.raises(BadAccount, match=says):
        accounts.add(world.store, login, GOOD, role, NOW, programme=programme)
    with world.store.read() as connection:
        assert list_accounts(connection) == before
    assert len(world.rows(t.workers)) == workers


def test_a_weak_password_makes_no_account(world: World) -> None:
    """Nor does it change one."""
    with pytest.raises(WeakPassword):
        accounts.add(world.store, "new", "short", "admin", NOW)
    with pytest.raises(WeakPassword):
        accounts.set_password(world.store, "jieun", "jieun-jieun-1", NOW)


def test_a_new_password_logs_out_and_unlocks(world: World, jieun: TestClient) -> None:
    """Whoever knew the old one is out everywhere."""
    accounts.set_password(world.store, "jieun", GOOD, NOW)
    assert jieun.get("/today").status_code == 303
    assert enter(jieun, "jieun") == 401
    assert enter(jieun, "jieun", GOOD) == 303


def test_the_demonstrations_account_has_a_new_password_every_start(world: World, stranger: TestClient) -> None:
    """The one of the last start is worth nothing."""
    login, first = accounts.ensure_demo_account(world.store, NOW)
    again, second = accounts.ensure_demo_account(world.store, NOW)
    assert login == again
    assert enter(stranger, login, first) == 401
    assert enter(stranger, login, second) == 303
    assert "김순자" in stranger.get("/today").text
