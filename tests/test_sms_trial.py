"""The test send, on the command line: what an operator sees of a provider that works and of one that does not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callbot.cli_sms import app
from callbot.simulate.sms_server import SENDER, Fault, SmsServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsServer]:
    running = SmsServer().start()
    file = tmp_path / "sms.toml"
    file.write_text(running.settings())
    monkeypatch.setenv("CALLBOT_SMS", str(file))
    yield running
    running.stop()


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_one_message_and_its_receipt(server: SmsServer) -> None:
    """Checked, sent, arrived; the provider's own words are shown."""
    code, said = run("test", "010-0000-9001", "--json")
    trial = json.loads(said)
    [taken] = server.accepted
    assert (code, trial["answer"]["state"], trial["receipt"]) == (0, "sent", "도착")
    assert taken.text.startswith("[안부전화] 시험 문자입니다.")
    assert taken.message_id in trial["answer"]["raw"]
    assert "확인  발신번호" in run("check")[1]


def test_an_unregistered_sender_sends_nothing(server: SmsServer) -> None:
    """The check says which number, and nothing leaves."""
    server.senders = frozenset({"0629999999"})
    code, said = run("test", "010-0000-9001")
    assert (code, server.accepted) == (1, [])
    assert f"문제  발신번호: {SENDER} 목록에 없음" in said
    assert "보내지 않았습니다" in said


def test_an_ambiguous_answer_is_asked_about(server: SmsServer) -> None:
    """A 500 after accepting: the receipt tells that it arrived all the same."""
    server.faults = lambda _reference: Fault(status=500)
    code, said = run("test", "010-0000-9001")
    assert "발송: 확인 중" in said
    assert "도착: 도착" in said
    assert code == 1


@pytest.mark.parametrize(
    "words", [("test", "12"), ("test", "010-0000-9001", "--provider", "nhn"), ("check", "--provider", "x")]
)
def test_errors_are_one_korean_sentence(server: SmsServer, words: tuple[str, ...]) -> None:
    """No traceback for a wrong number or provider."""
    code, said = run(*words)
    assert code == 1
    assert "Traceback" not in said


def test_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is missing and where it is described."""
    monkeypatch.delenv("CALLBOT_SMS", raising=False)
    code, said = run("check")
    assert (code, "CALLBOT_SMS" in said.replace("\n", "")) == (1, True)
