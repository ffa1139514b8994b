"""Promises about dialling and about words (design.md, section 1: 2, 3, 6 and 7), as queries; each returns what breaks one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from callbot.dial.attempt_end import AttemptEnd
from callbot.people.consent import REQUIRED_TO_CALL
from callbot.people.numbers import Relation
from callbot.schedule.due_contact import Disposition
from callbot.store.tables import answers, attempts, calls, consents, due_contacts, holds, turns
from callbot.understand.meaning import AnswerValue


def lately(column: Any, since: datetime | None) -> ColumnElement[bool]:
    """From then on; None: always."""
    return true() if since is None else column >= since


class SeoulClock(GenericFunction[str]):
    """HH:MM in Seoul of a stored time. Korea has no summer time."""

    inherit_cache = True
    name = "seoul_clock"


@compiles(SeoulClock, "sqlite")
def _on_sqlite(element: SeoulClock, compiler: Any, **more: Any) -> str:
    return f"strftime('%H:%M', {compiler.process(element.clauses, **more)}, '+9 hours')"


@compiles(SeoulClock, "postgresql")
def _on_postgresql(element: SeoulClock, compiler: Any, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)} AT TIME ZONE 'Asia/Seoul', 'HH24:MI')"


def dialling_queries(since: datetime | None) -> dict[str, tuple[str, Select[Any]]]:
    """Invariant 3: never twice, never outside the hours, never without consent or during a hold in force at that moment."""
    it, due = attempts.c, due_contacts.c
    dialled = (
        select(it.id)
        .join(due_contacts, due.id == it.due_contact_id)
        .where(lately(due.planned_at, since), it.dialling_at.is_not(None))
    )
    clock = SeoulClock(it.dialling_at)
    return {
        "dialled_only_before_the_hours_end": ("attempt", dialled.where(it.dialling_at >= due.expires_at)),
        "dialled_only_inside_the_persons_hours": (
            "attempt",
            dialled.where(or_(clock < due.window_from, clock >= due.window_until, clock < "08:00", clock >= "21:00")),
        ),
        "dialled_only_with_consent": (
            "attempt",
            dialled.where(not_(and_(*(_consented(kind.value) for kind in sorted(REQUIRED_TO_CALL))))),
        ),
        "dialled_during_no_hold": (
            "attempt",
            dialled.where(
                exists().where(
                    holds.c.person_id == due.person_id,
                    holds.c.starts_at < it.dialling_at,
                    or_(holds.c.until.is_(None), holds.c.until > it.dialling_at),
                    or_(holds.c.lifted_at.is_(None), holds.c.lifted_at > it.dialling_at),
                )
            ),
        ),
        "one_call_at_a_time": ("attempt", _at_the_same_time(since)),
    }


def _consented(kind: str) -> ColumnElement[bool]:
    given, taken = consents.alias(), consents.alias()
    moment, person = attempts.c.dialling_at, due_contacts.c.person_id
    withdrawn = (
        exists()
        .where(taken.c.person_id == given.c.person_id, taken.c.kind == kind, ~taken.c.given)
        .where(taken.c.at <= moment, taken.c.at >= given.c.at)
        .correlate(given, attempts)  # by itself it would correlate with its next neighbour only
    )
    return exists().where(
        given.c.person_id == person, given.c.kind == kind, given.c.given, given.c.at <= moment, not_(withdrawn)
    )


def _at_the_same_time(since: datetime | None) -> Select[Any]:
    """Two attempts to one person whose times on the line overlap; of one contact the one-in-flight index forbids it."""
    one, two = attempts.alias(), attempts.alias()
    due, other = due_contacts.alias(), due_contacts.alias()
    return (
        select(two.c.id)
        .join(other, other.c.id == two.c.due_contact_id)
        .join(
            due,
            and_(due.c.person_id == other.c.person_id, due.c.id != other.c.id, due.c.expires_at == other.c.expires_at),
        )
        .join(one, one.c.due_contact_id == due.c.id)
        .where(
            lately(other.c.planned_at, since),
            one.c.dialling_at <= two.c.dialling_at,
            or_(one.c.ended_at.is_(None), one.c.ended_at > two.c.dialling_at),
            one.c.id != two.c.id,
        )
    )


def word_queries(since: datetime | None) -> dict[str, tuple[str, Select[Any]]]:
    """Invariants 2, 6 and 7: contact, gladness and "fine" rest on the person's own words."""
    due = due_contacts.c
    own_words = exists().where(
        attempts.c.due_contact_id == due.id,
        attempts.c.end == AttemptEnd.PERSON,
        attempts.c.relation == Relation.SELF,
        calls.c.attempt_id == attempts.c.id,
        turns.c.call_id == calls.c.id,
        turns.c.has_words,
    )
    spoken, glad, keys = turns.alias(), turns.alias(), turns.alias()
    asked_about = func.replace(glad.c.line_id, ".ok", "")
    recent_calls = lately(calls.c.answered_at, since)
    by_key = exists().where(keys.c.call_id == calls.c.id, keys.c.line_id == "repair.keys")
    return {
        "contact_needs_the_persons_own_words": (
            "due_contact",
            select(due.id).where(
                lately(due.planned_at, since), due.disposition == Disposition.CONTACTED, not_(own_words)
            ),
        ),
        "glad_only_about_words": (
            "call",
            select(calls.c.id)
            .join(glad, glad.c.call_id == calls.c.id)
            .where(
                recent_calls,
                glad.c.who == "bot",
                glad.c.line_id.like("%.ok"),
                not_(
                    exists().where(
                        spoken.c.call_id == calls.c.id,
                        spoken.c.has_words,
                        spoken.c.topic == asked_about,
                        spoken.c.position < glad.c.position,
                    )
                ),
            ),
        ),
        "fine_was_said_in_words_or_by_key": (
            "call",
            select(calls.c.id)
            .join(answers, answers.c.call_id == calls.c.id)
            .where(
                recent_calls,
                answers.c.value == AnswerValue.OK,
                not_(by_key),
                not_(
                    exists().where(
                        spoken.c.call_id == calls.c.id, spoken.c.has_words, spoken.c.topic == answers.c.topic
                    )
                ),
            ),
        ),
    }
