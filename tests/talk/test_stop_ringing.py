"""Consent withdrawn, or a hold put, while the phone rings: it is silenced within seconds; a conversation is not cut off."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, Town, build_town
from quick_call import QuickSwitchboard
from sqlalchemy import select

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import attempt_end
from callbot.dial.progress import CallEvidence
from callbot.people.consent import ConsentKind
from callbot.people.hold import HoldReason
from callbot.people.numbers import Relation
from callbot.schedule.ladder import RetryCause, RetryLadder, Rung
from callbot.store.database import Store
from callbot.store.people_rows import add_consents, add_number
from callbot.store.policy_rows import publish_ladder
from callbot.store.tables import attempts, cases, due_contacts, programmes
from callbot.talk.stop_ringing import keys_to_silence, silence
from callbot.ticks import Ticks, Worker
from callbot.workflows.answer_call import note_answered, note_ringing
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.hold_person import hold_person, withdraw_consent
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week

MINUTE = timedelta(minutes=1)


@pytest.fixture
def town(sqlite_store: Store) -> Town:
    return build_town(sqlite_store)


def ringing(town: Town) -> DialOrder:
    """Somebody's phone rings."""
    plan_week(town.store, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY, 1, "one")
    order = start_dialling(town.store, claimed, TUESDAY)
    assert isinstance(order, DialOrder)
    note_ringing(town.store, order.attempt_id, order.token, TUESDAY)
    return order


def withdraw(town: Town) -> None:
    withdraw_consent(town.store, town.person_ids[0], TUESDAY)


def hold(town: Town) -> None:
    hold_person(town.store, town.person_ids[0], HoldReason.HOSPITAL, TUESDAY)


@pytest.mark.parametrize("stop", [withdraw, hold])
def test_a_ringing_phone_is_silenced(town: Town, stop: Callable[[Town], None]) -> None:
    """Only then, and only that one; it ends as interrupted, the contact as suspended, nobody is called again."""
    order = ringing(town)
    assert keys_to_silence(town.store, [order.key, "another"], TUESDAY) == []
    stop(town)
    assert keys_to_silence(town.store, [order.key, "another"], TUESDAY) == [order.key]
    board = QuickSwitchboard()
    asyncio.run(silence([order.key], board.hang_up))
    assert board.hung_up == [order.key]

    end = attempt_end(CallEvidence(ringing_seen=True, hung_up_by_us=True))
    assert end is AttemptEnd.INTERRUPTED
    settled = finish_attempt(town.store, order.attempt_id, order.token, end, TUESDAY + MINUTE / 60).settled
    assert settled.disposition == "suspended"
    assert place_due(town.store, TUESDAY + 60 * MINUTE, 5, "one") == []
    with town.store.read() as connection:
        assert connection.execute(select(cases)).all() == []


def test_a_conversation_is_not_cut_off(town: Town) -> None:
    """Whoever has picked up is spoken to, to the end."""
    order = ringing(town)
    note_answered(town.store, order.attempt_id, order.token, TUESDAY)
    withdraw(town)
    assert keys_to_silence(town.store, [order.key], TUESDAY) == []


def test_a_guardians_phone_is_silenced_when_only_that_consent_is_withdrawn(town: Town) -> None:
    """The person's own calls go on."""
    with town.store.write() as connection:
        ladder = RetryLadder(name="x", rungs=(Rung(do="contact", after={RetryCause.DEFAULT: 60}),))
        connection.execute(programmes.update().values(retry_ladder_id=publish_ladder(connection, ladder, TUESDAY)))
        number = {"relation": Relation.GUARDIAN, "contact_name": "김철수"}
        add_number(connection, town.store.keys, town.person_ids[0], "+821000000901", **number)
        add_consents(connection, town.person_ids[0], [ConsentKind.THIRD_PARTY], given=True, now=TUESDAY, by="form")
    first = ringing(town)
    finish_attempt(town.store, first.attempt_id, first.token, AttemptEnd.NO_ANSWER, TUESDAY)
    [claimed] = place_due(town.store, TUESDAY + MINUTE, 1, "one")
    order = start_dialling(town.store, claimed, TUESDAY + MINUTE)
    assert isinstance(order, DialOrder)
    assert order.callee.relation is Relation.GUARDIAN
    withdraw_consent(town.store, town.person_ids[0], TUESDAY + MINUTE, [ConsentKind.THIRD_PARTY])
    assert keys_to_silence(town.store, [order.key], TUESDAY + MINUTE) == [order.key]


def test_the_console_wakes_it(town: Town) -> None:
    """No waiting for the clock: woken by the commit, the phone is silent in far less than a minute."""
    order = ringing(town)
    board = QuickSwitchboard()

    async def look() -> None:
        await silence(await asyncio.to_thread(keys_to_silence, town.store, [order.key], TUESDAY), board.hang_up)

    async def main() -> float:
        ticks = Ticks([Worker("silence", 3600, look)])
        ticks.start()
        await asyncio.sleep(0.1)
        withdraw(town)
        began = asyncio.get_running_loop().time()
        ticks.wake("silence")
        while not board.hung_up:  # noqa: ASYNC110 - the board is polled as a network would be
            await asyncio.sleep(0.01)
        await ticks.stop()
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(asyncio.wait_for(main(), 20)) < 5


def test_missed_is_paged_within_five_seconds_by_the_wake_alone(town: Town) -> None:
    """After the last attempt: the case stands in the same transaction, and the pages' worker, whose clock would come in an
    hour, is woken by it."""
    seen: list[int] = []

    def pages_look() -> None:
        with town.store.read() as connection:
            seen.append(len(connection.execute(select(cases.c.id)).all()))

    async def main() -> float:
        job: Callable[[], Awaitable[None]] = lambda: asyncio.to_thread(pages_look)  # noqa: E731
        ticks = Ticks([Worker("pages", 3600, job)])
        ticks.start()
        with town.store.write() as connection:
            ladder = RetryLadder(name="x", rungs=())
            connection.execute(programmes.update().values(retry_ladder_id=publish_ladder(connection, ladder, TUESDAY)))
        order = ringing(town)
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(
            finish_attempt, town.store, order.attempt_id, order.token, AttemptEnd.NO_ANSWER, TUESDAY + MINUTE
        )
        ticks.wake("pages")
        while 1 not in seen:  # noqa: ASYNC110 - filled from a thread
            await asyncio.sleep(0.01)
        await ticks.stop()
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(asyncio.wait_for(main(), 20)) < 5
    with town.store.read() as connection:
        assert connection.scalar(select(cases.c.opened_at)) == connection.scalar(select(attempts.c.ended_at))
        assert connection.scalar(select(due_contacts.c.disposition)) == "not_reached"
