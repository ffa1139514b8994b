"""A worker answers a page: by SMS (webhook), by its link, by a key in a voice page. One way in for all of them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from callbot.escalate.case import CaseOutcome, CaseState
from callbot.escalate.reply import Reply, ReplyCode, read_reply
from callbot.people.numbers import BadNumber, parse_number
from callbot.store.case_rows import locked_case
from callbot.store.case_worker_rows import (
    By,
    RepliedPage,
    already_declined,
    latest,
    newest_open_page,
    page_answered,
    waiting_cases,
    workers_with_phone,
)
from callbot.store.database import Store
from callbot.workflows.handle_case import close_in, decline_in, take_in

_REFERENCE = re.compile(r"(?:callbot-page-)?(\d{1,9})(?:-\d+)?")
"""What a page is called at a provider, with or without the number of the hand-over."""
ANSWERABLE = timedelta(days=7)
"""An older page is answered in the console."""


class ReplyResult(StrEnum):
    """What came of a reply."""

    TAKEN = "taken"
    DECLINED = "declined"
    FALSE_ALARM = "false_alarm"
    ALREADY_YOURS = "already_yours"
    ALREADY_TAKEN = "already_taken"  # by somebody else
    ALREADY_DECLINED = "already_declined"
    CLOSED = "closed"
    UNREADABLE = "unreadable"
    NOT_FOUND = "not_found"  # no such worker, no page, or too old


@dataclass(frozen=True)
class Replied:
    """The result, and what to tell the worker."""

    result: ReplyResult
    text: str
    """One Korean sentence, at most 90 bytes: sent back by SMS, shown, or spoken."""
    case_ids: tuple[int, ...] = ()
    changed: bool = False
    """Something was written: wake the outbox."""


UNREADABLE = Replied(ReplyResult.UNREADABLE, "못 읽었습니다. 1 맡음, 2 못맡음, 3 오경보 가운데 하나로 회신해 주세요.")
NOT_FOUND = Replied(ReplyResult.NOT_FOUND, "회신할 알림을 찾지 못했습니다. 화면에서 확인해 주세요.")


def reply_to_page(
    store: Store,
    *,
    code: str,
    now: datetime,
    worker_phone: str | None = None,
    page_reference: str | None = None,
    via: str = "sms",
) -> Replied:
    """Do what the worker answered. Repeating the same reply changes nothing, so a webhook may be delivered twice.

    `code`: the text as it came (`1`, `1번 #12`, `못 맡음`). Given either the worker's phone, written in any way (an SMS
    without a reference means the newest page that waits for somebody), or `page_reference` (`callbot-page-17`, also just
    `17`: a voice page, a link, a provider that threads replies), or both: then the page must be one to that phone.
    """
    reply = read_reply(code)
    if reply is None:
        return UNREADABLE
    with store.read() as connection:
        page = _meant(connection, store, reply, worker_phone, page_reference, now)
    return (
        NOT_FOUND if page is None else _act(store, page, reply.code, By(page.worker_id, None, via, page.page_id), now)
    )


def is_worker(store: Store, phone: str) -> bool:
    """An active worker's own telephone."""
    with store.read() as connection:
        return bool(_workers(connection, store, phone))


def _meant(
    connection: Connection,
    store: Store,
    reply: Reply,
    worker_phone: str | None,
    page_reference: str | None,
    now: datetime,
) -> RepliedPage | None:
    workers = None if worker_phone is None else _workers(connection, store, worker_phone)
    page = None
    if page_reference is not None:
        page = _referenced(connection, page_reference)
        if page is not None and workers is not None and page.worker_id not in workers:
            page = None
    elif workers:
        page = newest_open_page(connection, workers, reply.case_id)
    if page is None or now - page.created_at > ANSWERABLE:
        return None
    if reply.case_id is None:
        return page
    one = RepliedPage(page.page_id, (reply.case_id,), page.worker_id, page.created_at)
    return one if reply.case_id in page.case_ids else None


def _act(store: Store, page: RepliedPage, code: ReplyCode, by: By, now: datetime) -> Replied:
    """A transaction a case: a list of three hundred holds nobody up, and what a crash leaves undone a repeated reply does."""
    done: list[int] = []
    left = ReplyResult.NOT_FOUND
    for case_id in page.case_ids:
        with store.write() as connection:
            result = answer_case(connection, case_id, code, by, now)
        if result in _DONE.values():
            done.append(case_id)
        else:
            left = result
    result = _DONE[code] if done else left
    ids = tuple(done) or page.case_ids
    with store.read() as connection:
        waiting = () if by.worker_id is None else waiting_cases(connection, (by.worker_id,))
    return Replied(result, _text(result, ids, waiting), ids, changed=bool(done))


_DONE = {
    ReplyCode.TAKE: ReplyResult.TAKEN,
    ReplyCode.DECLINE: ReplyResult.DECLINED,
    ReplyCode.FALSE_ALARM: ReplyResult.FALSE_ALARM,
}


def answer_case(connection: Connection, case_id: int, code: ReplyCode, by: By, now: datetime) -> ReplyResult:
    """The same for one case, inside a transaction."""
    case = locked_case(connection, case_id)
    if case.state is CaseState.CLOSED:
        return ReplyResult.CLOSED
    theirs = case.state is CaseState.ACKNOWLEDGED
    mine = theirs and by.worker_id is not None and latest(connection, case_id, "acknowledged") == by.worker_id
    if theirs and not mine:
        return ReplyResult.ALREADY_TAKEN
    match code:
        case ReplyCode.TAKE:
            if mine:
                return ReplyResult.ALREADY_YOURS
            take_in(connection, case, by, now)
        case ReplyCode.DECLINE:
            if already_declined(connection, case_id, by):
                return ReplyResult.ALREADY_DECLINED
            decline_in(connection, case, by, now)
        case ReplyCode.FALSE_ALARM:
            close_in(connection, case, CaseOutcome.FALSE_ALARM, f"담당자 회신({by.via})", by, now)
    return _DONE[code]


def _text(result: ReplyResult, case_ids: tuple[int, ...], waiting: tuple[int, ...]) -> str:
    named = f"#{case_ids[0]}" + (f" 외 {len(case_ids) - 1}건" if len(case_ids) > 1 else "")
    words = {
        ReplyResult.TAKEN: f"{named} 맡으셨습니다. 확인 뒤 결과를 기록해 주세요.",
        ReplyResult.DECLINED: f"{named} 다음 사람에게 알렸습니다.",
        ReplyResult.FALSE_ALARM: f"{named} 오경보로 종결했습니다.",
        ReplyResult.ALREADY_YOURS: f"{named} 이미 맡으셨습니다. 결과를 기록해 주세요.",
        ReplyResult.ALREADY_DECLINED: f"{named} 이미 다음 사람에게 알렸습니다.",
        ReplyResult.ALREADY_TAKEN: f"{named} 다른 담당자가 이미 맡았습니다.",
        ReplyResult.CLOSED: f"{named} 이미 종결되었습니다.",
    }
    text = words.get(result, NOT_FOUND.text)
    others = [case_id for case_id in waiting if case_id not in case_ids][:2]
    return text + (" 남은 건: " + " ".join(f"#{case_id}" for case_id in others) if others else "")


def _workers(connection: Connection, store: Store, phone: str) -> tuple[int, ...]:
    try:
        return workers_with_phone(connection, store.keys, parse_number(phone))
    except BadNumber:
        return ()


def _referenced(connection: Connection, reference: str) -> RepliedPage | None:
    found = _REFERENCE.fullmatch(reference)
    return None if found is None else page_answered(connection, int(found[1]))
