"""The list as people use it: a spreadsheet, a message."""

import csv
import io
from datetime import UTC, datetime

from callbot.escalate.page import size_of
from callbot.watch.missing import HEADER, LMS_BYTES, NotCalled, as_csv, as_messages, worst_first

LAST = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)


def person(number: int, name: str = "김순자", **more: object) -> NotCalled:
    given = {"last_contact": LAST, "urgent": False} | more
    return NotCalled(
        number,
        1,
        name,
        (f"010-0000-{number:04d}",),
        "광주 동구 시연로 1",
        why="아직 전화하지 않음",
        worker="한지원",
        **given,
    )


def test_csv_is_read_by_a_spreadsheet() -> None:
    """Byte order mark, one row a person, and no cell that becomes a formula."""
    text = as_csv([person(1), person(2, name="=1+1")])
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows[0] == list(HEADER)
    assert rows[1] == ["김순자", "010-0000-0001", "광주 동구 시연로 1", "11월 17일", "아직 전화하지 않음", "한지원"]
    assert rows[2][0] == "'=1+1"


def test_whom_to_phone_first() -> None:
    """An open emergency, then those never heard, then those heard longest ago."""
    order = worst_first(
        [person(1), person(2, last_contact=None), person(3, urgent=True), person(4, last_contact=LAST.replace(day=10))]
    )
    assert [one.person_id for one in order] == [3, 2, 4, 1]


def test_messages_fit_and_name_everybody_or_say_how_many_are_left() -> None:
    """300 people in three LMS: each at most 2,000 bytes of cp949, and the last says how many it had no room for."""
    people = [person(number) for number in range(300)]
    messages = as_messages(people, "동구", numbers=True)
    assert len(messages) == 3
    assert all(size_of(message) <= LMS_BYTES for message in messages)
    named = sum(message.count("김O자") for message in messages)
    assert f"외 {300 - named}명은" in messages[-1]


def test_names_are_masked_and_numbers_only_where_allowed() -> None:
    """A message can be read by anybody who finds the telephone."""
    (quiet,) = as_messages([person(7)], "동구", numbers=False)
    (full,) = as_messages([person(7, urgent=True)], "동구", numbers=True)
    assert "김순자" not in quiet
    assert "0007" not in quiet
    assert "★김O자 010-0000-0007 (11월 17일)" in full
