"""판단 규칙: seen, searched, added to by a supervisor: checked, previewed over past calls, tried in the shadow, put in force."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from console_browsing import ORIGIN, enter, field
from console_world import NOW, World
from starlette.testclient import TestClient

from callbot.assess.dialogue_score import score_dialogue
from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.store import tables as t
from callbot.store.call_rows import transcript
from callbot.store.tables_rules import own_rules
from callbot.understand.meaning import Topic
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import analyse_calls

PHRASE = {
    "means": "무릎이 시큰시큰 쑤셔", "fire": "무릎이 시큰시큰 쑤셔서 힘들어", "quiet": "무릎은 괜찮아\n무릎 담요를 덮었어", "level": "",
    "why": "한의원 현장에서 자주 듣는 말",
}  # fmt: skip


@pytest.fixture
def deps(deps: ConsoleDeps, understander: Understander) -> ConsoleDeps:
    return replace(deps, understander=lambda: understander)


@pytest.fixture
def boss(browser: Callable[[str], TestClient]) -> TestClient:
    """The supervisor."""
    return browser("boss")


def say(world: World, person: str, text: str, understander: Understander, minutes: int = 60) -> int:
    """A judged call of two turns, analysed."""
    at = NOW - timedelta(minutes=minutes)
    due = world.due(world.ids[person], disposition="contacted", weeks_ago=30 + minutes)
    call = world.call(world.attempt(due, 1, "person", at, answered_at=at), world.ids[person], at)
    for position, (who, words) in enumerate((("bot", "요즘 몸은 어떠세요?"), ("person", text))):
        world.add(
            t.turns, call_id=call, position=position, who=who, text=words, topic=Topic.HEALTH, at=at,
            has_words=who == "person", confidence=0.9,
        )  # fmt: skip
    with world.store.write() as connection:
        found = score_dialogue(transcript(connection, call), understander)
        values = {"assessment": json.loads(json.dumps(asdict(found))), "level": found.level}
        connection.execute(t.calls.update().where(t.calls.c.id == call).values(**values))
    analyse_calls(world.store, understander.reader, "test", (), NOW)
    return call


def send(client: TestClient, path: str, **form: str):  # type: ignore[no-untyped-def]
    token = field(client.get(path).text, "csrf_token")
    return client.post(path, data={"csrf_token": token, **form})


def words(page: str) -> str:
    """What is read, without tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])))


def test_every_rule_is_shown_with_examples_firings_and_precision(boss: TestClient, world: World) -> None:
    """By category; a search by a word of an example; how often it fired, and what caseworkers found."""
    signal = {"category": "medical", "level": "high", "rule": "medical.chest_pain", "quote": "가슴", "reason": "가슴"}
    first = boss.get("/rules").text
    rule = re.search(r'href="/rules/(fall\.[a-z_]+)"', first)
    assert rule
    for turn, outcome in enumerate(("visited", "false_alarm", "other")):
        case = world.case(
            world.ids["soonja"], "distress", "high", 30, "말", state="closed", outcome=outcome, closed_at=NOW - timedelta(days=1)
        )  # fmt: skip
        world.signal(world.ids["call"], world.ids["soonja"], case, **(signal | {"rule": rule[1], "turn": 90 + turn}))
    page = boss.get("/rules", params={"q": rule[1]}).text
    assert "맞음 1 · 오경보 1 · 불명 1" in words(page)
    assert "50%" in words(page)
    assert "낙상" in page
    assert "찾는 규칙이 없습니다" in boss.get("/rules", params={"q": "없는말없는말"}).text
    assert world.rows(t.access_log)[-1].action == "view_rules"


def test_a_phrase_from_form_to_force(boss: TestClient, world: World, understander: Understander) -> None:
    """Previewed over past calls with masked words, then tried in the shadow, then in force; who and why stay."""
    say(world, "soonja", "김순자인데 무릎이 시큰시큰 쑤셔", understander)
    say(world, "youngho", "밥 먹었어요", understander, minutes=90)
    rule = "pain.own_a"
    new = PHRASE | {"category": "pain", "level": "high"}
    unseen = send(boss, "/rules/new", **new, what="live")
    assert unseen.status_code == 400
    assert "먼저 ‘확인하고 미리 보기’로" in html.unescape(unseen.text)
    page = send(boss, "/rules/new", **new, what="preview")
    assert page.status_code == 200
    shown = words(page.text)
    assert "1 건에서 더 울리고" in shown
    assert re.search(r"(관찰|양호) → 높음: 1건", shown)
    assert "무릎 쑤시다" in shown
    assert "쑤셔”" in shown
    assert "김순자" not in page.text
    kept = send(boss, "/rules/new", **new, what="shadow", seen="1")
    assert kept.status_code == 303
    assert kept.headers["location"] == f"/rules/{rule}?done=shadow"
    assert "통화 0건을 보았고" in words(boss.get(f"/rules/{rule}").text)
    [row] = world.rows(own_rules)
    decided = boss.post(
        f"/rules/{rule}/versions/{row.id}",
        data={"csrf_token": field(boss.get(f"/rules/{rule}").text, "csrf_token"), "what": "promote"},
    )
    assert decided.headers["location"] == f"/rules/{rule}?done=live"
    page = words(boss.get(f"/rules/{rule}").text)
    assert "쓰는 중" in page
    assert "한의원 현장에서 자주 듣는 말" in page
    assert {"save_own_rule", "promote_own_rule"} <= {row.action for row in world.rows(t.audit)}


def test_phrases_are_added_to_a_rule_and_stay(boss: TestClient, world: World) -> None:
    """A later version builds on what the district has added before."""
    rule = "fall.minor"
    for phrase in ("무릎이 시큰시큰 쑤셔", "발목이 시큰시큰 쑤셔"):
        form = PHRASE | {"means": phrase, "fire": f"{phrase} 정말", "what": "live", "seen": "1"}
        assert send(boss, f"/rules/{rule}", **form).status_code == 303
    changes = [row.change["means"] for row in world.rows(own_rules)]
    assert changes == [["무릎 쑤시다"], ["무릎 쑤시다", "발목 쑤시다"]]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"means": ""}, "바뀐 것이 없습니다"),
        ({"fire": "", "quiet": "무릎은 괜찮아"}, "예문이 모자랍니다: 울려야 하는 말 1개, 울리면 안 되는 말 1개"),
        ({"means": "= 무릎 ("}, "찾을 말 ‘= 무릎 (’: 규칙의 글로 읽을 수 없습니다"),
        ({"means": "아"}, "뜻이 있는 낱말이 없습니다"),
        ({"sounds": "아파"}, "소리가 비슷하면 ‘아파’: 글자가 2개입니다"),
        ({"fire": "허리가 좋아"}, "울려야 하는 말 ‘허리가 좋아’: 관찰이어야 하는데 양호입니다"),
        ({"quiet": "무릎이 시큰시큰 쑤신다\n괜찮아"}, "울리면 안 되는 말 ‘무릎이 시큰시큰 쑤신다’: 관찰(으)로 울립니다"),
        ({"level": "none"}, "‘단계’를 하나 골라"),
        ({"why": "", "what": "live", "seen": "1"}, "‘까닭’이 비어 있습니다"),
        ({"means": "가" * 101}, "한 줄은 100자까지입니다"),
    ],
)  # fmt: skip
def test_a_mistake_names_field_value_and_mend(boss: TestClient, world: World, form: dict[str, str], says: str) -> None:
    """One sentence; nothing is saved, and what was typed is still there."""
    answer = send(boss, "/rules/fall.minor", **(PHRASE | {"what": "preview"} | form))
    assert answer.status_code == 400
    assert says in words(answer.text)
    assert "한의원 현장" in answer.text or form.get("why") == ""
    assert world.rows(own_rules) == []


def test_who_may(browser: Callable[[str], TestClient], world: World) -> None:
    """A caseworker reads rules and changes none; an administrator sees none."""
    jieun = browser("jieun")
    page = jieun.get("/rules/fall.minor").text
    assert 'id="rule-form"' not in page
    token = field(page, "csrf_token")
    assert jieun.post("/rules/fall.minor", data={"csrf_token": token, **PHRASE, "what": "preview"}).status_code == 403
    assert jieun.get("/rules/new").status_code == 403
    assert jieun.post("/rules/fall.minor/versions/1", data={"csrf_token": token, "what": "promote"}).status_code == 403
    assert browser("root").get("/rules").status_code == 403
    assert jieun.get("/rules/no.such_rule").status_code == 404
    assert world.rows(own_rules) == []


def test_the_weekly_report_proposes_what_was_wrong_again_and_again(boss: TestClient, world: World) -> None:
    """Precision by category and rule of one week; a rule with 25 false alarms is proposed for one level less, with its price."""
    for number in range(26):
        case = world.case(
            world.ids["soonja"], "distress", "high", 30, "말", state="closed", closed_at=NOW - timedelta(hours=1),
            outcome="false_alarm" if number else "visited",
        )  # fmt: skip
        world.signal(
            world.ids["call"], world.ids["soonja"], case, category="fall", level="high", rule="fall.injury", turn=50 + number,
            quote="넘어질 뻔", reason="말",
        )  # fmt: skip
    page = words(boss.get("/rules/report").text)
    assert "fall.injury 높음 → 관찰" in page
    assert "오경보 25건이 관찰(으)로 내려가고, 맞았던 1건도 함께" in page
    assert "이 단계로 울린 통화는 모두 1건입니다" in page
    assert re.search(r"낙상 높음 1 25 0 4%", page)
    before = words(boss.get("/rules/report", params={"week": "2026-01-05"}).text)
    assert "이 주에 결과가 적힌 사건이 없습니다" in before


def test_without_rules_there_is_no_page(world: World, deps: ConsoleDeps) -> None:
    """A console that was given no understander."""
    with TestClient(create_app(replace(deps, understander=None)), headers=ORIGIN, follow_redirects=False) as client:
        enter(client, "boss")
        assert client.get("/rules").status_code == 404
