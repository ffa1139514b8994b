"""Many people are simulated in groups; what comes of it depends on the people and the seed, not on the machine."""

from typing import Any

from callbot.simulate.weeks.groups import groups_of, merged
from callbot.simulate.weeks.tally import work_of
from callbot.simulate.weeks.weeks import Plan


def test_groups_are_equal_and_have_seeds_of_their_own() -> None:
    """Two thousand people are five groups; nobody is left out; every group's luck is its own, and the same every time."""
    plan = Plan(2003, 26, seed=7, chaos=True)

    groups = groups_of(plan)

    assert [each.people for each in groups] == [401, 401, 401, 400, 400]
    assert len({each.seed for each in groups}) == len(groups)
    assert {(each.weeks, each.chaos) for each in groups} == {(26, True)}
    assert groups == groups_of(plan)
    assert {each.seed for each in groups}.isdisjoint(each.seed for each in groups_of(Plan(2003, 26, seed=8)))


def test_few_people_are_one_group_with_the_seed_given() -> None:
    """What a small run showed before groups were there is shown by the same seed now."""
    plan = Plan(500, 4, seed=3)
    assert groups_of(plan) == [plan]


def _result(due: int, contacted: int, violations: dict[str, int], caseworkers: int) -> dict[str, Any]:
    counted: dict[str, Any] = {
        "due": due,
        "dispositions": {"contacted": contacted, "not_reached": due - contacted},
        "cases": 4,
        "cases_by_kind": {"missed": 4},
        "pages": 6,
        "pages_by_severity": {"urgent": 6},
        "violations": violations,
        "broken": [f"{name}: attempt 1" for name in violations],
        "cpu_seconds": 10.0,
    }
    measured = {"seconds": 5.0, "memory_mb": 100 + due, "memory_by_due_mb": {str(due): 90.0}}
    same = {"weeks": 2, "chaos": True, "database": "sqlite", "assumptions": {"busy": 0.1}}
    work = work_of(counted, people=100, weeks=2, workers=caseworkers)
    return {**counted, **measured, **same, **work, "people": 100, "seed": due}


def test_a_broken_promise_of_any_group_is_one_of_all() -> None:
    """Counts are added up, also of what only one group has; shares are of the sums, not means of shares."""
    result = merged(Plan(200, 2, seed=7), [_result(100, 90, {}, 2), _result(50, 20, {"line: rung twice": 3}, 3)])

    assert result["violations"] == {"line: rung twice": 3}
    assert result["broken"] == ["line: rung twice: attempt 1"]
    assert result["dispositions"] == {"contacted": 110, "not_reached": 40}
    assert result["missed_share"] == round(40 / 150, 4)
    assert result["per_caseworker"] == {"caseworkers": 5, "people": 40.0, "cases_a_week": 0.8, "pages_a_week": 1.2}
    assert result["per_1000_people_a_week"]["cases_missed"] == 20.0
    assert (result["groups"], result["people"], result["seed"], result["memory_mb"]) == (2, 200, 7, 200)
