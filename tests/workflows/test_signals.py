"""What was said: pages in mid-call, tickets, calls that were not understood."""

from ledger_calls import PERSON_SPOKE, at, dial, ledger, signal
from ledger_fixtures import Town
from sqlalchemy import select

from callbot.assess.assessment import assess
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.store.tables import calls, pages, requests, signals
from callbot.store.tables_escalate import digest_items
from callbot.understand.meaning import AnswerValue, Category, Level, Request, Topic
from callbot.workflows.finish_call import finish_call
from callbot.workflows.raise_signals import raise_signals


def test_emergency_pages_in_mid_call(town: Town) -> None:
    """The case and its page are there while the call is still up; the same finding again changes nothing."""
    on_the_line = dial(town).answer(at(0.2)).say()

    case_id = raise_signals(town.store, on_the_line.call_id, [signal()], at(0.5))
    assert raise_signals(town.store, on_the_line.call_id, [signal()], at(0.6)) == case_id

    with town.store.read() as connection:
        [page] = connection.execute(select(pages)).all()
        assert (page.severity, page.template, page.state) == ("critical", "critical", "pending")
        assert page.body.startswith("[동구안부]위기 박O수(82)")
        assert page.body_bytes <= 90
        assert "답답" not in page.body
    on_the_line.finish(ContactResult.CONTACTED, at(2))
    found = ledger(town.store, at(2))
    assert (found["disposition"], found["cases"], found["pages"]) == ("contacted", [("distress", "emergency")], 1)


def test_unconfirmed_then_confirmed(town: Town) -> None:
    """Heard with low confidence: paged at once as 미확인; the clarifying answer sends one amended page."""
    on_the_line = dial(town).answer(at(0.2)).say()
    raise_signals(town.store, on_the_line.call_id, [signal(unconfirmed=True)], at(0.3))
    raise_signals(town.store, on_the_line.call_id, [signal(turn=3)], at(0.6))
    raise_signals(town.store, on_the_line.call_id, [signal(turn=3)], at(0.7))
    with town.store.read() as connection:
        first, second = connection.execute(select(pages).order_by(pages.c.id)).all()
        assert "미확인 위기" in first.body
        assert "확인됨 위기" in second.body
        assert second.amends_page_id == first.id
        assert connection.scalar(select(signals.c.confirmed_at).where(signals.c.unconfirmed)) == at(0.6)


def test_worse_signal_raises_the_case(town: Town) -> None:
    """High, then emergency in the same call: one case, raised, paged twice."""
    on_the_line = dial(town).answer(at(0.2)).say()
    raise_signals(town.store, on_the_line.call_id, [signal(Category.MOOD, Level.HIGH)], at(0.3))
    raise_signals(town.store, on_the_line.call_id, [signal(Category.SUICIDE, turn=4)], at(0.6))
    found = ledger(town.store, at(0.6))
    assert (found["cases"], found["pages"]) == ([("distress", "emergency")], 2)


def test_the_same_finding_grown_worse_pages_once_more_and_no_more(town: Town) -> None:
    """A passive death wish that the clarifying question raised to an emergency: two pages, none at the end of the call."""
    on_the_line = dial(town).answer(at(0.2)).say()
    high, emergency = (signal(Category.SUICIDE, level, turn=4) for level in (Level.HIGH, Level.EMERGENCY))
    raise_signals(town.store, on_the_line.call_id, [high], at(0.3))
    raise_signals(town.store, on_the_line.call_id, [emergency], at(0.6))
    raise_signals(town.store, on_the_line.call_id, [emergency, high], at(0.9))
    found = ledger(town.store, at(0.9))
    assert (found["cases"], found["pages"]) == ([("distress", "emergency")], 2)


def test_watch_signals_open_nothing(town: Town) -> None:
    """What belongs into the weekly report pages nobody."""
    on_the_line = dial(town).answer(at(0.2)).say()
    assert raise_signals(town.store, on_the_line.call_id, [signal(Category.SLEEP, Level.WATCH)], at(0.3)) is None
    assert ledger(town.store, at(0.3))["cases"] == []


def test_request_becomes_a_ticket(town: Town) -> None:
    """쌀이 떨어졌어: a ticket with the person's words, and a line of the next digest."""
    wish = Request("rice", "쌀이 떨어졌어", 1)
    dial(town).answer(at(0.2)).say().finish(ContactResult.CONTACTED, at(2), requests=(wish,))
    with town.store.read() as connection:
        ticket = connection.execute(select(requests)).one()
        assert (ticket.kind, ticket.quote) == ("rice", "쌀이 떨어졌어")
        assert "쌀·식료품 요청" in connection.execute(select(digest_items.c.what)).scalar_one()
    assert ledger(town.store, at(2))["cases"] == [("request", "watch")]


def test_not_understood_is_on_the_missed_side(town: Town) -> None:
    """The person spoke, but too little was understood: contacted, and a human is asked to look."""
    on_the_line = dial(town).answer(at(0.2)).say()
    assessment = assess([PERSON_SPOKE], [], dict.fromkeys(Topic, AnswerValue.UNSURE), [])
    assert assessment.unassessable
    outcome = Outcome(WhoAnswered.PERSON, ContactResult.CONTACTED)
    finish_call(
        town.store, on_the_line.order.attempt_id, on_the_line.order.token, outcome, at(2), assessment=assessment
    )
    found = ledger(town.store, at(2))
    assert (found["disposition"], found["cases"]) == ("contacted", [("missed", "unassessable")])
    with town.store.read() as connection:
        assert connection.execute(select(calls.c.assessment)).scalar_one()["level"] == "unassessable"
