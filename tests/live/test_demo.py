"""The main job, end to end: real Asterisk, real Whisper, real phones, eight people, one ledger."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_run import ServeRun

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[ServeRun, int, dict[str, Any]]]:
    """`callbot serve --demo --until-done --json`, once for this file."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-demo-", dir="/tmp"))
    directory.chmod(0o755)
    run = ServeRun(directory)
    try:
        run.start("--until-done", "--json")
        code, summary = run.wait()
        yield run, code, summary
    finally:
        run.stop()
        shutil.rmtree(directory, ignore_errors=True)


def person(demo: tuple[ServeRun, int, dict[str, Any]], number: str) -> dict[str, Any]:
    """What became of one of them."""
    _, _, summary = demo
    return next(row for row in summary["people"] if row["person"] == f"demo-{number}")


def test_every_due_contact_ends_in_exactly_one_disposition(demo: Any) -> None:
    """Eight were due, eight ended, no promise of the ledger is broken, and the program says so by exiting with 0."""
    run, code, summary = demo
    assert code == 0, run.log[-3000:]
    assert (summary["due"], summary["open"], summary["violations"]) == (8, 0, {})
    assert sum(summary["dispositions"].values()) == 8


def test_somebody_who_is_fine(demo: Any) -> None:
    """Contacted at the first attempt, nothing found, no case."""
    fine = person(demo, "0101")
    assert fine["attempts"] == ["person"]
    assert fine["disposition"] == "contacted"
    assert fine["level"] == "none"
    assert fine["cases"] == []


def test_chest_pain_is_an_emergency(demo: Any) -> None:
    """Contacted, emergency, a distress case, and its page in the inbox, honestly unsent."""
    pain = person(demo, "0102")
    assert pain["disposition"] == "contacted"
    assert pain["level"] == "emergency"
    assert {"kind": "distress", "level": "emergency"} in pain["cases"]
    assert pain["pages"]
    assert set(pain["pages"]) == {"unsent"}


def test_the_page_is_written_while_the_call_goes_on(demo: Any) -> None:
    """The emergency page is committed before the end of its call."""
    run, _, _ = demo
    rows = run.rows(
        "SELECT pages.created_at, calls.ended_at FROM pages JOIN cases ON cases.id = pages.case_id "
        "JOIN calls ON calls.person_id = cases.person_id WHERE pages.severity = 'critical'"
    )
    assert rows
    assert all(created < ended for created, ended in rows)


def test_a_passive_death_wish_is_taken_seriously(demo: Any) -> None:
    """At least high, a distress case, a page."""
    wish = person(demo, "0103")
    assert wish["disposition"] == "contacted"
    assert wish["level"] in {"high", "emergency"}
    assert "distress" in {case["kind"] for case in wish["cases"]}
    assert wish["pages"]


def test_nobody_answers_three_times(demo: Any) -> None:
    """Three attempts, then not_reached and a missed case."""
    missed = person(demo, "0104")
    assert missed["attempts"] == ["no_answer"] * 3
    assert missed["disposition"] == "not_reached"
    assert [case["kind"] for case in missed["cases"]] == ["missed"]


def test_busy_then_answered(demo: Any) -> None:
    """The ladder calls again; no case is left."""
    busy = person(demo, "0105")
    assert busy["attempts"] == ["busy", "person"]
    assert busy["disposition"] == "contacted"


def test_a_voicemail_is_no_contact(demo: Any) -> None:
    """A machine that answers with 200 OK three times is not a person."""
    machine = person(demo, "0106")
    assert len(machine["attempts"]) == 3
    assert set(machine["attempts"]) <= {"voicemail", "announcement"}  # by the words that Whisper made of the greeting
    assert "voicemail" in machine["attempts"]
    assert machine["disposition"] == "not_reached"
    assert [case["kind"] for case in machine["cases"]] == ["missed"]


def test_another_person_is_no_contact(demo: Any) -> None:
    """The son answers: the mother was not reached."""
    other = person(demo, "0107")
    assert set(other["attempts"]) == {"other_person"}
    assert other["disposition"] == "not_reached"


def test_nothing_personal_is_said_to_another_person(demo: Any) -> None:
    """Whoever answers hears the name that was called, and no question about health."""
    run, _, _ = demo
    asked = run.rows(
        "SELECT DISTINCT turns.topic FROM turns JOIN calls ON calls.id = turns.call_id "
        "WHERE calls.who = 'other_person' AND turns.who = 'bot' AND turns.topic IS NOT NULL"
    )
    assert {topic for (topic,) in asked} <= {"identity"}


def test_a_request_for_rice_becomes_a_ticket(demo: Any) -> None:
    """Contacted, and the wish is in the ledger with a case for somebody."""
    rice = person(demo, "0108")
    assert rice["disposition"] == "contacted"
    assert rice["requests"]
    assert "request" in {case["kind"] for case in rice["cases"]}


def test_every_answered_call_was_recorded(demo: Any) -> None:
    """A sealed file a call with its sha256; no name, number or sentence can be read in it or in the database."""
    run, _, summary = demo
    rows = run.rows("SELECT recording_path, recording_sha256, recording_seconds FROM calls")
    assert rows
    for path, sha256, seconds in rows:
        assert len(sha256) == 64
        assert seconds > 1
        assert (run.ledger.parent / path).stat().st_size > 8000
        assert b"RIFF" not in (run.ledger.parent / path).read_bytes()[:200]
    raw = (
        run.ledger.read_bytes() + Path(f"{run.ledger}-wal").read_bytes()
        if Path(f"{run.ledger}-wal").exists()
        else run.ledger.read_bytes()
    )
    for secret in ("김순자", "이복순", "01000000101", "+821000000101", "숨이 차요"):
        assert secret.encode() not in raw
    assert "김순자" not in json.dumps(summary, ensure_ascii=False)


def test_the_greeting_comes_at_once(demo: Any) -> None:
    """At the phone: the bot's first sound within 1.5 s of the end of "여보세요", or of 1.2 s of silence."""
    run, _, _ = demo
    waits = []
    for file in (run.data_dir / "demo" / "phones").glob("events-*.jsonl"):
        events = [json.loads(row) for row in file.read_text("utf-8").splitlines()]
        waits += greeting_waits(events)
    assert waits
    assert max(waits) < 1.5, waits


PICKUP_S = 0.5
"""A phone's people say "여보세요" this long after they picked up (simulate/phone_call.py)."""


def greeting_waits(events: list[dict[str, Any]]) -> list[float]:
    """Seconds from the end of the first words at each answered phone to the first sound of the bot, on the phone's clock."""
    found = []
    for number, call in sorted({(event["number"], event["call"]) for event in events}):
        mine = [event for event in events if (event["number"], event["call"]) == (number, call)]
        said = next((event for event in mine if event["event"] == "says" and "asked" not in event), None)
        heard = next((event for event in mine if event["event"] == "bot_speaks"), None)
        if said and heard:
            found.append(heard["t"] - (said["t"] + PICKUP_S + said["seconds"]))
    return found
