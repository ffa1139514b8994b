"""How a person is spoken to, on their page: seen, set, forgotten."""

from console_browsing import field
from console_world import World
from starlette.testclient import TestClient

from callbot.store import tables as t
from callbot.store.habit_rows import learn_pauses, pauses_known


def _page(world: World) -> str:
    return f"/people/{world.ids['soonja']}/plan"


def _send(client: TestClient, world: World, **form: str):  # type: ignore[no-untyped-def]
    token = field(client.get(_page(world)).text, "csrf_token")
    return client.post(f"{_page(world)}/talk", data={"csrf_token": token, **form})


def test_slower_and_louder_from_the_next_call_on(jieun: TestClient, world: World) -> None:
    """The caseworker chooses; it is kept, audited and shown again."""
    assert _send(jieun, world, speed="0.88", louder_db="6").status_code == 303
    [row] = world.rows(t.persons, t.persons.c.id == world.ids["soonja"])
    assert (row.speech_speed, row.louder_db) == (0.88, 6.0)
    assert world.rows(t.audit)[-1].action == "change_habits"
    assert '<option value="0.88" selected>' in jieun.get(_page(world)).text


def test_what_is_not_offered_is_refused(jieun: TestClient, world: World) -> None:
    """Nobody is spoken to at a tenth of the speed because somebody typed it."""
    assert _send(jieun, world, speed="0.1", louder_db="0").status_code == 400
    assert _send(jieun, world, speed="1", louder_db="40").status_code == 400
    [row] = world.rows(t.persons, t.persons.c.id == world.ids["soonja"])
    assert row.speech_speed is None


def test_learned_pauses_are_shown_and_forgotten(jieun: TestClient, world: World) -> None:
    """What was learned of the person is visible to who answers for it, and can be taken back."""
    person_id = world.ids["soonja"]
    with world.store.write() as connection:
        learn_pauses(connection, person_id, [1.4] * 12)
    assert "1.4초까지 쉬십니다 (최근 12번)" in jieun.get(_page(world)).text
    assert _send(jieun, world, speed="1", louder_db="0", forget="yes").status_code == 303
    with world.store.read() as connection:
        assert pauses_known(connection, person_id) == ()
