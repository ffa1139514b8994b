"""Today, worst first, each person once."""

import re
from datetime import timedelta

from console_browsing import field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.store import tables as t
from callbot.store.console_board import board
from callbot.store.console_scope import EVERYTHING
from callbot.store.console_views import Section
from callbot.store.health_rows import clear_fact, raise_fact


def names(world: World, section: Section) -> list[str]:
    with world.store.read() as connection:
        return [row.who.name for row in board(connection, EVERYTHING, NOW).section(section)]


def test_every_person_stands_once_in_the_right_place(world: World) -> None:
    """Risk, missed, requests, on the line, done, planned."""
    assert names(world, Section.RISK) == ["김순자", "박영호"]
    assert names(world, Section.MISSED) == ["이정수", "조은혜"]
    assert names(world, Section.REQUEST) == ["최말순"]
    assert names(world, Section.RUNNING) == ["정해금", "오남식"]
    assert names(world, Section.DONE) == ["배옥자", "한금례", "윤복동", "서춘자", "임채원"]
    assert names(world, Section.PLANNED) == ["강대식", "문정례", "송기철", "권영자"]


def test_worse_goes_before_older_and_untaken_before_taken(world: World) -> None:
    """An emergency of a minute ago stands above a high case of an hour ago; of equals the one nobody took first."""
    late = world.person("노정자", 90, 1950, "광주 동구 00")
    world.case(late, "distress", "high", 90, "넘어져서 아프다고 하셨습니다.")
    latest = world.person("하순이", 91, 1950, "광주 동구 00")
    world.case(latest, "distress", "emergency", 1, "지금 숨이 차다고 하셨습니다.")
    assert names(world, Section.RISK) == ["김순자", "하순이", "노정자", "박영호"]


def test_a_case_of_last_week_is_still_on_the_board(world: World) -> None:
    """Until a human closes it."""
    person = world.person("노정자", 90, 1950, "광주 동구 00")
    world.case(person, "missed", "high", 60 * 24 * 8, "세 번 전화했으나 연결되지 않았습니다.")
    assert "노정자" in names(world, Section.MISSED)


def test_a_person_in_a_call_with_a_case_says_both(world: World, jieun: TestClient) -> None:
    """An emergency during the call: the row stands under risk, says 통화 중, and the count of calls includes it."""
    due = world.due(world.ids["jeongsu"], "open", weeks_ago=-1, planned_at=NOW)
    world.attempt(due, 1, None, NOW - timedelta(minutes=1), state="answered", answered_at=NOW)
    page = jieun.get("/today").text
    row = re.search(r'data-key="missed-\d+".*?</a>', page, re.DOTALL)
    assert row
    assert "통화 중" in row[0].split("3번 걸었음")[1].replace("통화 중 1", "")
    assert re.search(r'class="hot-running"><b>3</b>지금 통화 중', page)
    assert "이정수" not in "".join(names(world, Section.RUNNING))


def test_yesterdays_and_tomorrows_contacts_are_not_today(world: World) -> None:
    """But an open one of yesterday is: it has not ended."""
    for name, number, more in (
        (
            "어제끝남",
            92,
            {"state": "ended", "disposition": "contacted", "ended_at": NOW - timedelta(days=1), "weeks_ago": 1},
        ),
        ("내일예정", 93, {"state": "planned", "planned_at": NOW + timedelta(days=1)}),
        ("어제열림", 94, {"state": "open", "planned_at": NOW - timedelta(days=1), "next_attempt_at": NOW}),
    ):
        world.due(world.person(name, number, 1950, "광주 동구 00"), **more)
    shown = names(world, Section.DONE) + names(world, Section.PLANNED)
    assert "어제끝남" not in shown
    assert "내일예정" not in shown
    assert "어제열림" in shown


def test_rows_say_why_since_when_and_that_nothing_was_sent(jieun: TestClient) -> None:
    """One line of reason, waiting time, last contact, page state."""
    page = jieun.get("/today").text
    assert "SMS 미발송: 문자 제공자가 설정되지 않았습니다." in page
    row = re.search(r'data-key="risk-1".*?</a>', page, re.DOTALL)
    assert row
    for words in (
        "긴급",
        "김순자",
        "82세",
        "응급 증상",
        "가슴이 조이고 숨이 차요",
        "5분 기다림",
        "쪽지 미발송",
        "마지막 통화 오늘 10:18",
    ):
        assert words in row[0], words
    assert "3번 걸었음: 받지 않음 2, 통화 중 1" in page
    assert "맡음: 이지은" in page


def test_the_fragment_is_the_board_without_the_frame(jieun: TestClient) -> None:
    """What the timer fetches is what the page shows."""
    fragment = jieun.get("/today/rows")
    assert "<html" not in fragment.text
    assert fragment.headers["x-as-of"] == "10:24"
    assert fragment.text.strip() in jieun.get("/today").text


def test_an_empty_day_says_so(world: World, jieun: TestClient) -> None:
    """No people: empty states, not empty boxes."""
    with world.store.write() as connection:
        for table in (
            t.pages,
            t.case_events,
            t.signals,
            t.requests,
            t.cases,
            t.turns,
            t.answers,
            t.calls,
            t.attempts,
            t.due_contacts,
        ):
            connection.execute(table.delete())
    page = jieun.get("/today").text
    for words in (
        "지금 확인할 위험 신호가 없습니다",
        "미응답이 없습니다",
        "아직 끝난 통화가 없습니다",
        "오늘 남은 통화가 없습니다",
    ):
        assert words in page
    assert "쪽지가 없습니다" in jieun.get("/inbox").text


def test_the_inbox_shows_what_was_not_sent(jieun: TestClient) -> None:
    """Body, bytes, recipient, state, and the way to the case."""
    page = jieun.get("/inbox").text
    assert page.index("가슴 통증") < page.index("미응답 이O수") < page.index("절망")
    for words in ("미발송", "65바이트 SMS", "이지은", "김순자 사건 보기", 'href="/cases/1"'):
        assert words in page


def test_people_show_holds_consent_and_their_weeks(jieun: TestClient, world: World) -> None:
    """The list can be searched by name; a person's page has the strip, consents and the hold."""
    page = jieun.get("/people?q=배옥").text
    assert page.count("person-row") == 1
    assert "통화 쉼: 입원" in page
    assert "찾는 사람이 없습니다" in jieun.get("/people?q=없는이름").text
    card = jieun.get(f"/people/{world.ids['soonja']}").text
    assert card.count('<li><span class="week') == 8
    assert "연결 안 됨" in card
    assert "2025.10.21." in card
    world.add(t.consents, person_id=world.ids["soonja"], kind="sensitive", given=False, at=NOW)
    assert "동의 없음: 전화하지 않습니다" in jieun.get(f"/people/{world.ids['soonja']}").text


def test_names_and_words_are_text_never_markup(jieun: TestClient, world: World) -> None:
    """A name, an address, an utterance, a quote, a note or a page that contains HTML is shown as it was said."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
    person = world.person(evil, 95, 1950, evil)
    due = world.due(person, disposition="contacted", ended_at=NOW)
    call = world.call(world.attempt(due, 1, "person", NOW, detail=evil), person, NOW)
    world.add(t.turns, call_id=call, position=0, who="person", text=evil, at=NOW, audio_offset_s=1.0, has_words=True)
    case = world.case(person, "distress", "emergency", 1, evil, due_contact_id=due, call_id=call)
    world.signal(call, person, case, category="mood", level="high", rule=evil, turn=0, quote=evil, reason=evil)
    world.add(t.requests, call_id=call, person_id=person, case_id=case, kind=evil, quote=evil, turn=0, at=NOW)
    world.page(case, evil, "critical", 1)
    token = field(jieun.get(f"/cases/{case}").text, "csrf_token")
    closing = {"csrf_token": token, "version": "0", "outcome": "other", "note": evil}
    refused = jieun.post(f"/cases/{case}/close", data=closing | {"follow_up_on": evil})
    assert refused.status_code == 400
    pages = [refused.text] + [
        jieun.get(path).text
        for path in ("/today", f"/cases/{case}", "/inbox", "/people", f"/people/{person}", f"/people?q={evil}")
    ]
    assert jieun.post(f"/cases/{case}/close", data=closing).status_code == 303
    pages.append(jieun.get(f"/cases/{case}").text)
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page
        assert "{{7*7}}" in page


def test_what_is_wrong_with_the_installation_stands_on_the_board(world: World, jieun: TestClient) -> None:
    """The watch's alarms and other health facts, in words, until they are over."""
    with world.store.write() as connection:
        raise_fact(connection, "alarm:service_down", NOW, "전화 서비스가 멈춤")
        raise_fact(connection, "nobody_on_duty:1", NOW)
    page = jieun.get("/today/rows").text
    assert "전화 서비스가 멈춤 · 알림을 받을 근무자가 없습니다" in page
    with world.store.write() as connection:
        clear_fact(connection, "alarm:service_down")
        clear_fact(connection, "nobody_on_duty:1")
    assert "확인이 필요합니다" not in jieun.get("/today/rows").text


def test_two_contacts_of_a_day_are_one_line(jieun: TestClient, world: World) -> None:
    """A campaign's contact beside the regular one: once, and what was only moved or dropped is no line at all."""
    person = world.person("한새봄", 70, 1950, "광주 동구 새길 00-1")
    later = NOW + timedelta(minutes=30)
    world.due(person, "planned", slot="2026-W48-1", planned_at=later, next_attempt_at=later)
    tomorrow = NOW + timedelta(hours=23)
    world.due(person, "planned", slot="c1", planned_at=NOW, next_attempt_at=tomorrow)
    world.due(person, slot="c2", disposition="suspended", why="covered", ended_at=NOW)
    other = world.person("한여름", 71, 1950, "광주 동구 새길 00-2")
    world.due(other, slot="c2", disposition="suspended", why="campaign_stopped", ended_at=NOW)
    page = jieun.get("/today/rows").text
    assert page.count("한새봄") == 1
    assert "한여름" not in page
