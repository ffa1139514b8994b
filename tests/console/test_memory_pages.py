"""A person's memories and the requests: seen, edited, deleted, closed; by whoever works with the person."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from console_browsing import field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.converse.memory import Heard
from callbot.store import tables as t
from callbot.store.tables_memory import memories
from callbot.understand.meaning import MemoryKind, Mention
from callbot.workflows.remember import remember

KNEE = Mention("knee", MemoryKind.CHRONIC, "무릎", "무릎이 쑤셔서 잠을 못 자", 1)


@pytest.fixture
def soonja(world: World) -> int:
    """Whose knee is remembered."""
    person = world.ids["soonja"]
    with world.store.write() as connection:
        remember(connection, person, world.ids["call"], Heard((KNEE,)), NOW - timedelta(days=7))
    return person


def post(client: TestClient, page: str, path: str, **form: object):  # type: ignore[no-untyped-def]
    token = field(client.get(page).text, "csrf_token")
    return client.post(path, data={"csrf_token": token, **form})


def test_what_is_remembered_is_seen_with_the_persons_words(jieun: TestClient, soonja: int) -> None:
    """On the person's page, with kind, source and end."""
    page = jieun.get(f"/people/{soonja}").text

    assert "기억하고 있는 것" in page
    assert "무릎이 쑤셔서 잠을 못 자" in page
    assert "오래가는 아픔" in page


def test_a_memory_is_edited_silenced_and_deleted(jieun: TestClient, world: World, soonja: int) -> None:
    """Each with its line of audit; what is not to be spoken of loses its words, what is deleted its row."""
    page = f"/people/{soonja}"
    [row] = world.rows(memories)
    one = f"{page}/memories/{row.id}"

    assert post(jieun, page, one, what="save", about="허리", kind="chronic", due_on="").status_code == 303
    assert world.rows(memories)[0].about == "허리"
    assert post(jieun, page, one, what="silence").status_code == 303
    assert (world.rows(memories)[0].state, world.rows(memories)[0].quote) == ("silenced", None)
    assert post(jieun, page, one, what="delete").status_code == 303
    assert world.rows(memories) == []
    assert [row.action for row in world.rows(t.audit)][-3:] == ["edit_memory", "silence_memory", "delete_memory"]
    assert post(jieun, page, one, what="delete").status_code == 404


def test_a_worker_adds_something_to_ask_about(jieun: TestClient, world: World, soonja: int) -> None:
    """With its day; what may not be spoken is refused in words."""
    page = f"/people/{soonja}"

    added = post(jieun, page, f"{page}/memories", about="백내장 수술", kind="appointment", due_on="2026-12-01")
    refused = post(jieun, page, f"{page}/memories", about="계좌번호", kind="event", due_on="")

    assert added.status_code == 303
    assert {row.about for row in world.rows(memories)} == {"무릎", "백내장 수술"}
    assert "여쭐 수 없습니다" in jieun.get(refused.headers["location"]).text


def test_another_programmes_worker_sees_and_changes_nothing(browser, world: World, soonja: int) -> None:  # type: ignore[no-untyped-def]
    """Not the page, not the row by its number, not the request."""
    [row] = world.rows(memories)
    far = browser("far")
    token = field(far.get("/today").text, "csrf_token")

    assert far.get(f"/people/{soonja}").status_code == 404
    path = f"/people/{soonja}/memories/{row.id}"
    assert far.post(path, data={"csrf_token": token, "what": "delete"}).status_code == 404
    assert len(world.rows(memories)) == 1


def test_a_request_goes_from_open_to_handed_to_closed(jieun: TestClient, world: World) -> None:
    """In the person's own words; closed only with an outcome; the audit and the case keep the steps."""
    wish = world.rows(t.requests)[0]
    shown = jieun.get("/requests").text
    assert wish.quote in shown

    assert post(jieun, "/requests", f"/requests/{wish.id}", what="handed", note="복지관에 전함").status_code == 303
    assert post(jieun, "/requests", f"/requests/{wish.id}", what="closed").status_code == 400
    assert post(jieun, "/requests", f"/requests/{wish.id}", what="closed", outcome="provided").status_code == 303

    [row] = world.rows(t.requests, t.requests.c.id == wish.id)
    assert (row.state, row.outcome, row.note) == ("closed", "provided", "복지관에 전함")
    assert row.done_at is not None
    assert wish.quote not in jieun.get("/requests").text
    assert wish.quote in jieun.get("/requests?closed=1").text
    assert [one.action for one in world.rows(t.audit)][-2:] == ["move_ticket", "move_ticket"]


def test_closing_the_case_closes_its_requests(jieun: TestClient, world: World) -> None:
    """Whoever closes the matter need not close every wish by itself."""
    wish = world.rows(t.requests)[0]
    page = f"/cases/{wish.case_id}"
    html = jieun.get(page).text
    form = {"outcome": "service_arranged", "note": "쌀을 가져다 드림", "version": field(html, "version")}

    assert post(jieun, page, f"{page}/close", **form).status_code == 303

    [row] = world.rows(t.requests, t.requests.c.id == wish.id)
    assert (row.state, row.outcome) == ("closed", "provided")
    assert sa.inspect(world.store.engine).has_table("requests")


def test_a_script_is_chosen_for_a_person(jieun: TestClient, world: World, soonja: int) -> None:
    """From those that are there; the audit says who chose."""
    page = f"/people/{soonja}/plan"

    assert post(jieun, page, f"{page}/script", script="weekly-checkin").status_code == 303
    assert world.rows(t.persons, t.persons.c.id == soonja)[0].script_name == "weekly-checkin"
    assert post(jieun, page, f"{page}/script", script="no-such").status_code == 400
    assert post(jieun, page, f"{page}/script", script="").status_code == 303
    assert world.rows(t.persons, t.persons.c.id == soonja)[0].script_name is None
    assert [row.action for row in world.rows(t.audit)][-1] == "edit_script"
