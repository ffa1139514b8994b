"""The 일정 section: a person's schedule, holds, consents, numbers; programmes, ladders, campaigns; who may do what."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from console_browsing import ORIGIN, enter, field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.adapters.korean_holidays import korean_holidays
from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.schedule.window import SEOUL
from callbot.store import tables as t
from callbot.store import tables_schedule as ts

DAY = timedelta(days=1)


@pytest.fixture
def deps(deps: ConsoleDeps) -> ConsoleDeps:
    """With a calendar."""
    return replace(deps, holidays=lambda year: korean_holidays({year - 1, year, year + 1}))


@pytest.fixture
def boss(browser: Callable[[str], TestClient]) -> TestClient:
    """The supervisor."""
    return browser("boss")


def post(client: TestClient, page: str, path: str, **form: object):  # type: ignore[no-untyped-def]
    token = field(client.get(page).text, "csrf_token")
    return client.post(path, data={"csrf_token": token, **form})


def edit(client: TestClient, world: World, verb: str, /, **form: object):  # type: ignore[no-untyped-def]
    page = f"/people/{world.ids['soonja']}/plan"
    return post(client, page, f"{page}/{verb}", **form)


SCHEDULE = {"rhythm": "week", "weekday": ["2", "5"], "time": "14:30"}


def test_a_schedule_is_written_and_planned(jieun: TestClient, world: World) -> None:
    """Tuesday and Friday at half past two: the schedule, this week's contacts, the audit, the access log; and shown again."""
    answer = edit(jieun, world, "schedule", **SCHEDULE, window_from="13:00", window_until="17:00", ends_on="2027-03-31")
    assert answer.status_code == 303
    [row] = world.rows(t.schedules, t.schedules.c.person_id == world.ids["soonja"])
    assert (row.weekdays, row.preferred_time, row.window_from, row.window_until) == ([2, 5], "14:30", "13:00", "17:00")
    assert world.rows(t.persons, t.persons.c.id == world.ids["soonja"])[0].ends_on == date(2027, 3, 31)
    planned = world.rows(t.due_contacts, t.due_contacts.c.schedule_id == row.id)
    assert [f"{due.planned_at.astimezone(SEOUL):%a %H:%M}" for due in planned] == ["Tue 14:30", "Fri 14:30"]
    assert world.rows(t.audit)[-1].action == "change_schedule"
    assert world.rows(t.access_log)[-1].action == "edit_schedule"
    page = jieun.get(answer.headers["location"]).text
    assert "일정을 고쳤습니다" in page
    assert 'value="14:30"' in page


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"rhythm": "week", "time": "10:00"}, "요일을 하나 이상"),
        ({"rhythm": "now", "weekday": "2", "time": "10:00"}, "‘주기’을(를) 하나 골라"),
        (SCHEDULE | {"time": "25:00"}, "‘희망 시각’ 값 &#39;25:00&#39;을(를) 읽을 수 없습니다"),
        (
            SCHEDULE | {"window_from": "19:00", "window_until": "20:00"},
            "사업의 통화 시간대(09:00~18:00)와 겹치지 않습니다",
        ),
        (SCHEDULE | {"window_from": "21:00", "window_until": "22:00"}, "모두 밤(21:00~08:00)입니다"),
        (SCHEDULE | {"window_from": "17:00", "window_until": "10:00"}, "늦어야 합니다"),
        (SCHEDULE | {"window_from": "10:00"}, "‘통화 가능 시간 끝’이(가) 비어 있습니다"),
        (SCHEDULE | {"starts_on": "2026-12-01", "ends_on": "2026-11-01"}, "종료일이 시작일보다"),
        (SCHEDULE | {"ends_on": "내일"}, "2026-12-01처럼"),
        ({"rhythm": "days", "every_days": "0", "time": "10:00"}, "1에서 60 사이"),
    ],
)
def test_a_wrong_schedule_says_what_to_mend_and_keeps_what_was_typed(
    jieun: TestClient, world: World, form: dict[str, object], says: str
) -> None:
    """One sentence, nothing written."""
    answer = edit(jieun, world, "schedule", **form)
    assert answer.status_code == 400
    assert says in answer.text
    assert world.rows(t.schedules) == []
    assert f'value="{form["time"]}"' in answer.text


def test_every_n_days_is_counted_from_today(jieun: TestClient, world: World) -> None:
    """And goes on being counted from there when only the time is changed."""
    edit(jieun, world, "schedule", rhythm="days", every_days="10", time="10:00")
    edit(jieun, world, "schedule", rhythm="days", every_days="10", time="11:00")
    [row] = world.rows(t.schedules)
    assert (row.every_days, row.starts_on, row.preferred_time) == (10, date(2026, 11, 24), "11:00")
    assert "10일마다 11:00" in jieun.get(f"/people/{world.ids['soonja']}").text


def test_a_hold_from_a_day_to_a_day(jieun: TestClient, world: World) -> None:
    """Put, listed, extended, lifted: each with its line in the audit."""
    assert (
        edit(jieun, world, "hold", reason="travel", starts_on="", until="2026-11-26", note="딸네 집").status_code == 303
    )
    [hold] = world.rows(t.holds, t.holds.c.person_id == world.ids["soonja"])
    assert (hold.reason, hold.note, hold.by) == ("travel", "딸네 집", "jieun")
    assert hold.until == datetime(2026, 11, 26, tzinfo=SEOUL)
    listed = jieun.get("/plan/holds").text
    assert listed.index("김순자") < listed.index("배옥자")
    assert "딸네 집" in listed
    assert "곧 끝남" in listed
    assert edit(jieun, world, "extend", until="2026-12-10").status_code == 303
    assert world.rows(t.holds)[-1].until == datetime(2026, 12, 10, tzinfo=SEOUL)
    path = f"/people/{world.ids['soonja']}"
    assert post(jieun, f"{path}/plan", f"{path}/lift-hold").status_code == 303
    assert [row.action for row in world.rows(t.audit)] == ["hold", "extend_hold", "lift_hold"]


@pytest.mark.parametrize(
    ("what", "form", "says"),
    [
        ("hold", {"reason": "sleep"}, "‘까닭’을(를) 하나"),
        ("hold", {"reason": "travel", "until": "2026-11-24"}, "뒤여야 합니다"),
        ("hold", {"reason": "travel", "starts_on": "2026-12-05", "until": "2026-12-01"}, "뒤여야 합니다"),
        ("extend", {"until": "2026-11-20"}, "오늘보다 뒤여야"),
        ("consent", {"kind": "sms", "what": "give", "note": ""}, "‘근거’이(가) 비어"),
        ("consent", {"kind": "everything", "what": "give", "note": "x"}, "‘동의’을(를) 하나"),
        ("numbers", {"phone": "119", "relation": "self"}, "긴급·공공 번호"),
        ("numbers", {"phone": "010-0000-0077", "relation": "guardian", "contact_name": ""}, "이름’이(가) 비어"),
        ("numbers", {"phone": "010-0000-0001", "relation": "self"}, "이미 등록된 번호"),
        ("tags", {"tags": "가" * 21}, "20자까지"),
    ],
)
def test_other_mistakes(jieun: TestClient, world: World, what: str, form: dict[str, str], says: str) -> None:
    """One sentence each."""
    answer = edit(jieun, world, what, **form)
    assert answer.status_code == 400
    assert says in answer.text


def test_consent_is_withdrawn_the_same_moment(jieun: TestClient, world: World) -> None:
    """What was planned today is suspended in the transaction of the withdrawal."""
    edit(jieun, world, "schedule", rhythm="week", weekday="2", time="15:00")
    assert edit(jieun, world, "consent", kind="general", what="withdraw", note="전화로 철회").status_code == 303
    ended = world.rows(t.due_contacts, t.due_contacts.c.schedule_id.is_not(None))
    assert [row.disposition for row in ended] == ["suspended"]
    [entry] = world.rows(t.consents, t.consents.c.given.is_(False))
    assert (entry.kind, entry.given, entry.by, entry.note) == ("general", False, "jieun", "전화로 철회")
    assert "철회" in jieun.get(f"/people/{world.ids['soonja']}/plan").text


def test_numbers_of_a_guardian(jieun: TestClient, world: World) -> None:
    """Added masked, given up, taken up again, put first; somebody else's number cannot be touched."""
    edit(jieun, world, "numbers", phone="010-0000-0901", relation="guardian", contact_name="김철수")
    added = world.rows(t.person_numbers)[-1]
    page = jieun.get(f"/people/{world.ids['soonja']}/plan").text
    assert "010-****-0901" in page
    assert "보호자 김철수" in page
    assert "제3자 제공’에 동의했을 때만" in page
    for what, active in (("off", False), ("on", True), ("first", True)):
        assert edit(jieun, world, f"numbers/{added.id}", what=what).status_code == 303
        row = world.rows(t.person_numbers, t.person_numbers.c.id == added.id)[0]
        assert row.active is active
    assert row.position < 0
    others = world.rows(t.person_numbers, t.person_numbers.c.person_id != world.ids["soonja"])[0]
    assert edit(jieun, world, f"numbers/{others.id}", what="off").status_code == 404


@pytest.mark.parametrize("login", ["far", "loose"])
def test_nobody_edits_other_programmes_people(browser: Callable[[str], TestClient], world: World, login: str) -> None:
    """Not found, and no holds of theirs are listed."""
    client = browser(login)
    path = f"/people/{world.ids['soonja']}/plan"
    assert client.get(path).status_code == 404
    token = field(client.get("/plan/holds").text, "csrf_token")
    assert client.post(f"{path}/hold", data={"csrf_token": token, "reason": "travel"}).status_code == 404
    assert "배옥자" not in client.get("/plan/holds").text
    assert len(world.rows(t.holds)) == 1


@pytest.mark.parametrize(
    "path", ["/plan/ladders/default", "/plan/campaigns/new", "/plan/programmes/1", "/plan/programmes/1/days"]
)
def test_only_a_supervisor_edits_what_is_everybodys(
    jieun: TestClient, browser: Callable[[str], TestClient], world: World, path: str
) -> None:
    """A caseworker is refused, a system administrator sees nothing of it, and nothing is written."""
    token = field(jieun.get("/plan").text, "csrf_token")
    assert jieun.post(path, data={"csrf_token": token, "what": "publish"}).status_code == 403
    assert browser("root").get("/plan").status_code == 403
    assert (world.rows(t.retry_ladders), world.rows(ts.campaigns), world.rows(t.audit)) == ([], [], [])


def test_a_forged_form_changes_nothing(jieun: TestClient, world: World) -> None:
    """Without the token of the session."""
    answer = jieun.post(f"/people/{world.ids['soonja']}/plan/hold", data={"reason": "travel", "csrf_token": "x"})
    assert answer.status_code == 403
    assert len(world.rows(t.holds)) == 1


LADDER = {
    "name": "어르신 4회", "days": "2", "most_a_day": "4", "spare": "2", "spare_after": "15",
    "do0": "call_again", "default0": "20", "busy0": "5", "off0": "60",
    "do1": "other_number", "default1": "0", "only1": "off",
    "do2": "sms", "do3": "contact", "default3": "10", "who3": "guardian", "do4": "page",
    "do5": "call_again", "default5": "120", "late5": "drop", "do6": "visit",
}  # fmt: skip


def test_a_ladder_from_preview_to_force(boss: TestClient, world: World) -> None:
    """Previewed in words and not written; published as version 1, then 2; put in force for what nobody has tried yet."""
    preview = post(boss, "/plan/ladders/default", "/plan/ladders/default", **LADDER, what="preview")
    assert preview.status_code == 200
    plain = re.sub(r"<[^>]+>", " ", preview.text)
    for words in (
        "10:00 첫 전화", "10:20 다시 전화 (20분 뒤, 통화 중이면 5분 뒤, 꺼짐·음성사서함이면 1시간 뒤)", "본인에게 문자",
        "보호자에게 전화 (10분 뒤)", "12:30 다시 전화 (2시간 뒤)", "방문 요청",
    ):  # fmt: skip
        assert words in re.sub(r"\s+", " ", plain), words
    assert world.rows(t.retry_ladders) == []
    for version in (1, 2):
        assert post(boss, "/plan/ladders/default", "/plan/ladders/default", **LADDER, what="publish").status_code == 303
        assert world.rows(t.retry_ladders)[-1].version == version
    row = world.rows(t.retry_ladders)[-1]
    kinds = [rung["do"] for rung in row.rungs["rungs"]]
    assert kinds == ["call_again", "other_number", "sms", "contact", "page", "call_again", "visit"]
    again = boss.get(f"/plan/ladders/{row.id}").text
    assert 'value="20"' in again
    assert "2판" in boss.get("/plan/ladders").text

    before = world.due(world.person("한새봄", 70, 1950, "x"), "planned", schedule_id=_schedule(world))
    form = {
        "window_from": "09:30",
        "window_until": "17:30",
        "ladder": str(row.id),
        "holiday_rule": "skip",
        "round": ["before", "on"],
    }
    assert post(boss, "/plan/programmes/1", "/plan/programmes/1", **form).status_code == 303
    programme = world.rows(t.programmes, t.programmes.c.id == 1)[0]
    assert (programme.window_from, programme.holiday_rule, programme.retry_ladder_id) == ("09:30", "skip", row.id)
    assert programme.holiday_rounds == ["before", "on"]
    assert world.rows(t.due_contacts, t.due_contacts.c.id == before)[0].ladder["name"] == "어르신 4회"
    begun = world.rows(t.due_contacts, t.due_contacts.c.state == "open")
    assert all(due.ladder == {"rungs": []} for due in begun)
    assert [each.action for each in world.rows(t.audit)] == ["publish_ladder", "publish_ladder", "edit_programme"]


def _schedule(world: World) -> int:
    return world.add(t.schedules, person_id=1, weekdays=[2])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"name": ""}, "‘이름’이(가) 비어"), ({"days": "4"}, "1에서 3 사이"), ({"default0": "곧"}, "1번째 칸 안 받으면(기본)"),
        ({"do0": "shout"}, "1번째 칸에서 할 일"), ({"only0": "raining"}, "재시도 사다리"), ({"default0": "5000"}, "0에서 4320 사이"),
    ],
)  # fmt: skip
def test_a_wrong_ladder_is_named(boss: TestClient, world: World, more: dict[str, str], says: str) -> None:
    """Field, value, mend."""
    answer = post(boss, "/plan/ladders/default", "/plan/ladders/default", **(LADDER | more), what="publish")
    assert answer.status_code == 400
    assert says in answer.text
    assert world.rows(t.retry_ladders) == []


def test_days_of_ones_own(boss: TestClient, world: World) -> None:
    """Added, shown, taken away."""
    path = "/plan/programmes/1"
    form = {"day": "2026-12-31", "name": "종무식", "what": "free"}
    assert post(boss, path, f"{path}/days", **form).status_code == 303
    assert "종무식" in boss.get(path).text
    assert "설날" in boss.get(path).text
    assert post(boss, path, f"{path}/days", day="2026-12-31", what="forget").status_code == 303
    assert world.rows(ts.own_holidays) == []
    assert post(boss, path, f"{path}/days", day="", name="x", what="free").status_code == 400


CAMPAIGN = {
    "name": "7월 폭염 안부", "purpose": "heat", "programme": "1", "script": "weekly-checkin", "ladder": "default",
    "deadline_day": "2026-11-26", "deadline_time": "18:00", "channels": "2", "recent_rank": "0",
}  # fmt: skip


def test_a_campaign_from_filter_to_stop(boss: TestClient, jieun: TestClient, world: World) -> None:
    """Drafted with list and forecast; a caseworker sees it and cannot start it; started, progress, stopped."""
    answer = post(boss, "/plan/campaigns/new", "/plan/campaigns/new", **CAMPAIGN, age_from="70")
    assert answer.status_code == 303
    path = answer.headers["location"].partition("?")[0]
    page = boss.get(path).text
    assert page.index("김순자") < page.index("최말순")  # an open emergency first
    assert "박영호" not in page  # 57 years old
    for words in ("마감 안에 모두 걸 수 있습니다", "응답률", "통화 쉼 1", "명에게 전화 시작"):
        assert words in page, words
    assert "전화 시작" not in jieun.get(path).text
    token = field(jieun.get(path).text, "csrf_token")
    assert jieun.post(f"{path}/start", data={"csrf_token": token}).status_code == 403
    assert post(boss, path, f"{path}/start").status_code == 303
    contacts = world.rows(t.due_contacts, t.due_contacts.c.campaign_id.is_not(None))
    assert len(contacts) > 5
    assert contacts[0].person_id == world.ids["soonja"]
    assert f"0 / {len(contacts)}명" in boss.get(path).text
    assert "거는 중" in boss.get("/plan/campaigns").text
    again = boss.post(f"{path}/start", data={"csrf_token": field(boss.get(path).text, "csrf_token")})
    assert (again.status_code, "이미 시작했거나" in again.text) == (409, True)
    assert post(boss, path, f"{path}/stop").status_code == 303
    stopped = boss.get(f"{path}?done=stopped").text
    assert "멈췄습니다" in stopped
    assert "통화 쉼" in stopped
    assert [each.action for each in world.rows(t.audit)] == ["draft_campaign", "start_campaign", "stop_campaign"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"deadline_day": "2026-11-20"}, "마감이 이미 지났습니다"), ({"deadline_day": ""}, "마감일을 골라"),
        ({"channels": "9"}, "1에서 3 사이"), ({"age_from": "90", "age_to": "70"}, "클 수 없습니다"),
        ({"script": "secret"}, "‘대본’을(를) 하나"), ({"window_from": "19:00", "window_until": "20:00"}, "겹치지 않습니다"),
    ],
)  # fmt: skip
def test_a_wrong_campaign_is_named(boss: TestClient, world: World, more: dict[str, str], says: str) -> None:
    """And what was typed stays."""
    answer = post(boss, "/plan/campaigns/new", "/plan/campaigns/new", **(CAMPAIGN | more))
    assert answer.status_code == 400
    assert says in answer.text
    assert "7월 폭염 안부" in answer.text
    assert world.rows(ts.campaigns) == []


def test_a_proposed_hour_is_decided_by_a_worker(jieun: TestClient, world: World) -> None:
    """On the person's page and in the list, with the figures; accepted it is the schedule."""
    person = world.ids["youngho"]
    world.add(t.schedules, person_id=person, weekdays=[2], preferred_time="10:00")
    for week in range(9):
        for hour, end in ((10, "no_answer"), (15, "person")):
            at = NOW.replace(hour=hour - 9) - timedelta(weeks=week + 10)
            due = world.due(person, weeks_ago=100 + week * 10 + hour, disposition="contacted")
            world.attempt(due, 1, end, at)
    for path in ("/plan/hours", f"/people/{person}/plan"):
        assert "15시 9번 가운데 9번 받음" in jieun.get(path).text
    page = f"/people/{person}/plan"
    assert post(jieun, page, f"{page}/hour", hour="15", what="accept").status_code == 303
    assert world.rows(t.schedules)[0].preferred_time == "15:00"
    assert "9번 받음" not in jieun.get("/plan/hours").text


def test_the_front_page_leads_everywhere(jieun: TestClient, boss: TestClient) -> None:
    """Every link of the section answers, for a caseworker, too."""
    for client in (jieun, boss):
        seen = set()
        for href in re.findall(r'href="(/plan[^"#]*)"', client.get("/plan").text):
            answer = client.get(href)
            assert answer.status_code == 200, href
            seen.add(href)
        assert {"/plan/holds", "/plan/hours", "/plan/campaigns", "/plan/ladders"} <= seen


def test_a_change_wakes_the_workers(deps: ConsoleDeps, world: World) -> None:
    """So that a ringing phone is silenced at once; a refused form does not."""
    woken: list[int] = []
    app = create_app(replace(deps, wake=lambda: woken.append(1)))
    with TestClient(app, headers=ORIGIN, follow_redirects=False) as client:
        assert enter(client, "jieun") == 303
        assert edit(client, world, "hold", reason="?").status_code == 400
        assert woken == []
        assert edit(client, world, "consent", kind="general", what="withdraw", note="x").status_code == 303
    assert woken == [1]
