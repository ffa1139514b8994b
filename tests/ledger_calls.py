"""An attempt on the line, for tests of workflows: dial, answer, say, finish."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ledger_fixtures import TUESDAY, Town
from sqlalchemy import func, select

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.tables import attempts, cases, due_contacts, pages
from callbot.store.tables_escalate import digest_items
from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic
from callbot.workflows.answer_call import note_answered, note_ringing, record_turn
from callbot.workflows.finish_call import Finished, finish_attempt, finish_call
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week

PERSON_SPOKE = Turn(1, "person", "네, 잘 지내요", topic=Topic.HEALTH)
MINUTES = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """Minutes after Tuesday 10:00."""
    return TUESDAY + minutes * MINUTES


def signal(category: Category = Category.MEDICAL, level: Level = Level.EMERGENCY, **more: object) -> Signal:
    """One finding."""
    made = Signal(
        category, level, f"{category}.rule", "가슴이 답답해", "가슴 통증을 말했습니다.", "morphology", "1", turn=1
    )
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class OnTheLine:
    """An attempt being dialled."""

    store: Store
    order: DialOrder
    call_id: int = 0

    def answer(self, now: datetime) -> "OnTheLine":
        note_ringing(self.store, self.order.attempt_id, self.order.token, now)
        self.call_id = note_answered(self.store, self.order.attempt_id, self.order.token, now)
        return self

    def say(self, turn: Turn = PERSON_SPOKE, now: datetime = TUESDAY) -> "OnTheLine":
        record_turn(self.store, self.call_id, self.order.token, turn, now)
        return self

    def finish(
        self, result: ContactResult, now: datetime, who: WhoAnswered = WhoAnswered.PERSON, **more: object
    ) -> Finished:
        outcome = Outcome(who, result, answers={Topic.HEALTH: AnswerValue.OK}, completed=True, **more)  # type: ignore[arg-type]
        return finish_call(self.store, self.order.attempt_id, self.order.token, outcome, now)

    def fail(self, end: AttemptEnd, now: datetime) -> Finished:
        return finish_attempt(self.store, self.order.attempt_id, self.order.token, end, now, cause=17, tech_cause=486)


def dial(town: Town, now: datetime = TUESDAY, owner: str = "one") -> OnTheLine:
    """Plan, claim and commit `dialling`."""
    plan_week(town.store, now)
    [claimed] = place_due(town.store, now, 1, owner)
    order = start_dialling(town.store, claimed, now)
    assert isinstance(order, DialOrder)
    return OnTheLine(town.store, order)


def ledger(store: Store, now: datetime) -> dict[str, object]:
    """The one due contact, its cases and pages; and no broken promise."""
    with store.read() as connection:
        assert violations(connection, now) == []
        due = connection.execute(select(due_contacts)).one()
        return {
            "state": due.state,
            "disposition": due.disposition,
            "next": due.next_attempt_at,
            "attempts": due.attempts_used,
            "cases": sorted(tuple(row) for row in connection.execute(select(cases.c.kind, cases.c.level))),
            "pages": connection.scalar(select(func.count()).select_from(pages)),
            "waiting": connection.scalar(select(func.count()).select_from(digest_items)),
            "ends": list(connection.scalars(select(attempts.c.end).order_by(attempts.c.number))),
        }
