"""Two owners at once, for real: threads with their own connections, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from ledger_fixtures import TUESDAY, build_town
from sqlalchemy import func, select

from callbot.escalate.case import CaseKind
from callbot.escalate.page_state import PageState
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.tables import attempts, cases
from callbot.understand.meaning import Level
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.place_due import ClaimedAttempt, place_due
from callbot.workflows.plan_week import plan_week
from callbot.workflows.send_pages import Message, SendResult, send_pages

PEOPLE = 24


def test_two_owners_never_claim_the_same(store: Store) -> None:
    """Four owners in four threads claim 24 due contacts: each exactly once, all of them."""
    build_town(store, PEOPLE)
    plan_week(store, TUESDAY)

    def claim_some(owner: str) -> list[ClaimedAttempt]:
        found: list[ClaimedAttempt] = []
        while claimed := place_due(store, TUESDAY, 2, owner):
            found += claimed
        return found

    with ThreadPoolExecutor(4) as threads:
        claimed = [attempt for found in threads.map(claim_some, "abcd") for attempt in found]
        claimed += claim_some("late")

    assert len({attempt.due_contact_id for attempt in claimed}) == len(claimed) == PEOPLE
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(attempts)) == PEOPLE
        assert violations(connection, TUESDAY) == []


def test_two_planners_plan_once(store: Store) -> None:
    """Planning ticks that run at the same time write every due contact once."""
    build_town(store, PEOPLE)
    with ThreadPoolExecutor(3) as threads:
        planned = list(threads.map(lambda _: plan_week(store, TUESDAY).new, range(3)))
    assert sum(planned) == PEOPLE


def test_one_open_case_a_person_and_kind(store: Store) -> None:
    """The same matter from four threads opens one case; the others join it."""
    town = build_town(store)

    def matter(number: int) -> Matter:
        return Matter(
            town.person_ids[0], CaseKind.DISTRESS, Level.HIGH, Wording("통증"), "까닭", cause=f"call/{number}"
        )

    with ThreadPoolExecutor(4) as threads:
        changes = list(threads.map(lambda number: open_case(store, matter(number), TUESDAY), range(8)))
    assert sum(change.opened for change in changes) == 1
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(cases)) == 1


class Counting:
    """A provider that remembers what it was handed."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def send(self, message: Message) -> SendResult:
        self.got.append(message.reference)
        return SendResult(PageState.SENT, "counting", "ok")

    def ask(self, reference: str) -> SendResult | None:
        return SendResult(PageState.SENT, "counting") if reference in self.got else None


def test_two_senders_send_once(store: Store) -> None:
    """Every page is handed over exactly once, however many senders run."""
    town = build_town(store, PEOPLE)
    for person_id in town.person_ids:
        open_case(store, Matter(person_id, CaseKind.REPORT, Level.HIGH, Wording("입원"), "까닭", cause="due"), TUESDAY)
    provider = Counting()

    def send_all(owner: str) -> None:
        while send_pages(store, provider, TUESDAY + timedelta(seconds=1), owner=owner, most=3):
            pass

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(send_all, "abc"))
    assert len(provider.got) == len(set(provider.got)) == PEOPLE
