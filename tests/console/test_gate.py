"""Nothing personal without a log-in, nothing changed without a token, nothing of other people."""

import re
from collections.abc import Callable

import pytest
from console_browsing import field
from console_world import World
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from callbot.console.gate import LINK_PREFIX, OPEN_PATHS, SILENT_PATHS
from callbot.store import tables as t


def every_route(app: Starlette) -> list[tuple[str, str]]:
    """(method, path) of everything that is not named open."""
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        path = route.path.replace("/texts/{name}", "/texts/critical")
        if path.startswith(LINK_PREFIX):  # proves itself: test_paging_pages.py
            continue
        path = re.sub(r"\{\w+(:id)?\}", "1", path)
        assert "{" not in path
        found += [(method, path) for method in sorted(route.methods or ()) if path not in OPEN_PATHS]
    return found


def test_no_page_without_a_login(app: Starlette, stranger: TestClient) -> None:
    """Every route of the app, by name open or closed: closed ones lead to the log-in, and say nothing."""
    routes = every_route(app)
    assert len(routes) > 12
    for method, path in routes:
        answer = stranger.request(method, path)
        if method == "GET" and path not in SILENT_PATHS:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login"), path
        else:
            assert answer.status_code == 401, (method, path)
        assert "김순자" not in answer.text


def test_scripts_and_players_get_401_not_a_login_page(stranger: TestClient) -> None:
    """What is no page navigation is refused plainly."""
    for path in ("/today/rows", "/calls/1/audio"):
        assert stranger.get(path, headers={"accept": "*/*"}).status_code == 401


def test_every_post_needs_the_sessions_token(app: Starlette, jieun: TestClient, world: World) -> None:
    """Without it, with a made-up one, and with another session's: refused, and nothing is changed."""
    before = world.rows(t.cases)
    posts = [path for method, path in every_route(app) if method == "POST"]
    assert len(posts) >= 11
    for path in posts:
        for form in ({}, {"csrf_token": "made-up"}, {"csrf_token": ""}):
            assert jieun.post(path, data=form).status_code == 403, path
    assert world.rows(t.cases) == before
    assert jieun.get("/today").status_code == 200


def test_a_form_on_another_site_is_refused_even_with_the_token(jieun: TestClient, world: World) -> None:
    """By Origin, and by Sec-Fetch-Site."""
    token = field(jieun.get("/cases/1").text, "csrf_token")
    for headers in (
        {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ):  # fmt: skip
        answer = jieun.post("/cases/1/acknowledge", data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 403
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


@pytest.mark.parametrize("login", ["far", "loose"])
def test_other_peoples_data_does_not_exist(browser: Callable[[str], TestClient], world: World, login: str) -> None:
    """A caseworker of another programme, or of none, gets 404 and empty lists, never 403."""
    client = browser(login)
    for path in ("/cases/1", "/people/1", f"/calls/{world.ids['call']}/audio"):
        assert client.get(path).status_code == 404, path
    token = field(client.get("/today").text, "csrf_token")
    for path in ("/cases/1/acknowledge", "/cases/1/close"):
        answer = client.post(path, data={"csrf_token": token, "outcome": "visited", "version": "0"})
        assert answer.status_code == 404, path
    for path in ("/today", "/inbox", "/people", "/today/rows"):
        assert "김" not in client.get(path).text.replace("긴급", ""), path
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


def test_an_administrator_sees_no_names(browser: Callable[[str], TestClient]) -> None:
    """Whoever looks after accounts sees masked names, no words of a call, and opens no card."""
    client = browser("root")
    board = client.get("/today").text
    assert "김O자" in board
    for hidden in ("김순자", "가슴이", "계림로"):
        assert hidden not in board + client.get("/inbox").text + client.get("/people").text
    for path in ("/cases/1", "/people/1", "/calls/1/audio"):
        assert client.get(path).status_code == 403, path
    assert client.get("/people?q=김순자").text.count("person-row") == client.get("/people").text.count("person-row")


def test_looking_is_written_down(jieun: TestClient, world: World) -> None:
    """Who, what, whom, from where: before the page is sent."""
    audio = f"/calls/{world.ids['call']}/audio"
    for path in ("/today", "/inbox", "/people", "/people/1", "/cases/1", audio, audio):
        assert jieun.get(path).status_code == 200
    jieun.get("/today/rows")
    lines = [(line.action, line.subject_id) for line in world.rows(t.access_log) if line.action != "login"]
    assert lines == [
        ("view_board", None), ("view_inbox", None), ("view_people", None), ("view_person", 1), ("view_case", 1), ("listen", world.ids["call"]),
    ]  # fmt: skip
    assert {line.account_id for line in world.rows(t.access_log)} == {world.ids["jieun"]}


@pytest.mark.parametrize("path", ["/login", "/today", "/healthz", "/static/console.css", "/cases/999"])
def test_headers_on_every_answer(jieun: TestClient, path: str) -> None:
    """A strict policy without inline code; personal pages are never cached."""
    headers = jieun.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert ("no-store" in headers.get("cache-control", "")) == (not path.startswith("/static"))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/cases/999", 404), ("/nowhere", 404), ("/cases/abc", 404), ("/cases/99999999999999999999", 404)],
)
def test_error_pages_are_korean(jieun: TestClient, path: str, status: int) -> None:
    """And repeat nothing of what was asked."""
    answer = jieun.get(path)
    assert answer.status_code == status
    assert "찾는 것이 없습니다" in answer.text
    assert "999" not in answer.text


def test_odd_methods_and_huge_forms(jieun: TestClient) -> None:
    """Refused in plain words."""
    assert jieun.request("DELETE", "/cases/1").status_code == 405
    assert jieun.request("PUT", "/today").status_code == 405
    huge = jieun.post("/cases/1/close", data={"note": "가" * 100_000})
    assert huge.status_code == 413


def test_no_path_leads_out_of_static(stranger: TestClient) -> None:
    """Not even an encoded one."""
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"):
        answer = stranger.get(path)
        assert answer.status_code in {303, 404}, path
        assert "create_app" not in answer.text


def test_health_says_nothing_but_ok(stranger: TestClient) -> None:
    """For a monitor, without a log-in."""
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
