"""The arithmetic of the benches, on events as the phones write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from callbot.bench_audio_path import ANSWERS, Said, figures, people, read_answers
from callbot.bench_calls import RealCalls, number_of
from callbot.bench_page import PageWatch, sentences
from callbot.bench_page import people as callers_in_need
from callbot.bench_page import read_back as page_times
from callbot.bench_score import levels
from callbot.bench_turn import figures as turn_figures
from callbot.bench_turn import measure
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
    assert found["barge_in"] == {"from_onset": {"n": 0}, "talked_through": 1}


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
