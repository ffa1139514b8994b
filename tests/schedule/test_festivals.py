"""설날 and 추석: the days around them."""

from datetime import date

import pytest

from callbot.adapters.korean_holidays import korean_holidays
from callbot.schedule.festivals import RoundDay, rounds


@pytest.mark.parametrize(
    ("year", "festival", "before", "on", "after"),
    [
        (2026, "seollal", "02-13", "02-17", "02-19"),
        (2026, "chuseok", "09-23", "09-25", "09-28"),
        (2027, "seollal", "02-05", "02-07", "02-10"),
        (2027, "chuseok", "09-13", "09-15", "09-17"),
        (2028, "seollal", "01-25", "01-27", "01-31"),
        (2028, "chuseok", "09-29", "10-03", "10-06"),
    ],
)
def test_days_around(year: int, festival: str, before: str, on: str, after: str) -> None:
    """The last working day before, the day, the first working day after; weekends and days in place count as free."""
    found = {each.slot: each.day for each in rounds(korean_holidays([year]), list(RoundDay))}
    for word, day in (("before", before), ("on", on), ("after", after)):
        assert found[f"{year}-{festival}-{word}"] == date.fromisoformat(f"{year}-{day}")
    assert len(found) == 6


def test_only_what_is_wanted() -> None:
    """In order of days; none wanted is none."""
    found = rounds(korean_holidays([2026, 2027]), [RoundDay.AFTER])
    assert [each.slot for each in found] == [
        "2026-seollal-after", "2026-chuseok-after", "2027-seollal-after", "2027-chuseok-after",
    ]  # fmt: skip
    assert rounds(korean_holidays([2026]), []) == ()
