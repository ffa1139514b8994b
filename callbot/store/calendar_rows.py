"""Days that the calendar of holidays does not know: a temporary holiday, or one that is a working day here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from callbot.store.tables_schedule import own_holidays
from callbot.store.writing import upsert


@dataclass(frozen=True)
class OwnHoliday:
    """One day of one's own."""

    day: date
    name: str
    free: bool
    """False: worked, whatever the calendar says."""


def own_days(connection: Connection) -> tuple[OwnHoliday, ...]:
    """Every one, by day."""
    rows = connection.execute(select(own_holidays).order_by(own_holidays.c.day))
    return tuple(OwnHoliday(row.day, row.name, row.free) for row in rows)


def calendar(connection: Connection, holidays: Mapping[date, str]) -> dict[date, str]:
    """The calendar's holidays (date -> name) with one's own days in force."""
    found = dict(holidays)
    for own in own_days(connection):
        if own.free:
            found.setdefault(own.day, own.name)
        else:
            found.pop(own.day, None)
    return found


def set_own_day(connection: Connection, own: OwnHoliday) -> None:
    """Write, or replace what was said of that day."""
    upsert(connection, own_holidays, {"day": own.day, "name": own.name, "free": own.free}, ("day",))


def forget_own_day(connection: Connection, day: date) -> int:
    """The calendar's word holds again; how many there were."""
    return connection.execute(own_holidays.delete().where(own_holidays.c.day == day)).rowcount
