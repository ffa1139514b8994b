"""Who gets in, and who stays in."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from console_browsing import ORIGIN, Clock, enter, field
from console_world import PASSWORD, World
from starlette.applications import Starlette
from starlette.testclient import TestClient

from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.console.login import local_path
from callbot.console.passwords import Passwords, WeakPassword, check_strength, generate
from callbot.store import tables as t
from callbot.store.console_accounts import lock_length


def test_right_password_opens_the_board_in_the_workers_name(stranger: TestClient) -> None:
    """A caseworker logs in and sees the board of today."""
    assert enter(stranger, "jieun") == 303
    page = stranger.get("/today")
    assert page.status_code == 200
    assert "이지은" in page.text
    assert "김순자" in page.text


@pytest.mark.parametrize(
    ("login", "password"), [("jieun", "wrong-word"), ("nobody", PASSWORD), ("", ""), ("jieun' --", "x")]
)
def test_refusals_sound_alike(stranger: TestClient, login: str, password: str) -> None:
    """A wrong password and an unknown account get the very same page: nobody can find out who has an account."""
    token = field(stranger.get("/login").text, "csrf_token")
    answer = stranger.post("/login", data={"csrf_token": token, "login": login, "password": password})
    assert answer.status_code == 401
    assert "로그인하지 못했습니다. 아이디와 비밀번호를 확인해 주세요." in answer.text
    assert stranger.get("/today").status_code == 303


def test_unknown_login_costs_as_much_as_a_known_one() -> None:
    """The same Argon2 work is done, and no password is ever right for nobody."""
    passwords = Passwords()
    assert passwords.matches(None, PASSWORD) is False
    assert passwords.matches(passwords.hash(PASSWORD), PASSWORD) is True
    assert passwords.matches("no hash at all", PASSWORD) is False


def test_five_failures_lock_the_account_for_a_while(stranger: TestClient, wall: Clock) -> None:
    """After the fifth wrong password even the right one is refused, in the same words, until the lock is over."""
    for _ in range(5):
        assert enter(stranger, "jieun", "wrong-word") == 401
    assert enter(stranger, "jieun") == 401
    wall.passes(seconds=61)
    assert enter(stranger, "jieun") == 303


def test_locks_grow_to_a_quarter_of_an_hour() -> None:
    """1, 2, 4, 8, 15, 15 ... minutes."""
    minutes = [span.total_seconds() / 60 if (span := lock_length(n)) else 0 for n in (4, 5, 6, 7, 8, 9, 40)]
    assert minutes == [0, 1, 2, 4, 8, 15, 15]


def test_many_failures_from_one_address_are_slowed_down(stranger: TestClient, wall: Clock) -> None:
    """A search over many accounts is stopped although no single account is locked."""
    for n in range(30):
        assert enter(stranger, f"nobody{n}", "wrong-word") == 401
    assert enter(stranger, "jieun") == 429
    wall.passes(minutes=11)
    assert enter(stranger, "jieun") == 303


def test_a_new_login_never_continues_an_old_session(stranger: TestClient) -> None:
    """Session fixation: a cookie planted before the log-in is worth nothing after it, and is not the one given out."""
    stranger.cookies.set("callbot", "planted-by-somebody")
    assert enter(stranger, "jieun") == 303
    given = next(
        cookie.value
        for cookie in stranger.cookies.jar
        if cookie.name == "callbot" and cookie.value != "planted-by-somebody"
    )
    stranger.cookies.clear()
    stranger.cookies.set("callbot", "planted-by-somebody")
    assert stranger.get("/today").status_code == 303
    stranger.cookies.clear()
    stranger.cookies.set("callbot", given or "")
    assert stranger.get("/today").status_code == 200


def test_logging_in_again_ends_the_session_before(jieun: TestClient) -> None:
    """The old token is dead on the server, not only forgotten by the browser."""
    old = jieun.cookies["callbot"]
    assert enter(jieun, "boss") == 303
    assert jieun.cookies["callbot"] != old
    jieun.cookies.clear()
    jieun.cookies.set("callbot", old)
    assert jieun.get("/today").status_code == 303


def test_only_a_hash_of_the_session_is_kept(jieun: TestClient, world: World) -> None:
    """Whoever reads the database cannot log in with what stands there."""
    token = jieun.cookies["callbot"]
    assert len(token) >= 43  # 256 bits
    assert token.encode() not in b"".join(row.token_hash for row in world.rows(t.sessions))
    assert all(token not in str(row) for row in world.rows(t.sessions))


def test_logout_ends_the_session_on_the_server(jieun: TestClient) -> None:
    """A stolen cookie is dead after the log-out."""
    token = jieun.cookies["callbot"]
    csrf = field(jieun.get("/today").text, "csrf_token")
    assert jieun.post("/logout", data={"csrf_token": csrf}).status_code == 303
    jieun.cookies.set("callbot", token)
    assert jieun.get("/today").status_code == 303


def test_idle_sessions_end_and_the_boards_timer_keeps_none_alive(jieun: TestClient, wall: Clock) -> None:
    """Half an hour without a human: the board that refreshes itself does not count as one."""
    for _ in range(4):
        wall.passes(minutes=9)
        last = jieun.get("/today/rows").status_code
    assert last == 401
    assert jieun.get("/today").status_code == 303


def test_a_busy_session_ends_after_twelve_hours(jieun: TestClient, wall: Clock) -> None:
    """However much it is used."""
    for _ in range(35):
        wall.passes(minutes=20)
        assert jieun.get("/inbox").status_code == 200
    wall.passes(minutes=21)
    assert jieun.get("/inbox").status_code == 303


def test_switching_an_account_off_works_at_once(jieun: TestClient, world: World) -> None:
    """Whoever is logged in with it is out."""
    with world.store.write() as connection:
        connection.execute(sa.update(t.accounts).where(t.accounts.c.login == "jieun").values(active=False))
    assert jieun.get("/today").status_code == 303
    assert enter(jieun, "jieun") == 401


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(app: Starlette, deps: ConsoleDeps) -> None:
    """HttpOnly, SameSite, and behind TLS also Secure and bound to the host."""
    with TestClient(app, headers=ORIGIN, follow_redirects=False) as client:
        token = field(client.get("/login").text, "csrf_token")
        answer = client.post("/login", data={"csrf_token": token, "login": "jieun", "password": PASSWORD})
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("callbot="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    secure = create_app(replace(deps, https=True))
    headers = {"origin": "https://testserver", "accept": "text/html"}
    with TestClient(secure, base_url="https://testserver", headers=headers, follow_redirects=False) as client:
        token = field(client.get("/login").text, "csrf_token")
        answer = client.post("/login", data={"csrf_token": token, "login": "jieun", "password": PASSWORD})
        assert "strict-transport-security" in answer.headers
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-callbot="))
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_login_needs_its_own_token(stranger: TestClient) -> None:
    """Nobody can be logged in to somebody else's account from another page."""
    stranger.get("/login")
    answer = stranger.post("/login", data={"csrf_token": "made-up", "login": "jieun", "password": PASSWORD})
    assert answer.status_code == 403
    assert stranger.get("/today").status_code == 303


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/cases/3", "/cases/3"), ("//evil.example", "/today"), ("https://evil.example", "/today"), ("/\\evil.example", "/today"),
        ("/logout", "/today"), ("", "/today"), ("/cases/3\r\nset-cookie: a=b", "/today"),
    ],
)  # fmt: skip
def test_after_the_login_one_lands_on_our_own_pages(stranger: TestClient, asked: str, goes: str) -> None:
    """`next` is never another site."""
    assert local_path(asked) == goes
    token = field(stranger.get("/login").text, "csrf_token")
    form = {"csrf_token": token, "login": "jieun", "password": PASSWORD, "next": asked}
    assert stranger.post("/login", data=form).headers["location"] == goes


def test_weak_passwords_are_refused_and_made_up_ones_are_not() -> None:
    """Ten characters, without the login or a common word."""
    for weak in ("short", "password-2026", "my-name-is-jieun"):
        with pytest.raises(WeakPassword):
            check_strength(weak, "jieun")
    check_strength(generate(), "jieun")
    assert generate() != generate()


def test_every_login_and_failure_is_in_the_access_log(stranger: TestClient, world: World) -> None:
    """With the address, without the password."""
    enter(stranger, "jieun", "wrong-word")
    enter(stranger, "jieun")
    lines = world.rows(t.access_log)
    assert [line.action for line in lines] == ["login_failed", "login"]
    assert all(line.address == "testclient" for line in lines)
