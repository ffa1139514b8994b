"""Something alarming was said: write it down, open or raise the case, page: one transaction, in mid-call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from callbot.escalate.case import CaseKind
from callbot.escalate.page import CATEGORY_KO
from callbot.store.call_rows import add_signal, attach_signals, call_row, categories_of_call, confirm_signals
from callbot.store.case_rows import open_case_of
from callbot.store.database import Store
from callbot.store.page_rows import newest_page
from callbot.understand.meaning import Category, Level, Signal
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording


def raise_signals(store: Store, call_id: int, signals: Sequence[Signal], now: datetime) -> int | None:
    """Commit signals, case and page. The case's id; None where nothing is alarming enough for one.

    No token is asked for: what a person said is true whoever still holds the attempt, and must never be refused. The same
    finding again changes nothing; one that was 미확인 and is now certain sends one amended page.
    """
    with store.write() as connection:
        return take_signals(connection, call_row(connection, call_id), signals, now)


def take_signals(connection: Connection, call: Row[Any], signals: Sequence[Signal], now: datetime) -> int | None:
    """The same inside another transaction."""
    before = categories_of_call(connection, call.id)
    new = [signal for signal in signals if add_signal(connection, call, signal, now)]
    alarming = [signal for signal in signals if signal.level.rank >= Level.HIGH.rank]
    if not alarming:
        return None
    sure = frozenset(signal.category for signal in alarming if not signal.unconfirmed)
    confirmed = bool(confirm_signals(connection, call.id, sure, now))
    worse = [signal for signal in alarming if signal.level.rank > before.get(signal.category, Level.NONE).rank]
    case = open_case_of(connection, call.person_id, CaseKind.DISTRESS)
    if case is not None and not (confirmed or worse or set(new) & set(alarming)):
        return case.id
    amends = newest_page(connection, case.id) if case is not None and confirmed else None
    matter = _matter(call, worse or alarming, confirmed=confirmed, amends=amends, page=bool(confirmed or worse))
    change = join_case(connection, matter, now)
    attach_signals(connection, call.id, change.case_id)
    return change.case_id


def _matter(call: Row[Any], signals: Sequence[Signal], *, confirmed: bool, amends: int | None, page: bool) -> Matter:
    worst_first = sorted(signals, key=lambda signal: -signal.level.rank)
    worst = worst_first[0]
    mark = "확인됨 " if confirmed else "미확인 " if all(signal.unconfirmed for signal in signals) else ""
    about = ",".join(sorted(f"{signal.category}:{signal.level.rank}" for signal in signals))
    return Matter(
        person_id=call.person_id,
        kind=CaseKind.DISTRESS,
        level=worst.level,
        wording=Wording(_words(worst_first), clinical=True, mark=mark, amends_page_id=amends),
        summary=f"{mark}{worst.reason}",
        cause=f"call/{call.id}/{'confirmed' if confirmed else 'heard'}/{about}",
        due_contact_id=call.due_contact_id,
        call_id=call.id,
        attempt_id=call.attempt_id,
        page_when_joining=page,
    )


def _words(worst_first: Sequence[Signal]) -> str:
    """At most two categories: an SMS has 90 bytes."""
    categories: list[Category] = list(dict.fromkeys(signal.category for signal in worst_first))
    return "·".join(CATEGORY_KO[category] for category in categories[:2])
