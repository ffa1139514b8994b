"""Cases until a human has acted, and the outbox."""

from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select

from callbot.adapters.inbox import InboxSender
from callbot.escalate.case import CaseKind, CaseOutcome
from callbot.escalate.page_state import PageState
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.case_rows import StaleCase
from callbot.store.invariants import violations
from callbot.store.tables import case_events, cases, pages, workers
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import acknowledge, climb, close_case, note_on_case
from callbot.workflows.open_case import CaseChange, Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.send_pages import Message, SendResult, clear_doubts, send_pages

MINUTE = timedelta(minutes=1)


def opened(town: Town, level: Level = Level.EMERGENCY, cause: str = "call/1") -> CaseChange:
    matter = Matter(
        town.person_ids[0], CaseKind.DISTRESS, level, Wording("응급증상", clinical=True), "까닭입니다.", cause
    )
    return open_case(town.store, matter, TUESDAY)


def rows(town: Town, table) -> list:  # type: ignore[no-untyped-def,type-arg]
    with town.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_climbs_until_taken(town: Town) -> None:
    """Critical: caseworker at once, lead after five minutes, then whoever is above; acknowledging stops it."""
    change = opened(town)
    assert climb(town.store, TUESDAY + 4 * MINUTE) == 0
    assert climb(town.store, TUESDAY + 5 * MINUTE) == 1
    assert [page.worker_id for page in rows(town, pages)] == [town.caseworker_id, town.lead_id]
    acknowledge(town.store, change.case_id, None, TUESDAY + 6 * MINUTE)
    assert climb(town.store, TUESDAY + 60 * MINUTE) == 0


def test_nobody_on_duty_is_recorded(town: Town) -> None:
    """With nobody to page, the page stands in the outbox without a recipient and the history says so."""
    with town.store.write() as connection:
        connection.execute(workers.update().values(active=False))
    opened(town)
    [page] = rows(town, pages)
    assert page.worker_id is None
    assert [event.what for event in rows(town, case_events)] == ["opened", "nobody_on_duty"]


def test_close_needs_an_outcome_and_is_final(town: Town) -> None:
    """A closed case keeps outcome, note and history; the next matter opens a new one."""
    change = opened(town)
    note_on_case(town.store, change.case_id, "전화함", TUESDAY + MINUTE)
    close_case(town.store, change.case_id, CaseOutcome.CALLED_119, "119와 함께 방문", TUESDAY + 9 * MINUTE)
    [case] = rows(town, cases)
    assert (case.state, case.outcome, case.note, case.next_step_at) == ("closed", "called_119", "119와 함께 방문", None)
    with pytest.raises(ImpossibleTransition):
        acknowledge(town.store, change.case_id, None, TUESDAY + 10 * MINUTE)
    assert opened(town, cause="call/2").opened
    with town.store.read() as connection:
        assert violations(connection, TUESDAY + 10 * MINUTE) == []


def test_two_workers_at_once(town: Town) -> None:
    """The second of two forms is refused in Korean, and nothing of it is written."""
    change = opened(town)
    version = rows(town, cases)[0].version
    acknowledge(town.store, change.case_id, None, TUESDAY, version=version)
    with pytest.raises(StaleCase, match="먼저 처리"):
        close_case(town.store, change.case_id, CaseOutcome.VISITED, "", TUESDAY, version=version)
    assert rows(town, cases)[0].state == "acknowledged"


def test_raised_while_acknowledged_is_open_again(town: Town) -> None:
    """Whoever took the smaller thing has not taken the bigger one."""
    change = opened(town, Level.HIGH)
    acknowledge(town.store, change.case_id, None, TUESDAY)
    assert opened(town, Level.EMERGENCY, "call/2") == CaseChange(change.case_id, False, True, 1)
    [case] = rows(town, cases)
    assert (case.state, case.level, case.round) == ("triggered", "emergency", 1)


def test_same_cause_pages_once(town: Town) -> None:
    """The same cause again joins without a page; another cause at the same level pages."""
    opened(town)
    assert [opened(town, cause="call/9").pages, opened(town, cause="call/9").pages] == [1, 0]


def test_clinical_words_only_where_wanted(town: Town) -> None:
    """By default an SMS names no illness."""
    opened(town)
    [page] = rows(town, pages)
    assert "위험신호" in page.body
    assert "응급증상" not in page.body


def test_inbox_is_honest(town: Town) -> None:
    """Without a provider every page ends as 미발송, once, and stays readable."""
    opened(town)
    assert send_pages(town.store, InboxSender(), TUESDAY) == 1
    assert send_pages(town.store, InboxSender(), TUESDAY + MINUTE) == 0
    [page] = rows(town, pages)
    assert (page.state, page.provider, page.sent_at, page.tries) == ("unsent", "inbox", None, 1)


class Provider:
    """Takes what it is handed; may answer ambiguously, or take the sender's life."""

    def __init__(self, *answers: PageState | type[BaseException]) -> None:
        self.answers = list(answers)
        self.got: list[Message] = []

    def send(self, message: Message) -> SendResult:
        self.got.append(message)
        answer = self.answers.pop(0)
        if isinstance(answer, type):
            raise answer
        return SendResult(answer, "provider", "raw")

    def ask(self, reference: str) -> SendResult | None:
        taken = any(message.reference == reference for message in self.got)
        return SendResult(PageState.SENT, "provider", "taken") if taken else None


class Killed(BaseException):
    """kill -9."""


def test_most_urgent_first(town: Town) -> None:
    """A critical page overtakes whatever was queued before it."""
    for kind, level in [
        (CaseKind.REPORT, Level.HIGH),
        (CaseKind.MISSED, Level.WATCH),
        (CaseKind.DISTRESS, Level.EMERGENCY),
    ]:
        open_case(town.store, Matter(town.person_ids[0], kind, level, Wording("x"), "y", cause="z"), TUESDAY)
    provider = Provider(*[PageState.SENT] * 3)
    send_pages(town.store, provider, TUESDAY, most=1)
    send_pages(town.store, provider, TUESDAY)
    assert ["위기" in message.body for message in provider.got] == [True, False, False]
    assert ["소식" in provider.got[1].body, "미응답" in provider.got[2].body] == [True, True]
    assert provider.got[0].to == "+821000009001"


def test_ambiguous_is_asked_not_repeated(town: Town) -> None:
    """An unclear answer is queried by our reference; the message is not sent a second time."""
    opened(town)
    provider = Provider(PageState.UNKNOWN)
    send_pages(town.store, provider, TUESDAY)
    assert clear_doubts(town.store, provider, TUESDAY + MINUTE) == 1
    assert rows(town, pages)[0].state == "sent"
    assert len(provider.got) == 1


def test_killed_while_sending(town: Town) -> None:
    """Killed between send and record: not lost, not sent twice."""
    opened(town)
    provider = Provider(Killed)
    with pytest.raises(Killed):
        send_pages(town.store, provider, TUESDAY)
    assert send_pages(town.store, provider, TUESDAY + 0.5 * MINUTE) == 0
    assert send_pages(town.store, provider, TUESDAY + 2 * MINUTE) == 0
    assert rows(town, pages)[0].state == "unknown"
    assert clear_doubts(town.store, provider, TUESDAY + 2 * MINUTE) == 1
    assert (rows(town, pages)[0].state, len(provider.got)) == ("sent", 1)


def test_never_arrived_is_sent_again(town: Town) -> None:
    """Where the provider never got it, it goes out."""
    opened(town)
    deaf = Provider(PageState.UNKNOWN)
    send_pages(town.store, deaf, TUESDAY)
    provider = Provider(PageState.SENT)
    clear_doubts(town.store, provider, TUESDAY + MINUTE)
    assert send_pages(town.store, provider, TUESDAY + MINUTE) == 1
    assert (rows(town, pages)[0].state, rows(town, pages)[0].tries) == ("sent", 2)
