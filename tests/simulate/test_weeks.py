"""Accelerated weeks: with faults no promise is broken, and a ledger that breaks one is convicted by what the world saw."""

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ledger_fixtures import fresh_sqlite

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.adapters.korean_holidays import korean_holidays
from callbot.bootstrap import read_scripts
from callbot.lexicon_files import load_lexicon
from callbot.settings import load
from callbot.simulate.weeks.assumptions import Rates
from callbot.simulate.weeks.evidence import MOST_RINGS_A_DAY, Evidence
from callbot.simulate.weeks.faults import KILLS
from callbot.simulate.weeks.habits import Fate, draw
from callbot.simulate.weeks.remembered import RememberingUnderstander
from callbot.simulate.weeks.sayings import read_bank
from callbot.simulate.weeks.weeks import Plan, Surroundings, simulate
from callbot.simulate.weeks.world import START
from callbot.store.database import Store

MEASURED = ("seconds", "cpu_seconds", "memory_mb", "memory_by_due_mb")


@pytest.fixture(scope="module")
def around() -> Surroundings:
    """Read and warmed once."""
    analyser = KiwiAnalyser()
    analyser.warm()
    understander = RememberingUnderstander(load_lexicon(), analyser)
    return Surroundings(understander, read_scripts(load()), read_bank(), korean_holidays({2025, 2026}))


def run(
    template: Path, directory: Path, around: Surroundings, plan: Plan, sabotage: tuple[str, ...] = ()
) -> dict[str, Any]:
    """One simulation on a fresh ledger; `sabotage`: SQL that makes the store lie."""
    store = fresh_sqlite(template, directory)
    try:
        _without_syncing(store)
        for statement in sabotage:
            with store.write() as connection:
                connection.exec_driver_sql(statement)
        return simulate(store, plan, around)
    finally:
        store.close()


def _without_syncing(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA synchronous=OFF")


def test_two_weeks_of_chaos(sqlite_template: Path, tmp_path: Path, around: Surroundings) -> None:
    """60 people, two weeks, two processes that are killed between statements, faults of every kind, people who ring back:
    nobody is lost."""
    result = run(sqlite_template, tmp_path / "ledger", around, Plan(60, 2, seed=3, chaos=True))

    assert result["violations"] == {}, result["broken"]
    assert sum(result["dispositions"].values()) == result["due"] >= 100
    assert sum(result["faults"].get(kind, 0) for kind in KILLS) >= 10
    assert {"trunk_down", "sms_down", "clock_jump", "model_slow", "duplicate_tick"} <= result["faults"].keys()
    assert result["rings"]["called_in"] >= 3
    assert set(result["page_states"]) <= {"sent", "delivered"}
    assert json.dumps(result)


def test_one_seed_is_one_story(sqlite_template: Path, tmp_path: Path, around: Surroundings) -> None:
    """The same seed gives the same figures, faults included; another seed gives others."""
    first, again, other = (
        run(sqlite_template, tmp_path / f"ledger-{number}", around, Plan(12, 1, seed=seed, chaos=True))
        for number, seed in enumerate((5, 5, 6))
    )
    for result in (first, again, other):
        for measured in MEASURED:
            result.pop(measured, None)
    assert first == again
    assert first != other


SABOTAGE: dict[str, tuple[str, str]] = {
    "line: the same attempt rang twice": (
        "one attempt in every second contact goes by the first one's key",
        (
            "CREATE TRIGGER again AFTER INSERT ON attempts WHEN NEW.number = 2 BEGIN UPDATE attempts SET key = "
            "(SELECT key FROM attempts WHERE due_contact_id = NEW.due_contact_id AND number = 1) || '.9' WHERE id = NEW.id; END"
        ),
    ),
    "line: rung outside the person's hours": (
        "whatever hours a person asked for are not kept",
        (
            "CREATE TRIGGER hours AFTER INSERT ON schedules BEGIN UPDATE schedules SET window_from = NULL, window_until = NULL, "
            "preferred_time = CASE WHEN NEW.window_from IS NULL THEN NEW.preferred_time WHEN NEW.window_from < '10:00' THEN '15:00' "
            "ELSE '10:00' END WHERE id = NEW.id; END"
        ),
    ),
    "line: rung without consent": (
        "a withdrawal is written down as consent",
        (
            "CREATE TRIGGER consent AFTER INSERT ON consents WHEN NOT NEW.given BEGIN "
            "UPDATE consents SET given = 1 WHERE id = NEW.id; END"
        ),
    ),
    "line: rung during a hold": (
        "holds are lifted as soon as they are put",
        "CREATE TRIGGER hold AFTER INSERT ON holds BEGIN UPDATE holds SET lifted_at = NEW.starts_at WHERE id = NEW.id; END",
    ),
    "world: contacted, but the person said nothing that day": (
        "a missed contact is entered as contacted",
        (
            "CREATE TRIGGER gladly AFTER UPDATE OF disposition ON due_contacts WHEN NEW.disposition = 'not_reached' AND NEW.id % 2 "
            "BEGIN UPDATE due_contacts SET disposition = 'contacted' WHERE id = NEW.id; END"
        ),
    ),
    "contact_needs_the_persons_own_words": ("the same, seen in the ledger", ""),
    "world: a day passed and nobody heard of it": (
        "every seventh contact is put off for ever",
        (
            "CREATE TRIGGER later AFTER INSERT ON due_contacts WHEN NEW.id % 7 = 0 BEGIN UPDATE due_contacts "
            "SET next_attempt_at = '2099-01-01 00:00:00.000000', expires_at = '2099-01-02 00:00:00.000000' WHERE id = NEW.id; END"
        ),
    ),
    "every_case_was_paged": (
        "pages of every third case vanish",
        (
            "CREATE TRIGGER unpaged AFTER UPDATE OF state ON pages WHEN NEW.state = 'sent' AND NEW.case_id % 3 = 0 BEGIN "
            "DELETE FROM hand_overs WHERE page_id = NEW.id; DELETE FROM pages WHERE id = NEW.id; END"
        ),
    ),
    "provider: a page came again although we had said that we have it": (
        "a page that was sent is sent again",
        (
            "CREATE TRIGGER resend AFTER UPDATE OF state ON pages WHEN NEW.state = 'sent' AND NEW.case_id % 3 = 1 AND NEW.tries = 1 "
            "BEGIN UPDATE pages SET state = 'pending', next_try_at = NULL WHERE id = NEW.id; DELETE FROM hand_overs "
            "WHERE page_id = NEW.id; END"
        ),
    ),
}
"""Promise -> (the lie, the trigger that makes the store tell it)."""


@pytest.fixture(scope="module")
def lying(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, around: Surroundings) -> dict[str, Any]:
    """Two weeks on a store that tells all these lies; people fall ill and change their minds often."""
    rates = Rates(hospital=0.4, withdraw=0.3, distress=0.05)
    triggers = tuple(trigger for _, trigger in SABOTAGE.values() if trigger)
    return run(sqlite_template, tmp_path_factory.mktemp("lying"), around, Plan(30, 2, seed=11, rates=rates), triggers)


@pytest.mark.parametrize("promise", SABOTAGE)
def test_a_lying_ledger_is_convicted(lying: dict[str, Any], promise: str) -> None:
    """Each promise, broken by the store itself, is seen."""
    assert lying["violations"].get(promise, 0) > 0, sorted(lying["violations"])


def test_what_only_the_line_can_see() -> None:
    """Two calls to one telephone at once, a number of nobody, a telephone that rings all day, one that rings although its
    owner has called us and was heard, a late page."""
    evidence, someone, fate = Evidence(), draw(1, Random("x")), Fate()
    noon = START + timedelta(days=1, hours=11)
    evidence.busy.add("+821000000001")
    evidence.ring("a", "+821000000001", someone, fate, noon, timedelta(0))
    evidence.ring("b", "+821000000009", None, None, noon, timedelta(0))
    for number in range(MOST_RINGS_A_DAY):
        evidence.ring(f"c{number}", "+821000000002", someone, fate, noon, timedelta(0))
    evidence.heard_back.add((someone.number, (noon + timedelta(days=1)).date()))
    evidence.ring("d", "+821000000002", someone, fate, noon + timedelta(days=1), timedelta(0))
    evidence.paged(noon, noon + timedelta(seconds=0.9), excused=False)
    evidence.paged(noon, noon + timedelta(seconds=1.1), excused=True)
    assert set(evidence.violations) - {"line: rung outside the person's hours"} == {
        "line: rung while on the line with us",
        "line: a number of nobody was rung",
        "line: rung too often on one day",
        "line: rung after they had called us and were heard",
    }
    evidence.paged(noon, noon + timedelta(seconds=1.1), excused=False)
    assert "line: an emergency's page took more than a second" in evidence.violations
