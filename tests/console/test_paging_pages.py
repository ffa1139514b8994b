"""Cases as a list, the link in a page, and what a supervisor edits: roster, policies, texts, bundling, workload."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from console_browsing import Clock, field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.escalate.hours import Hours
from callbot.escalate.policy import DEFAULT
from callbot.people.team import Role
from callbot.store import tables as t
from callbot.store import tables_escalate as e
from callbot.store.health_rows import raise_fact
from callbot.store.page_link import token_of
from callbot.store.policy_rows import programme_of

Browser = Callable[[str], TestClient]


@pytest.fixture
def boss(browser: Browser) -> TestClient:
    """The supervisor."""
    return browser("boss")


@pytest.fixture
def lead(world: World) -> int:
    """Somebody above."""
    return world.add(t.workers, programme_id=world.ids["programme"], name="서팀장", role="lead")


def send(client: TestClient, path: str, page: str | None = None, **form: object):  # type: ignore[no-untyped-def]
    token = field(client.get(page or path).text, "csrf_token")
    return client.post(path, data={"csrf_token": token, **form})


def test_the_list_is_worst_first_with_its_buttons(jieun: TestClient) -> None:
    """Emergency, high, missed, requests; each with 맡음 and 못 맡음; another programme's are not there."""
    page = jieun.get("/cases").text
    assert page.index("김순자") < page.index("박영호") < page.index("이정수") < page.index("최말순")
    assert page.count("/decline") == 5
    assert page.count("/acknowledge") == 4  # one is taken already
    assert "남은우" not in page
    assert "박영호" not in jieun.get("/cases?show=open").text
    assert "김순자" not in jieun.get("/cases?show=taken").text
    assert "김순자" in jieun.get("/cases?show=mine").text


def test_declining_pages_the_next(jieun: TestClient, world: World, lead: int) -> None:
    """In the same moment, and the history names who passed it on."""
    with world.store.write() as connection:
        connection.execute(t.cases.update().values(step=1, policy=DEFAULT.model_dump(mode="json")))
    response = send(jieun, "/cases/1/decline", "/cases")
    assert (response.status_code, response.headers["location"]) == (303, "/cases?done=declined")
    assert world.rows(t.pages, t.pages.c.case_id == 1)[-1].worker_id == lead
    assert world.rows(e.case_workers)[-1].worker_id == world.ids["worker"]
    assert "못 맡음" in jieun.get("/cases/1").text


def test_reassigning_stays_in_the_programme(jieun: TestClient, world: World, lead: int) -> None:
    """To a colleague: paged at once. To another programme's worker: refused."""
    assert send(jieun, "/cases/1/reassign", "/cases/1", worker_id=str(world.ids["far_worker"])).status_code == 400
    assert send(jieun, "/cases/1/reassign", "/cases/1", worker_id=str(lead)).status_code == 303
    assert world.rows(t.pages, t.pages.c.case_id == 1)[-1].worker_id == lead
    assert "다시 배정하고" in jieun.get("/cases/1?done=reassigned").text


def test_another_programmes_case_is_not_there(browser: Browser) -> None:
    """Neither to be passed on nor to be given away."""
    far = browser("far")
    for verb in ("decline", "reassign"):
        assert send(far, f"/cases/1/{verb}", "/people", worker_id="1").status_code == 404


def test_a_supervisor_writes_for_a_caseworker(boss: TestClient, jieun: TestClient, world: World) -> None:
    """Closed on behalf, with both names; a caseworker cannot do that."""
    page = boss.get("/cases/1").text
    form = {"version": field(page, "version"), "outcome": "visited", "on_behalf_of": str(world.ids["worker"])}
    assert send(jieun, "/cases/1/close", "/cases/1", **form).status_code == 403
    assert send(boss, "/cases/1/close", "/cases/1", **form).status_code == 303
    assert "이지은 대신 기록" in world.rows(t.cases, t.cases.c.id == 1)[0].note


# --- the link --------------------------------------------------------------------------------------------------------
@pytest.fixture
def link(world: World) -> str:
    """Of the first page."""
    page = world.rows(t.pages)[0]
    return f"/p/{token_of(world.store.keys, page.id, page.worker_id)}"


def test_two_touches_from_the_sms_to_taken(stranger: TestClient, world: World, link: str) -> None:
    """Touch one opens it, touch two takes it, as the worker whom the page went to; without any log-in."""
    assert stranger.get(link).status_code == 200
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"
    taken = stranger.post(link, data={"code": "1"})
    assert "맡으셨습니다" in taken.text
    case = world.rows(t.cases, t.cases.c.id == 1)[0]
    assert (case.state, case.acknowledged_by) == ("acknowledged", world.ids["jieun"])
    assert world.rows(e.case_workers)[-1].via == "link"
    assert "맡음" not in stranger.get(link).text.split("<form")[-1] or "<form" not in stranger.get(link).text


def test_a_link_says_nothing_personal(stranger: TestClient, link: str) -> None:
    """Number, kind, level and state; no name, number, address, word or quote."""
    page = stranger.get(link).text
    assert "사건 #1" in page
    assert "위험 신호" in page
    for secret in ("김순자", "김O자", "010-0000", "계림로", "가슴", "82"):
        assert secret not in page, secret


def test_a_link_cannot_close(stranger: TestClient, world: World, link: str) -> None:
    """오경보 needs a log-in."""
    stranger.post(link, data={"code": "3"})
    stranger.post(link, data={"code": "1; drop"})
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


def test_a_forged_link_is_no_link(stranger: TestClient, link: str) -> None:
    """Another page's number, another ending, nonsense: 404; after thirty tries the address has to wait."""
    head, mac = link[:-8], link[-8:]
    for forged in (f"{head[:-1]}2{mac}", f"{head}AAAAAAAA", "/p/x", "/p/" + "9" * 40, "/p/%EA%B0%80AAAAAAAA"):
        assert stranger.get(forged).status_code == 404, forged
    for _ in range(30):
        stranger.get("/p/1AAAAAAAA")
    assert stranger.get("/p/1AAAAAAAA").status_code == 429


def test_a_link_expires(world: World, deps: ConsoleDeps, link: str) -> None:
    """After three days it only leads to the log-in."""
    from dataclasses import replace

    late = replace(deps, clock=lambda: NOW + timedelta(days=3))
    with TestClient(create_app(late), headers={"origin": "http://testserver", "accept": "text/html"}) as client:
        assert client.get(link).status_code == 410
        client.post(link, data={"code": "1"})
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


def test_a_link_is_not_posted_from_elsewhere(app, link: str) -> None:  # type: ignore[no-untyped-def]
    """Another site's form is refused by the gate."""
    with TestClient(app, headers={"origin": "https://evil.example"}) as client:
        assert client.post(link, data={"code": "1"}).status_code == 403


# --- who may edit ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/roster", {"act": "pattern", "worker_id": "1", "role": "duty", "hours": "night"}),
        ("/policies", {"act": "save", "hours": "weekday"}),
        ("/texts/critical", {"text": "x", "act": "save"}),
        ("/paging", {"digest_times": "09:00"}),
    ],
)
def test_only_a_supervisor_edits(jieun: TestClient, browser: Browser, path: str, form: dict[str, str]) -> None:
    """A caseworker reads, a system administrator looks after accounts; neither changes who is paged."""
    for client in (jieun, browser("root")):
        assert client.get(path).status_code == 200
        assert send(client, path, "/office" if client is jieun else path, **form).status_code == 403


# --- the roster ------------------------------------------------------------------------------------------------------
def test_duty_is_entered_and_taken_back(boss: TestClient, world: World, lead: int) -> None:
    """A pattern, a night's duty, leave with a stand-in; each in the week, each removable, nothing deleted."""
    assert (
        send(boss, "/roster", act="pattern", worker_id=str(lead), role="duty", hours=["night", "holiday"]).status_code
        == 303
    )
    assert world.rows(e.roster_patterns)[0].hours == ["holiday", "night"]
    form = {"act": "shift", "kind": "stand_in", "worker_id": str(lead), "covers": str(world.ids["worker"])}
    form |= {"starts": "2026-11-25T09:00", "ends": "2026-11-26T18:00"}
    assert send(boss, "/roster", **form).status_code == 303
    page = boss.get("/roster").text
    assert "이지은 대신" in page
    assert "밤, 공휴일 낮" in page
    assert send(boss, "/roster", act="drop_shift", id="1").status_code == 303
    assert world.rows(e.roster_shifts)[0].cancelled_at is not None
    assert "이지은 대신" not in boss.get("/roster").text


def test_a_gap_is_shouted_about(boss: TestClient, world: World, lead: int) -> None:
    """Duty only until tonight: from then on there is nobody, and the page says from when."""
    form = {"act": "shift", "kind": "duty", "role": "lead", "worker_id": str(lead)}
    send(boss, "/roster", **form, starts="2026-11-23T09:00", ends="2026-11-24T18:00")
    page = boss.get("/roster").text
    assert "아무도 없는 때가 있습니다" in page
    assert "팀장: 오늘 18:00" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"starts": "2026-11-25T18:00", "ends": "2026-11-25T09:00"}, "끝이 시작보다 빠르거나"),
        ({"starts": "soon", "ends": "2026-11-25T09:00"}, "시작을(를)"),
        ({"kind": "stand_in"}, "누구 대신인지"),
        ({"worker_id": ""}, "사람을 골라"),
        ({"worker_id": "2"}, "사람을 골라"),
        ({"kind": "holiday"}, "고른 값을"),
    ],
)
def test_what_is_wrong_is_said(boss: TestClient, world: World, form: dict[str, str], words: str) -> None:
    """In Korean, and nothing is written."""
    good = {"act": "shift", "kind": "duty", "role": "duty", "worker_id": "1", "starts": "2026-11-25T09:00"}
    response = send(boss, "/roster", **good | {"ends": "2026-11-25T18:00"} | form)
    assert response.status_code == 400
    assert words in response.text
    assert world.rows(e.roster_shifts) == []


CSV = "이름,종류,역할,시작,끝,대신\n이지은,휴가,,2026-11-26,2026-11-27,\n서팀장,대직,,2026-11-26,2026-11-27,이지은\n"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//
BEGIN:VEVENT
UID:a@b
SUMMARY:당직 서팀장(당직실)
DTSTART;TZID=Asia/Seoul:20261125T180000
DTEND;TZID=Asia/Seoul:20261126T090000
END:VEVENT
END:VCALENDAR
"""


def upload(client: TestClient, name: str, data: bytes):  # type: ignore[no-untyped-def]
    token = field(client.get("/roster").text, "csrf_token")
    form = {"csrf_token": token, "act": "import", "programme": "1"}
    return client.post("/roster", data=form, files={"file": (name, data)})


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp949"])
def test_a_table_is_imported_once(boss: TestClient, world: World, lead: int, codec: str) -> None:
    """As Excel saves it too; the same file again adds nothing."""
    assert "2건을 넣었습니다" in upload(boss, "roster.csv", CSV.encode(codec)).text
    assert "0건을 넣었습니다. 2건은 이미" in upload(boss, "roster.csv", CSV.encode(codec)).text
    shifts = world.rows(e.roster_shifts)
    assert [(shift.kind, shift.covers_worker_id) for shift in shifts] == [("leave", None), ("stand_in", 1)]
    assert (shifts[0].ends_at - shifts[0].starts_at) == timedelta(days=2)


def test_a_calendar_is_imported_once(boss: TestClient, world: World, lead: int) -> None:
    """The night of the 25th."""
    assert "1건을 넣었습니다" in upload(boss, "duty.ics", ICS.encode()).text
    assert "이미 있었습니다" in upload(boss, "duty.ics", ICS.encode()).text
    [shift] = world.rows(e.roster_shifts)
    assert (shift.kind, shift.role, shift.ends_at - shift.starts_at) == ("duty", "duty", timedelta(hours=15))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", CSV.replace("서팀장", "없는이"), "‘없는이’: 이 사업의 담당자 가운데 없는 이름"),
        ("a.csv", CSV.replace("2026-11-27,\n", "언젠가,\n", 1), "2줄 끝 ‘언젠가’"),
        ("a.csv", "이름,시작\n", "종류, 역할, 끝 칸이 없습니다"),
        ("a.csv", "", "파일을 골라"),
        ("a.ics", "hello", "달력"),
        ("a.ics", ICS.replace("당직 서팀장(당직실)", "회의"), "제목을"),
        ("a.ics", ICS.replace("END:VEVENT", "RRULE:FREQ=DAILY\nEND:VEVENT"), "되풀이"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(
    boss: TestClient, world: World, lead: int, name: str, data: str, words: str
) -> None:
    """All or nothing, with the line."""
    response = upload(boss, name, data.encode())
    assert response.status_code == 400
    assert words in response.text
    assert world.rows(e.roster_shifts) == []


# --- policies --------------------------------------------------------------------------------------------------------
STEPS = {
    "critical.0.to": "duty", "critical.0.after": "0", "critical.0.channel": "voice", "critical.0.repeats": "1", "critical.0.every": "2",
    "critical.1.to": "lead", "critical.1.after": "5",
    "critical.deadline": "1", "critical.again": "10", "high.deadline": "8", "missed.deadline": "24", "routine.deadline": "72",
}  # fmt: skip


def test_a_policy_is_read_in_words_before_it_is_used(boss: TestClient, world: World) -> None:
    """Preview writes nothing; saving makes a version and uses it, for those hours only."""
    preview = send(boss, "/policies", programme="1", hours="night", act="preview", **STEPS)
    words = (
        "바로 당직실에게 전화(2분 간격 1번 더) → 5분 뒤 팀장에게 문자. 그래도 아무도 맡지 않으면 10분 뒤 처음부터 다시."
    )
    assert words in preview.text
    assert world.rows(t.escalation_policies) == []
    assert send(boss, "/policies", programme="1", hours="night", act="save", **STEPS).status_code == 303
    assert words in boss.get("/policies?programme=1&hours=night").text
    assert "바로 담당자에게 문자 → 5분 뒤 팀장에게 문자" in boss.get("/policies?programme=1&hours=weekday").text
    with world.store.read() as connection:
        policy = programme_of(connection, world.ids["programme"]).policy
    assert [beat.at for beat in policy.beats("critical", Hours.NIGHT)] == [0, 120, 300]  # type: ignore[arg-type]
    assert policy.steps_for("critical")[0].to is Role.CASEWORKER  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"critical.1.after": "1"}, "critical 2단계는 1분 뒤인데, 앞 단계가 2분에 끝납니다"),
        ({"critical.1.after": "곧"}, "긴급 2단계 기다림 ‘곧’: 숫자로"),
        ({"critical.1.to": "mayor"}, "부를 사람을 골라"),
        ({"critical.deadline": "nan"}, "0에서 10000 사이"),
        ({"critical.0.channel": "pigeon"}, "호출 정책"),
        ({"critical.0.repeats": "99"}, "호출 정책"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(boss: TestClient, world: World, change: dict[str, str], words: str) -> None:
    """In Korean, with the step, what was typed still there."""
    response = send(boss, "/policies", programme="1", hours="night", act="save", **STEPS | change)
    assert response.status_code == 400
    assert words in response.text
    assert world.rows(t.escalation_policies) == []


def test_nobody_for_an_emergency_is_refused(boss: TestClient) -> None:
    """In office hours there is always a first step."""
    form = {name: value for name, value in STEPS.items() if ".to" not in name}
    response = send(boss, "/policies", programme="1", hours="weekday", act="save", **form)
    assert "부를 사람이 한 명도 없습니다" in response.text


# --- texts -----------------------------------------------------------------------------------------------------------
GOOD = "[{{ tag }}]긴급 {{ who }} {{ what }} #{{ case }} {{ reply }}"


def test_a_text_is_counted_by_the_server(boss: TestClient) -> None:
    """Live, in cp949, with the longest names."""
    checked = send(boss, "/texts/critical/check", "/texts/critical", text=GOOD).json()
    assert checked["usual"] == "[동구]긴급 김O자(82) 응급증상 #12 회신1맡음2불가3오보"
    assert checked["usual_bytes"] == len(checked["usual"].encode("cp949"))
    assert checked["problems"] == []
    assert send(boss, "/texts/critical/check", "/texts/critical", text=GOOD + "가" * 40).json()["remarks"] != []


def test_an_edited_text_is_used_and_can_be_taken_back(
    boss: TestClient, jieun: TestClient, world: World, lead: int
) -> None:
    """From the next page on; every version stays."""
    assert send(boss, "/texts/critical", text=GOOD, act="save").status_code == 303
    send(jieun, "/cases/1/decline", "/cases")
    assert world.rows(t.pages, t.pages.c.case_id == 1)[-1].body.startswith("[동구]긴급 김O자(82)")
    assert send(boss, "/texts/critical", act="reset").status_code == 303
    assert "위기" in boss.get("/texts/critical").text
    assert [row.version for row in world.rows(e.sms_texts)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("critical", GOOD + "🚑", "보낼 수 없는 글자가 있습니다: 🚑"),
        ("critical", "{{ phone }} #{{ case }}", "쓸 수 없습니다"),
        ("critical", "{{ who", "쓸 수 없습니다"),
        ("critical", "", "비어 있습니다"),
        ("critical", GOOD.replace("{{ who }}", ""), "누구인지"),
        ("critical", GOOD.replace("#{{ case }}", ""), "사건 번호"),
        ("critical", GOOD.replace("긴급", ""), "앞 20자 안에"),
        ("notice_day_before", "[{{ tag }}]내일 전화 {{ stop }}", "발신 번호"),
        ("notice_day_before", "[{{ tag }}]{{ number }}", "거부하는 방법"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(
    boss: TestClient, world: World, name: str, text: str, words: str
) -> None:
    """When it is edited, not when somebody is dying."""
    response = send(boss, f"/texts/{name}", text=text, act="save")
    assert response.status_code == 400
    assert words in response.text
    assert world.rows(e.sms_texts) == []


def test_every_shipped_text_is_fine(boss: TestClient) -> None:
    """By the rules that an edited one has to keep."""
    from callbot.escalate.text_check import TEXT_KO, check_text
    from callbot.workflows.sms_templates import template_text

    for template in TEXT_KO:
        assert check_text(template, template_text(template)).problems == (), template
    assert boss.get("/texts").text.count("바이트</span>") == len(TEXT_KO)
    assert boss.get("/texts/nothing").status_code == 404


# --- bundling and workload -------------------------------------------------------------------------------------------
PAGING = {
    "digest_times": "09:30, 13:00",
    "storm_count": "10",
    "storm_minutes": "20",
    "page_budget": "1",
    "notify_missed": "1",
}


def test_settings_of_bundling(boss: TestClient, world: World) -> None:
    """Saved for the programme; what is wrong is said."""
    assert send(boss, "/paging", programme="1", **PAGING).status_code == 303
    row = world.rows(e.programme_paging)[0]
    assert (row.digest_times, row.storm_count, row.notify_missed, row.notify_day_before) == (
        ["09:30", "13:00"],
        10,
        True,
        False,
    )
    for change, words in (
        ({"digest_times": "아침"}, "일반 알림 시각"),
        ({"storm_count": "0"}, "한꺼번에"),
        ({"digest_times": ""}, "한 번에서"),
    ):
        response = send(boss, "/paging", programme="1", **PAGING | change)
        assert response.status_code == 400
        assert words in response.text


def test_workload_counts_what_was_true(boss: TestClient, jieun: TestClient, world: World) -> None:
    """Three pages to one worker: one case visited, one false alarm, one open; over a budget of one, which is said."""
    send(boss, "/paging", programme="1", **PAGING)
    for case_id, outcome in ((1, "visited"), (2, "false_alarm")):
        version = field(jieun.get(f"/cases/{case_id}").text, "version")
        assert (
            send(jieun, f"/cases/{case_id}/close", f"/cases/{case_id}", outcome=outcome, version=version).status_code
            == 303
        )
    page = boss.get("/workload").text
    assert "50%" in page
    assert "하루 1건을 넘긴 날이 있습니다" in page
    assert "이지은: 3건" in page


def test_days_of_reminders_are_on_the_list(jieun: TestClient, world: World, wall: Clock) -> None:
    """Whoever is to be looked at again today stands above the cases."""
    form = {"outcome": "visited", "note": "", "follow_up_on": "2026-11-24"}
    send(jieun, "/cases/1/close", "/cases/1", version=field(jieun.get("/cases/1").text, "version"), **form)
    page = jieun.get("/cases").text
    assert "다시 볼 사람" in page
    assert "김순자" in page


def test_nobody_on_duty_is_red_on_the_list(jieun: TestClient, world: World) -> None:
    """In words, with the role and the hours."""
    with world.store.write() as connection:
        raise_fact(connection, "nobody_on_duty:1", NOW, "당직실 (밤)")
    page = jieun.get("/cases").text
    assert "banner-red" in page
    assert "알림을 받을 근무자가 없습니다 당직실 (밤)" in page
