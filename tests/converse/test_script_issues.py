"""The linter: each fault a supervisor can make is found, placed and mended in Korean."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callbot.cli import build
from callbot.converse.script_issues import CHECKS, Issue, Severity, issues
from callbot.script_files import parse_script

PATH = Path(__file__).parents[2] / "prompts/scripts/weekly-checkin.yaml"
TEXT = PATH.read_text("utf-8")

# issue, place, what to replace, by what
FAULTS = [
    ("missing_topic", "questions", "  - id: meals\n    kind: closed\n", "  - id: meals\n    kind: closed\n    mandatory: false\n"),
    ("ai_notice", "opening.hello", "{{ district }} 인공지능 안부전화입니다.", "{{ district }} 안부전화입니다. 인공지능이에요."),
    ("ai_notice", "opening.hello", "{{ district }} 인공지능", "인공지능"),
    ("recording_notice", "opening.recording", "이 통화는 녹음됩니다.", "잠시만요."),
    ("crisis_numbers", "crisis.suicide.number", "상담전화 109는", "상담전화는"),
    ("crisis_numbers", "crisis.medical.number", "바로 119에 전화하세요.\n    confirm:\n      ask: 지금도 많이", "바로 전화하세요.\n    confirm:\n      ask: 지금도 많이"),
    ("crisis_numbers", "crisis.abuse.number", "위험하시면 바로 112에", "위험하시면 바로"),
    ("crisis_tells_a_human", "crisis.medical.heard", "많이 힘드시겠어요. 지금 담당자에게 바로 알리고 있습니다.", "많이 힘드시겠어요."),
    ("crisis_tells_a_human", "repair.help_wanted", "도움이 필요하시군요. 담당자에게 바로 알리고 있습니다.", "도움이 필요하시군요."),
    ("call_back_number", "closing.callback", "{{ callback }}번으로", "저희에게"),
    ("phishing_notice", "closing.phishing", "저희는 돈, 계좌, 주민번호는 여쭙지 않습니다.\n  goodbye", "고맙습니다.\n  goodbye"),
    ("phishing_notice", "opening.who", "전화예요. 돈, 계좌, 주민번호는", "전화예요. 돈, 계좌는"),
    ("keys_are_explained", "repair.keys", "괜찮으시면 일 번, ", ""),
    ("keys_are_explained", "opening.identity.keys", "전화기에서 일 번을", "전화기를"),
    ("identity_by_name", "opening.identity.keys", '"{{ call_name }}, 제', '"제'),
    ("name_elsewhere", "closing.thanks", "오늘 말씀 나눠", '"{{ call_name }}, 오늘 말씀 나눠'),
    ("personal_to_anybody", "opening.handover.ask", "혹시 본인을", "혹시 아프신 본인을"),
    ("personal_to_anybody", "closing.not_here", "다시 전화드리겠습니다.\n  wrong", "혼자 사시니 다시 전화드리겠습니다.\n  wrong"),
    ("unknown_placeholder", "closing.thanks", "오늘 말씀 나눠", '"{{ name }} 오늘 말씀 나눠'),
    ("unknown_placeholder", "closing.callback", "도움이 필요하시면 {{ callback }}번", '"도움이 필요하시면 {{ callback }}번 { 으로"\n  #'),
    ("repeated_question", "meals", "  - id: sleep", "  - id: meals"),
    ("dangling_condition", "outing.only_if", "    mandatory: false\n", "    mandatory: false\n    only_if: {question: needs, answer: bad}\n"),
    ("dangling_condition", "sleep.only_if", "  - id: sleep\n", "  - id: sleep\n    only_if: {question: meals, answer: bad}\n"),
    ("no_simpler_words", "meals.simpler", "simpler: 밥은 잘 드세요?", "simpler: 식사는 잘 챙겨 드세요?"),
    ("asks_without_asking", "meals.ask", "ask: 식사는 잘 챙겨 드세요?", "ask: 식사는 잘 챙겨 드시는지요."),
    ("one_wording", "closing.thanks", "    thanks: [오늘도 이야기 들려주셔서 고맙습니다., 시간 내주셔서 고맙습니다.]\n", ""),
    ("one_wording", "sleep.ask", "    also:\n      - 요즘 잠은 푹 주무세요?\n      - 간밤에 잠은 잘 주무셨어요?\n", ""),
    ("memory_asks_for_change", "memory.chronic.ask.0", "{{ about }}은(는) 지난번보다 좀 어떠세요?", "{{ about }}은(는) 아직도 아프세요?"),
    ("memory_asks_for_change", "memory.visit.simpler", '"{{ about }}은(는) 다녀가셨어요?"', "다녀가셨어요?"),
    ("memory_is_checked_by_consent", "weekday", "  - id: sleep\n", "  - id: weekday\n"),
    ("unknown_placeholder", "meals.ask", "ask: 식사는 잘 챙겨 드세요?", 'ask: "{{ about }} 잘 챙겨 드세요?"'),
    ("figures", "repair.keys", "괜찮으시면 일 번,", "괜찮으시면 일 번, 1번,"),
    ("relief", "meals.bad.say", "그러셨군요. 기운이 없으시겠어요.", "다행이에요. 기운이 없으시겠어요."),
    ("relief", "acknowledge.neutral", "neutral: 네, 알겠습니다.", "neutral: 네, 좋네요."),
    ("promise", "acknowledge.request", "말씀하신 내용을 담당자에게 전하겠습니다.", "곧 사람을 보내 드릴게요."),
    ("register", "acknowledge.more", "네, 말씀해 주셔서 고맙습니다.\n\nclosing", "응, 알았어.\n\nclosing"),
    ("forbidden", "needs.bad.ask", "어떤 것이 필요하세요?", "계좌번호가 어떻게 되세요?"),
    ("characters", "acknowledge.neutral", "neutral: 네, 알겠습니다.", "neutral: 네, OK입니다."),
    ("length", "closing.thanks", "오늘 말씀 나눠 주셔서 고맙습니다.", "오늘 바쁘신 가운데에도 이렇게 길게 시간을 내어 여러 가지 말씀을 나눠 주셔서 대단히 고맙습니다."),
]  # fmt: skip


def found(text: str) -> tuple[Issue, ...]:
    if '"{{ call_name }}, 오늘' in text or '"{{ name }} 오늘' in text:
        text = text.replace("나눠 주셔서 고맙습니다.\n  callback", '나눠 주셔서 고맙습니다."\n  callback')
    return issues(parse_script(text, PATH).script)


def test_the_shipped_script_has_nothing_to_mend() -> None:
    """Not one error, not one warning."""
    assert found(TEXT) == ()


@pytest.mark.parametrize(("issue", "place", "old", "new"), FAULTS, ids=[f"{f[0]}-{f[1]}" for f in FAULTS])
def test_a_fault_is_found_where_it_is(issue: str, place: str, old: str, new: str) -> None:
    """Each fault gives its issue at its place, and says in Korean how to mend it."""
    assert old in TEXT

    at = [one for one in found(TEXT.replace(old, new, 1)) if (one.issue, one.place) == (issue, place)]

    assert at
    assert re.search(r"[가-힣].*(요|다)\.$", at[0].text)


def test_every_check_is_tried() -> None:
    """No check of the linter is without a fault that shows it."""
    tried = {fault[0] for fault in FAULTS} | {"blocked_lines"}

    assert {check.__name__ for check in CHECKS} <= tried


def test_errors_come_first() -> None:
    """A supervisor reads what keeps the script from being published before what is only a hint."""
    text = TEXT.replace("괜찮으시면 일 번,", "괜찮으시면 일 번, 1번,", 1).replace(
        "neutral: 네, 알겠습니다.", "neutral: 네, 좋네요.", 1
    )

    assert [issue.severity for issue in found(text)] == [Severity.ERROR, Severity.WARNING]


def test_check_exits_1_on_an_error_and_names_file_and_line(tmp_path: Path) -> None:
    """`callbot check` is usable in a hook: status 1, one line a fault."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEXT.replace("neutral: 네, 알겠습니다.", "neutral: 네, 좋네요.", 1), "utf-8")
    line = next(
        n for n, text in enumerate(broken.read_text("utf-8").splitlines(), 1) if "좋네요." in text and "neutral" in text
    )

    result = CliRunner().invoke(build(["check"]), ["check", str(broken)])

    assert result.exit_code == 1
    assert f"오류 {broken}:{line}: acknowledge.neutral: '좋네요'" in result.stdout


def test_check_prints_json_lines(tmp_path: Path) -> None:
    """One object a fault, for the console and for hooks."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEXT.replace("script: weekly", "skript: weekly", 1), "utf-8")

    result = CliRunner().invoke(build(["check"]), ["check", "--json", str(broken), str(PATH)])

    assert result.exit_code == 1
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert {record["severity"] for record in records} == {"error"}
    assert len(records) == 2


def test_check_is_content_with_the_shipped_script() -> None:
    """Status 0 and a word of confirmation."""
    result = CliRunner().invoke(build(["check"]), ["check", str(PATH)])

    assert result.exit_code == 0
    assert "고칠 곳이 없습니다" in result.stdout
