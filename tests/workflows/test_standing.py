"""Whether a person may be called is asked in one look; it says what the three questions say one by one."""

from datetime import timedelta
from itertools import product

import pytest
from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import update

from callbot.people.consent import CLOCK_PUT_BACK, ConsentKind
from callbot.people.hold import HoldReason
from callbot.store.database import Store
from callbot.store.people_rows import (
    Standing,
    add_consents,
    add_hold,
    consent_to_call,
    held,
    is_active,
    lift_holds,
    standing_of,
)
from callbot.store.tables import persons

DAY = timedelta(days=1)
TODAY = TUESDAY.date()


@pytest.fixture
def town(store: Store) -> Town:
    """Enrolled a month ago."""
    return build_town(store, now=TUESDAY - timedelta(days=30))


def look(town: Town) -> Standing:
    person = town.person_ids[0]
    with town.store.read() as connection:
        one_by_one = Standing(
            is_active(connection, person, TUESDAY),
            held(connection, person, TUESDAY),
            consent_to_call(connection, person, TUESDAY),
        )
        assert standing_of(connection, person, TUESDAY) == one_by_one
    return one_by_one


def test_it_may_be_called(town: Town) -> None:
    """Enrolled, with consent, not held."""
    assert look(town) == Standing(active=True, held=False, consent=True)
    assert look(town).may_be_called


def test_days_in_the_programme(town: Town) -> None:
    """Before the first day and after the last nobody is called; on both they are; who has left is not."""
    for starts, ends, active in product((None, TODAY, TODAY + DAY), (None, TODAY - DAY, TODAY), (True, False)):
        with town.store.write() as connection:
            days = update(persons).where(persons.c.id == town.person_ids[0])
            connection.execute(days.values(starts_on=starts, ends_on=ends, active=active))
        may = active and starts in {None, TODAY} and ends in {None, TODAY}
        assert look(town).may_be_called is may


@pytest.mark.parametrize(
    ("starts", "until", "lifted", "in_force"),
    [
        (-DAY, None, None, True),
        (-DAY, timedelta(seconds=1), None, True),
        (-DAY, timedelta(0), None, False),
        (-DAY, None, timedelta(0), False),
        (CLOCK_PUT_BACK, None, None, True),
        (CLOCK_PUT_BACK + timedelta(seconds=1), None, None, False),
    ],
)
def test_holds(
    town: Town, starts: timedelta, until: timedelta | None, lifted: timedelta | None, *, in_force: bool
) -> None:
    """From its beginning (and minutes before, if the clock was put back) to its end, unless it was lifted."""
    with town.store.write() as connection:
        ends = None if until is None else TUESDAY + until
        person = town.person_ids[0]
        add_hold(connection, person, HoldReason.HOSPITAL, now=TUESDAY, starts_at=TUESDAY + starts, until=ends)
        if lifted is not None:
            lift_holds(connection, person, TUESDAY + lifted)
    assert look(town).held is in_force
    assert look(town).may_be_called is not in_force


def test_consent(town: Town) -> None:
    """Withdrawn it is over at once; given again it is back; nobody has none."""
    for given in (False, True):
        at = TUESDAY - timedelta(hours=1 - given)
        with town.store.write() as connection:
            add_consents(connection, town.person_ids[0], (ConsentKind.SENSITIVE,), given=given, now=at, by="test")
        assert look(town).consent is given
    with town.store.read() as connection:
        assert standing_of(connection, 10**6, TUESDAY) == Standing(active=False, held=False, consent=False)
