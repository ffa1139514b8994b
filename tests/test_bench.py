"""The arithmetic of the benches, on events as the phones write them."""

import json
from pathlib import Path
from typing import Any

import pytest
from ledger_calls import dial
from ledger_fixtures import Town

from callbot.bench_audio_path import ANSWERS, Said, figures, people, read_answers
from callbot.bench_calls import RealCalls, number_of
from callbot.bench_decisions import Decisions, read_decisions
from callbot.bench_page import PageWatch, sentences
from callbot.bench_page import people as callers_in_need
from callbot.bench_page import read_back as page_times
from callbot.bench_score import levels
from callbot.bench_turn import figures as turn_figures
from callbot.bench_turn import kept, measure
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.understand.meaning import CHECK_IN_TOPICS, Level

SCRIPT = load_script(ROOT / "prompts" / "scripts" / "weekly-checkin.yaml").script


def event(name: str, t: float, **facts: Any) -> dict[str, Any]:
    return {"at": 1000 + t, "number": number_of(0), "call": 0, "event": name, "t": t, **facts}


def says(t: float, seconds: float, text: str = "네.", **facts: Any) -> dict[str, Any]:
    return event("says", t, text=text, seconds=seconds, **facts)


def asked(began: float, until: float, line: str, *, whole: bool = True) -> list[dict[str, Any]]:
    """The bot speaks a line."""
    return [event("bot_speaks", began), event("bot_silent", until, line=line, whole=whole, played_s=until - began)]


def test_a_reply_is_counted_from_the_end_of_the_answer() -> None:
    """Greeting, a closed and an open answer: each from the person's last sound to the bot's first."""
    events = [
        event("line_open", 0.0),
        says(0.5, 1.0, "여보세요."),
        *asked(2.0, 5.0, "opening.identity.ask"),
        says(5.7, 1.0, asked="identity"),
        *asked(7.5, 9.0, "health.ask"),
        says(9.7, 1.0, "안 아파요.", asked="health"),
        *asked(12.0, 13.0, "meals.ask"),
    ]
    found = turn_figures(measure([events], SCRIPT))
    assert found["greeting"] == {"n": 1, "p50_s": 0.5, "p95_s": 0.5, "max_s": 0.5}
    assert found["closed"]["p50_s"] == 0.8
    assert found["open"]["p50_s"] == 1.3
    assert found["cut_in_rate"] == 0.0
    assert found["n"] == 2


def test_a_cut_in_and_a_barge_in_are_no_replies() -> None:
    """The bot that begins while the person speaks is counted as such; so is how long it goes on over somebody."""
    events = [
        *asked(2.0, 5.0, "health.ask"),
        says(5.7, 2.0, asked="health"),
        *asked(7.0, 10.0, "meals.ask", whole=False),
        says(9.4, 1.0, asked="meals"),
        *asked(12.0, 14.0, "sleep.ask"),
    ]
    found = turn_figures(measure([events], SCRIPT))
    assert (found["cut_in_rate"], found["cut_ins"]) == (1.0, ["health.ask"])
    assert found["barge_in"]["from_onset"]["p50_s"] == 0.6
    assert found["n"] == 0


def test_a_line_spoken_to_its_end_over_somebody_is_told() -> None:
    """Not hidden among the barge-ins that worked."""
    events = [*asked(2.0, 5.0, "health.ask"), says(3.4, 1.0, asked="health")]
    found = turn_figures(measure([events], SCRIPT))
    assert found["barge_in"] == {"from_onset": {"n": 0}, "from_decision": {"n": 0}, "talked_through": 1}


def said(meant: str, recorded: str, heard: tuple[str, ...] = ("허리가 아파요",)) -> Said:
    return Said(number_of(0), "jf_nezumi", False, "health", meant, "허리가 아파요.", recorded, heard)


def test_bad_recorded_as_ok_is_told_apart_from_every_other_error() -> None:
    """The one error that must not be; unsure and lost answers are looked at by a human."""
    everything = [
        said("bad", "bad"),
        said("bad", "ok"),
        said("ok", "bad"),
        said("ok", "unsure"),
        said("bad", "no_call", ()),
    ]
    found = figures(everything)
    assert [found[name] for name in ("right", "bad_as_ok", "ok_as_bad", "unsure", "lost")] == [1, 1, 1, 1, 1]
    assert {error["verdict"] for error in found["errors"]} == {"bad_as_ok", "ok_as_bad", "unsure", "lost"}
    assert found["cer_first_hearing"] == 0.0


@pytest.mark.parametrize("answers", ANSWERS, ids=lambda path: path.stem)
def test_the_people_say_every_answer_once_in_five_voices(answers: Path) -> None:
    """As many as the file holds; at least as many complaints as fine ones, and 70 of them at least."""
    spoken = read_answers(answers)
    personas = people(spoken)
    words = [persona.me.says[topic][0].say for persona in personas for topic in CHECK_IN_TOPICS]
    assert sorted(words) == sorted(text for entries in spoken.values() for _, text in entries)
    assert len(words) >= 70
    assert len({persona.me.voice for persona in personas}) == 5
    meant = [value for entries in spoken.values() for value, _ in entries]
    assert set(meant) <= {"ok", "bad"}
    assert meant.count("bad") >= max(70, meant.count("ok"))


def test_emergencies_are_said_by_virtual_numbers_only() -> None:
    """Nobody real can be called for a measurement."""
    assert all(persona.number.startswith("010-0000-") for persona in callers_in_need(sentences()))


def test_an_emergency_scored_below_high_is_counted() -> None:
    """Missing one is worse than being one level off."""
    found = levels([(Level.EMERGENCY, Level.WATCH), (Level.EMERGENCY, Level.HIGH), (Level.NONE, Level.NONE)])
    assert found["emergency_recall"]["part"] == 0
    assert found["high_recall"]["share"] == 0.5
    assert found["none_flagged"]["part"] == 0


def test_a_page_is_timed_from_the_first_time_it_was_needed(tmp_path: Path) -> None:
    """Said twice before it was understood: both times are told, and nobody's page is nobody's."""
    people = callers_in_need(["숨을 못 쉬겠어요.", "죽고 싶어요."])
    folder = tmp_path / "demo" / "phones"
    folder.mkdir(parents=True)
    rows = [says(10.0, 2.0, "숨을 못 쉬겠어요.", asked="health"), says(20.0, 2.0, "숨을 못 쉬겠어요.", asked="health")]
    (folder / "events-1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    watch = PageWatch({f"demo-{number_of(0)[-4:]}": (1023.0, "critical")}, {f"demo-{number_of(0)[-4:]}": 1023.5})
    paged = page_times(RealCalls(tmp_path, tuple(people), {}), watch)
    assert (paged[0].committed_s, paged[0].handed_over_s, paged[0].from_recognised_s) == (11.0, 11.5, 1.0)
    assert paged[1].committed_s is None


def test_short_runs_make_one_measurement(tmp_path: Path) -> None:
    """Kept in a file, run after run; the figures are of all of them."""
    events = [*asked(2.0, 5.0, "meals.ask"), says(5.7, 1.0, asked="meals"), *asked(7.5, 9.0, "meals.ok")]
    file = tmp_path / "turns.jsonl"
    kept(measure([events], SCRIPT), file)
    found = turn_figures(kept(measure([events], SCRIPT), file))
    assert (found["n"], found["closed"]["p50_s"]) == (2, 0.8)


def test_a_decision_is_read_from_the_log_of_the_line(town: Town, tmp_path: Path) -> None:
    """Barge-in and turn of the number that was called; what else stands in the log is none of ours."""
    order = dial(town).order
    log = tmp_path / "stderr.log"
    log.write_text(
        f"2026-11-24T10:00:00.100000 [info     ] barge_in                       leg={order.key}\n"
        f"2026-11-24T10:00:02.500000 [info     ] turn_over                      cut=False leg={order.key} pause_s=0.65\n"
        "2026-11-24T10:00:03 [info     ] call_finished                  attempt=1\n",
        "utf-8",
    )
    [(number, found)] = read_decisions(log, town.store).items()
    assert number == "None"  # nobody in this town has a reference
    assert len(found.barge_ins) == 1
    assert found.turns == [(pytest.approx(found.barge_ins[0] + 2.4), 0.65)]


def test_from_the_decision_to_the_silence_at_the_phone() -> None:
    """The line decides at 1009.7, the phone is silent at its second 10 (1010.0): 0.3 s; and the pause that was waited for is taken off."""
    events = [
        *asked(7.0, 10.0, "meals.ask", whole=False),
        says(9.4, 1.0, asked="meals"),
        *asked(11.3, 14.0, "sleep.ask"),
        says(15.0, 1.0, asked="sleep"),
        *asked(16.9, 18.0, "sleep.ok"),
    ]
    decided = {number_of(0)[-4:]: Decisions([1009.7], [(1016.7, 0.65)])}
    found = turn_figures(measure([events], SCRIPT, decided))
    assert found["barge_in"]["from_decision"]["p50_s"] == 0.3
    assert found["beyond_endpoint"]["p50_s"] == 0.25
