"""Ladders that survive their form, the ring of a programme, people who have died, and the list of calls that came to us."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from console_browsing import field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.console.plan_ladders import read_rungs, shown
from callbot.people.hold import HoldReason
from callbot.people.numbers import Relation
from callbot.schedule.ladder import DEFAULT, RetryCause, RetryLadder, Rung, read_ladder
from callbot.store import tables as t
from callbot.store.policy_rows import publish_ladder
from callbot.store.ring_rows import ring_seconds
from callbot.store.tables_incoming import incoming_calls
from callbot.workflows.hold_person import hold_person, lift_hold

EVERYTHING = RetryLadder(
    name="모두 다",
    days=2,
    most_a_day=4,
    spare=1,
    spare_after=90,
    rungs=(
        Rung(do="call_again", after=dict.fromkeys(RetryCause, 61.5), number="next", late="drop"),
        Rung(do="call_again", only=(RetryCause.NETWORK, RetryCause.OURS)),
        Rung(do="sms", only=(RetryCause.NO_ANSWER,)),
        Rung(do="contact", who=(Relation.NEIGHBOUR, Relation.GUARDIAN), after={RetryCause.OTHER_PERSON: 20}),
        Rung(do="contact", who=(Relation.NEIGHBOUR,)),
        Rung(do="other_number", after={RetryCause.DEFAULT: 0}),
        Rung(do="page"),
        Rung(do="visit"),
    ),
)
"""Every field of every rung set to something that is not its default."""
DEMO = read_ladder({"name": "초", "rungs": [{"do": "call_again", "after": {"default": 20, "busy": 8}}]})


@pytest.fixture
def boss(browser: Callable[[str], TestClient]) -> TestClient:
    """The supervisor."""
    return browser("boss")


def as_posted(ladder: RetryLadder) -> dict[str, tuple[str, ...]]:
    """What a browser sends for the untouched form."""
    given = {"name": ladder.name, "days": str(ladder.days), "most_a_day": str(ladder.most_a_day)}
    given |= {"spare": str(ladder.spare), "spare_after": f"{ladder.spare_after / 60:.12g}"}
    for row, rung in enumerate(ladder.rungs):
        given |= {f"{name}{row}": value for name, value in shown(rung).items()}
    return {name: (value,) for name, value in given.items()}


@pytest.mark.parametrize("ladder", [DEFAULT, EVERYTHING, DEMO], ids=lambda ladder: ladder.name)
def test_an_untouched_form_saves_the_same_ladder(ladder: RetryLadder) -> None:
    """Waits by every cause, conditions, the order of guardian and neighbour, the next number: nothing is dropped."""
    assert read_rungs(as_posted(ladder)) == ladder


def test_the_page_itself_posts_back_every_field(boss: TestClient, world: World) -> None:
    """What the HTML holds, sent back unchanged, is the ladder that was shown."""
    with world.store.write() as connection:
        ladder_id = publish_ladder(connection, EVERYTHING, NOW)
    page = boss.get(f"/plan/ladders/{ladder_id}").text
    form = page[page.index('id="ladder-form"') : page.index("</form>", page.index('id="ladder-form"'))]
    sent = {
        name: html.unescape(value) for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    }
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = html.unescape((re.search(r'value="([^"]*)" selected', options) or [None, ""])[1])
    assert boss.post(f"/plan/ladders/{ladder_id}", data=sent | {"what": "publish"}).status_code == 303
    saved = world.rows(t.retry_ladders)[-1]
    assert saved.version == 2
    assert read_ladder(saved.rungs) == EVERYTHING


@pytest.mark.parametrize(("typed", "seconds"), [("45", 45.0), ("", None)])
def test_a_programme_rings_as_long_as_it_says(
    boss: TestClient, world: World, typed: str, seconds: float | None
) -> None:
    """Seconds for every call of the programme; empty: the installation's own."""
    path = f"/plan/programmes/{world.ids['programme']}"
    token = field(boss.get(path).text, "csrf_token")
    form = {"window_from": "09:00", "window_until": "18:00", "ladder": "default", "holiday_rule": "shift"}
    assert boss.post(path, data=form | {"csrf_token": token, "ring_s": typed}).status_code == 303
    with world.store.read() as connection:
        assert ring_seconds(connection, world.ids["soonja"]) == seconds
    refused = boss.post(path, data=form | {"csrf_token": token, "ring_s": "5"})
    assert refused.status_code == 400
    assert "‘벨을 울리는 시간(초)’ 값 &#39;5&#39;을(를) 쓸 수 없습니다. 10에서 90 사이" in refused.text


def test_whoever_died_is_no_longer_in_the_programme(jieun: TestClient, world: World) -> None:
    """Put down as dead by a human: not in the list, no longer planned; found among those who left; lifted: back again."""
    soonja = world.ids["soonja"]
    hold_person(world.store, soonja, HoldReason.DEAD, NOW, by="jieun")
    assert not world.rows(t.persons, t.persons.c.id == soonja)[0].active
    assert "김순자" not in jieun.get("/people").text
    assert "김순자" in jieun.get("/people?left=1").text
    assert {row.action for row in world.rows(t.audit)} >= {"hold", "leave_programme"}
    lift_hold(world.store, soonja, NOW, by="jieun")
    assert world.rows(t.persons, t.persons.c.id == soonja)[0].active
    hold_person(world.store, soonja, HoldReason.HOSPITAL, NOW, by="jieun")
    assert world.rows(t.persons, t.persons.c.id == soonja)[0].active


def test_incoming_calls_are_listed_and_strangers_masked(
    jieun: TestClient, browser: Callable[[str], TestClient], world: World
) -> None:
    """Call-backs by name with what they came to; of unknown callers only the number's ends; another programme's people
    are not shown; an administrator sees nothing."""
    add = lambda minutes, **row: world.add(  # noqa: E731
        incoming_calls, key=f"in-{minutes}", at=NOW - timedelta(minutes=minutes), **row
    )
    add(3, number="+821000000001", person_id=world.ids["soonja"], outcome="check_in", resume_at=NOW, ended_at=NOW)
    add(9, number="+821000005678", outcome="message", case_id=world.ids["case"], ended_at=NOW)
    add(12, number=None, outcome="nothing", ended_at=NOW)
    page = jieun.get("/incoming").text
    assert page.index("김순자") < page.index("010-****-5678") < page.index("번호 숨김")
    assert "010-0000-5678" not in page
    assert "안부 통화를 했습니다 · 예정되었던 다시 걸기를 취소했습니다" in page
    assert f'href="/cases/{world.ids["case"]}"' in page
    far = browser("far").get("/incoming").text
    assert "김순자" not in far
    assert "010-****-5678" in far
    assert browser("root").get("/incoming").status_code == 403
    assert [row.action for row in world.rows(t.access_log)].count("view_incoming") == 2
