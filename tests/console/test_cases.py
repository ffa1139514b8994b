"""The case card and the two decisions on it."""

import asyncio
from dataclasses import replace
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from console_browsing import ORIGIN, enter, field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.console.app import create_app
from callbot.console.cases import NEEDS_NOTE, BadDecision, read_decision
from callbot.console.deps import ConsoleDeps
from callbot.console.render import marked
from callbot.escalate.case import CaseOutcome
from callbot.store import tables as t
from callbot.workflows.handle_case import note_on_case

TODAY = date(2026, 11, 24)


def post(client: TestClient, case_id: int, verb: str, **form: str) -> int:
    page = client.get(f"/cases/{case_id}").text
    tokens = {"csrf_token": field(page, "csrf_token"), "version": str(field(page, "version"))}
    return client.post(f"/cases/{case_id}/{verb}", data=tokens | form).status_code


def test_the_card_shows_everything_needed_to_decide(jieun: TestClient) -> None:
    """Who, why, the words, the answers, the sound, the attempts, the pages, the history, the numbers."""
    page = jieun.get("/cases/1").text
    for words in (
        "김순자", "어르신", "82세", "계림로 00-1", 'href="tel:010-0000-0001"', "긴급", "위험 신호", "응급 증상", "규칙 medical.chest_pain",
        'data-at="16.1"', "<mark>가슴이 조이고 숨이 차요</mark>", "(말소리가 아님)", "묻지 못함", "나쁨", "1번째", "본인과 통화함",
        "쪽지 미발송", "사건이 열림", 'href="tel:119"', 'href="tel:109"', 'href="tel:112"', 'href="tel:129"', "맡음 (내가 확인합니다)",
    ):  # fmt: skip
        assert words in page, words
    assert page.index("건강<b>") < page.index("식사<b>") < page.index("필요한 것<b>")


def test_a_missed_case_has_attempts_and_no_call(jieun: TestClient, world: World) -> None:
    """The cause of every attempt in words."""
    page = jieun.get(f"/cases/{world.ids['missed']}").text
    assert page.count("번째</b>") == 3
    assert "벨이 울렸으나 받지 않음" in page
    assert "<audio" not in page


def test_acknowledging_is_not_resolving(jieun: TestClient, world: World) -> None:
    """The case is taken, in the worker's name, and says that an outcome is still owed."""
    assert post(jieun, 1, "acknowledge") == 303
    case = world.rows(t.cases, t.cases.c.id == 1)[0]
    assert (case.state, case.acknowledged_by, case.outcome) == ("acknowledged", world.ids["jieun"], None)
    page = jieun.get("/cases/1?done=acknowledged").text
    assert "맡음은 끝이 아닙니다" in page
    assert "맡았습니다." in page
    assert "맡음 (내가 확인합니다)" not in page
    assert "이지은" in page
    events = world.rows(t.case_events, t.case_events.c.case_id == 1)
    assert [event.what for event in events] == ["opened", "acknowledged"]


def test_two_workers_cannot_both_take_it(jieun: TestClient, world: World) -> None:
    """The second is told so."""
    token = field(jieun.get("/cases/1").text, "csrf_token")
    assert jieun.post("/cases/1/acknowledge", data={"csrf_token": token}).status_code == 303
    second = jieun.post("/cases/1/acknowledge", data={"csrf_token": token})
    assert second.status_code == 409
    assert "이미 처리된 사건입니다" in second.text
    assert len(world.rows(t.case_events, t.case_events.c.what == "acknowledged", t.case_events.c.case_id == 1)) == 1


def test_closing_records_outcome_note_and_follow_up(jieun: TestClient, world: World) -> None:
    """And stands in the append-only history."""
    assert post(jieun, 1, "close", outcome="called_119", note="119 동행, 병원 이송", follow_up_on="2026-11-27") == 303
    case = world.rows(t.cases, t.cases.c.id == 1)[0]
    assert (case.state, case.outcome, case.note) == ("closed", "called_119", "119 동행, 병원 이송")
    assert case.follow_up_on == date(2026, 11, 27)
    assert case.closed_by == world.ids["jieun"]
    page = jieun.get("/cases/1").text
    assert "종결: 119 신고" in page
    assert "다시 볼 날: 11월 27일 (금)" in page
    assert 'id="close-form"' not in page
    assert 'data-key="risk-1"' not in jieun.get("/today").text


def test_nobody_closes_what_they_have_not_seen(jieun: TestClient, world: World) -> None:
    """New evidence since the page was shown: refused, and what was typed is kept."""
    page = jieun.get("/cases/1").text
    form = {"csrf_token": field(page, "csrf_token"), "version": field(page, "version")}
    world.store.engine.dispose()
    with world.store.write() as connection:
        connection.execute(t.cases.update().where(t.cases.c.id == 1).values(version=t.cases.c.version + 1))
    note_on_case(world.store, 1, "또 전화 옴", NOW)
    answer = jieun.post("/cases/1/close", data=form | {"outcome": "visited", "note": "방문해서 뵈었음"})
    assert answer.status_code == 409
    assert "그사이 새 내용이 더해졌거나" in answer.text
    assert "방문해서 뵈었음" in answer.text
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "결과를 하나 골라 주세요"),
        ({"outcome": "made_up"}, "결과를 하나 골라 주세요"),
        ({"outcome": "other", "note": "  "}, "내용을 꼭 적어야 합니다"),
        ({"outcome": "visited", "follow_up_on": "2026-11-23"}, "지난 날짜입니다"),
        ({"outcome": "visited", "follow_up_on": "내일"}, "2026-12-01처럼"),
        ({"outcome": "visited", "note": "가" * 2001}, "2000자 안으로"),
    ],
)
def test_a_bad_form_says_what_to_mend_and_changes_nothing(
    jieun: TestClient, world: World, form: dict[str, str], says: str
) -> None:
    """One clear sentence."""
    page = jieun.get("/cases/1").text
    tokens = {"csrf_token": field(page, "csrf_token"), "version": field(page, "version")}
    answer = jieun.post("/cases/1/close", data=tokens | form)
    assert answer.status_code == 400
    assert says in answer.text
    assert world.rows(t.cases, t.cases.c.id == 1)[0].state == "triggered"


def test_every_outcome_of_the_ledger_can_be_recorded() -> None:
    """With a note every one is taken; those that ask a colleague's question need it."""
    for outcome in CaseOutcome:
        assert read_decision({"outcome": outcome, "note": "적음"}, TODAY).outcome is outcome
        if outcome in NEEDS_NOTE:
            with pytest.raises(BadDecision):
                read_decision({"outcome": outcome}, TODAY)


def test_quotes_are_marked_where_they_stand() -> None:
    """Overlapping quotes do not tear the text."""
    text = "아침부터 가슴이 조이고 숨이 차요"
    assert "".join(piece for piece, _ in marked(text, ["가슴이 조이고", "조이고 숨이 차요"])) == text
    assert marked(text, ["없는 말"]) == [(text, False)]
    assert marked("", ["가"]) == []


def test_a_decision_wakes_the_workers_on_the_loop_and_a_refusal_does_not(deps: ConsoleDeps) -> None:
    """The service's wake touches asyncio events, so it must be called where the loop runs."""
    woken: list[asyncio.AbstractEventLoop] = []
    app = create_app(replace(deps, wake=lambda: woken.append(asyncio.get_running_loop())))
    with TestClient(app, headers=ORIGIN, follow_redirects=False) as client:
        assert enter(client, "jieun") == 303
        assert post(client, 1, "close") == 400
        assert woken == []
        assert post(client, 1, "acknowledge") == 303
        assert post(client, 1, "close", outcome="visited") == 303
    assert len(woken) == 2


@pytest.mark.parametrize(
    ("outcome", "reason", "follow_up", "until"),
    [
        ("dead", "dead", "2026-12-01", None), ("no_more_calls", "do_not_call", "", None), ("hospitalised", "hospital", "", None),
        ("hospitalised", "hospital", "2026-12-01", "2026-12-01T00:00:00+09:00"),
    ],
)  # fmt: skip
def test_nobody_calls_the_dead_or_the_hospital_bed(
    jieun: TestClient, world: World, outcome: str, reason: str, follow_up: str, until: str | None
) -> None:
    """Recording it puts a hold the same moment; only a stay in hospital ends by date, the rest by hand."""
    assert post(jieun, 1, "close", outcome=outcome, note="가족이 알려 줌", follow_up_on=follow_up) == 303
    hold = world.rows(t.holds, t.holds.c.person_id == world.ids["soonja"])[0]
    assert (hold.reason, hold.note, hold.by) == (reason, "가족이 알려 줌", "jieun")
    assert hold.until == (datetime.fromisoformat(until) if until else None)


def test_a_hold_is_lifted_on_the_persons_page(jieun: TestClient, world: World) -> None:
    """And the lifting is in the access log."""
    path = f"/people/{world.ids['held']}"
    page = jieun.get(path).text
    assert "안부전화 다시 시작" in page
    assert jieun.post(f"{path}/lift-hold", data={"csrf_token": field(page, "csrf_token")}).status_code == 303
    assert "통화 쉼" not in jieun.get(path).text.replace("통화 쉼</span>", "")
    assert world.rows(t.access_log)[-2].action == "lift_hold"


def test_the_transcript_stands_in_the_order_it_was_heard(jieun: TestClient, world: World) -> None:
    """A "여보세요" that was written after the bot's greeting, but heard before it, stands before it."""
    with world.store.write() as connection:
        late = sa.and_(t.turns.c.call_id == world.ids["call"], t.turns.c.position == 1)
        connection.execute(t.turns.update().where(late).values(audio_offset_s=0.1, text="여보세요"))
        unplaced = sa.and_(t.turns.c.call_id == world.ids["call"], t.turns.c.position == 8)
        connection.execute(t.turns.update().where(unplaced).values(audio_offset_s=None))
    page = jieun.get("/cases/1").text
    chat = page[page.index('class="chat"') :]
    assert chat.index("여보세요") < chat.index("안녕하세요, 김순자 어르신")
    assert chat.index("(말소리가 아님)") < chat.index("식사는 하셨어요?") < chat.index("어제 저녁에 죽")
