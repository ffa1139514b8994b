"""Send what stands in the outbox: claim and write down, send outside any transaction, record what the provider said.

The steps are verbs of their own, so that `callbot.sending` can do many at once on an event loop, and `send_pages` one after the
other for a sender inside this process. What goes to whom next is decided in `escalate.delivery`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.escalate import delivery
from callbot.escalate.delivery import Channel, Doubt, Route
from callbot.escalate.page_state import PageState
from callbot.escalate.policy import SEVERITY_ORDER, Severity
from callbot.store import outbox_rows
from callbot.store.case_rows import hasten_step
from callbot.store.database import Store
from callbot.store.outbox_rows import HandOver, Kind, Outgoing
from callbot.store.receipt_rows import match_receipt, waiting_receipt
from callbot.workflows.providers import Asked, Message, Routing, Sender, SendResult

__all__ = ["DIRECT", "Asked", "Message", "Question", "Routing", "SendResult", "Sender", "Sending"]

SEND_LEASE = timedelta(seconds=60)
CRITICAL_LANE = (Severity.CRITICAL,)
OTHER_LANE = tuple(severity for severity in SEVERITY_ORDER if severity is not Severity.CRITICAL)


DIRECT = Routing((Route("direct", Channel.SMS),))
"""Of a sender inside this process."""


@dataclass(frozen=True)
class Sending:
    """Claimed and written down: now it may be sent."""

    over: HandOver
    message: Message
    provider: str


def take_work(
    store: Store,
    routing: Routing,
    now: datetime,
    *,
    lane: Sequence[Severity] = SEVERITY_ORDER,
    owner: str = "outbox",
    most: int = 50,
) -> list[Sending]:
    """Claim at most `most` messages, the most urgent first, and write down who is about to be handed each.

    Lanes with other severities than critical carry the notices too, when there is room, by day only.
    """
    with store.write() as connection:
        _doubt_stale_claims(connection, now)
        work = _take(connection, Kind.PAGE, routing, now, lane, owner, most)
        if Severity.ROUTINE in lane and len(work) < most and not delivery.at_night(now):
            outbox_rows.stale_notices(connection, now)
            work += _take(connection, Kind.NOTICE, routing, now, lane, owner, most - len(work))
    return work


def _take(
    connection: Connection,
    kind: Kind,
    routing: Routing,
    now: datetime,
    lane: Sequence[Severity],
    owner: str,
    most: int,
) -> list[Sending]:
    ids = outbox_rows.due_ids(connection, kind, lane, now, most)
    if not ids:
        return []
    outbox_rows.claim(connection, kind, ids, owner=owner, lease_until=now + SEND_LEASE)
    messages = outbox_rows.outgoing(connection, kind, ids)
    overs = outbox_rows.history(connection, kind, ids)
    planned: list[tuple[Outgoing, str, str, int]] = []
    for message_id in ids:
        message = messages[message_id]
        past = overs[message_id]
        order = [one for one in routing.order(message) if _address(message, routing.channel_of(one))]
        provider = delivery.next_provider(order, outbox_rows.handed(past))
        if provider is None:
            _nobody_left(connection, message, past, now)
        else:
            planned.append((message, provider, routing.channel_of(provider), len(past) + 1))
    written = outbox_rows.add_hand_overs(connection, planned, now)
    by_message = {message.id: message for message, *_ in planned}
    return [_sending(over, by_message[over.message_id], routing) for over in written]


def _address(message: Outgoing, channel: Channel) -> str | None:
    """Nobody has no address; only the inbox page needs none."""
    if channel is Channel.INBOX:
        return message.to or "inbox"
    return message.email if channel is Channel.EMAIL else message.to


def _sending(over: HandOver, message: Outgoing, routing: Routing) -> Sending:
    channel = routing.channel_of(over.provider)
    to = message.email if channel is Channel.EMAIL else message.to
    text = Message(to, message.body, over.reference, message.kind, message.id, message.case_id)
    return Sending(over, text, over.provider)


def _nobody_left(connection: Connection, message: Outgoing, past: Sequence[HandOver], now: datetime) -> None:
    """Everybody has refused, or there is nobody to send to: it stands on the inbox page, and the next step is due at once."""
    state = delivery.left_over(outbox_rows.handed(past)) if past else PageState.UNSENT
    outbox_rows.change(connection, message, state, token=message.token, next_try_at=None)
    if state in {PageState.FAILED, PageState.UNSENT} and message.case_id is not None:
        hasten_step(connection, message.case_id, message.step, now)


def record_results(store: Store, results: Sequence[tuple[Sending, SendResult]], routing: Routing, now: datetime) -> int:
    """Write down what the providers said, in one transaction; how many messages are certain now."""
    with store.write() as connection:
        return sum(_record(connection, sending.over, result, routing, now) for sending, result in results)


def _record(connection: Connection, over: HandOver, result: SendResult, routing: Routing, now: datetime) -> bool:
    reference = result.provider_reference or over.reference
    # `provider` stays as the route is called: the next hand-over asks who has been tried.
    outbox_rows.note_answer(
        connection, over, result.state, now, result=result.raw, provider_reference=result.provider_reference
    )
    early = waiting_receipt(connection, over.provider, reference)
    if early is not None and result.state in {PageState.SENT, PageState.UNKNOWN}:
        state = PageState.DELIVERED if early[1] else PageState.FAILED
        outbox_rows.set_hand_over(connection, over.id, state=state, ended_at=now)
        match_receipt(connection, early[0], over.id)
    said = {"provider": result.provider, "provider_reference": reference, "provider_result": result.raw}
    message = outbox_rows.outgoing(connection, over.kind, [over.message_id])[over.message_id]
    if message.token != over.token or message.state not in {PageState.CLAIMED, PageState.UNKNOWN}:
        return False
    return settle_message(connection, message, routing, now, **said)


def settle_message(connection: Connection, message: Outgoing, routing: Routing, now: datetime, **said: object) -> bool:
    """The message's state, from what is known of its hand-overs; True unless it is in doubt or was claimed anew."""
    past = outbox_rows.history(connection, message.kind, [message.id])[message.id]
    known = outbox_rows.handed(past)
    order = routing.order(message)
    state, moments = _state_after(known, order, message.severity, now)
    if message.delivered:
        state, moments = PageState.DELIVERED, {}
    changed = outbox_rows.change(connection, message, state, token=message.token, **said, **moments)
    if changed and state is PageState.FAILED and message.case_id is not None:
        hasten_step(connection, message.case_id, message.step, now)
    return changed and state is not PageState.UNKNOWN


def _state_after(
    known: Sequence[delivery.Handed], order: Sequence[str], severity: Severity, now: datetime
) -> tuple[PageState, dict[str, datetime | None]]:
    if any(one.state is PageState.DELIVERED for one in known):
        return PageState.DELIVERED, {"delivered_at": now, "next_try_at": None}
    match known[-1].state:
        case PageState.SENT:
            return PageState.SENT, {"sent_at": now, "next_try_at": now + delivery.PATIENCE}
        case PageState.UNKNOWN:
            return PageState.UNKNOWN, {"next_try_at": now + delivery.FIRST_QUESTION}
        case PageState.UNSENT:
            return PageState.UNSENT, {"next_try_at": None}
        case _:
            if delivery.next_provider(order, known) is None:
                left = delivery.left_over(known)
                return left, {"next_try_at": now + delivery.PATIENCE if left is PageState.UNKNOWN else None}
            return PageState.PENDING, {"next_try_at": now + delivery.pause_before(order, known, severity)}


def _doubt_stale_claims(connection: Connection, now: datetime) -> None:
    """Claims whose sender died become `unknown`: the message may have gone out, so it is asked about, not repeated."""
    for kind in Kind:
        ids = outbox_rows.stale_claims(connection, kind, now)
        if not ids:
            continue
        overs = outbox_rows.history(connection, kind, ids)
        for message in outbox_rows.outgoing(connection, kind, ids).values():
            for over in overs[message.id]:
                if over.state is PageState.CLAIMED:
                    outbox_rows.set_hand_over(connection, over.id, state=PageState.UNKNOWN)
            if any(over.state is PageState.DELIVERED for over in overs[message.id]):
                # The report came before the sender died: nothing is in doubt, and nobody would ever be asked about it.
                delivered = {"delivered_at": now, "next_try_at": None}
                outbox_rows.change(connection, message, PageState.DELIVERED, token=message.token, **delivered)
                continue
            outbox_rows.change(connection, message, PageState.UNKNOWN, token=message.token, next_try_at=now)


# -- doubts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A hand-over in doubt, and whom to ask."""

    over: HandOver
    asked: Asked
    message: Outgoing


def questions(store: Store, now: datetime, *, most: int = 50) -> list[Question]:
    """What the providers have to be asked now. Claims whose sender died are in doubt too."""
    with store.write() as connection:
        _doubt_stale_claims(connection, now)
    found: list[Question] = []
    with store.read() as connection:
        for kind in Kind:
            ids = outbox_rows.doubtful_ids(connection, kind, now, most)
            overs = outbox_rows.history(connection, kind, ids)
            for message in outbox_rows.outgoing(connection, kind, ids).values():
                found += [
                    question_about(over, message, now) for over in overs[message.id] if over.state is PageState.UNKNOWN
                ]
    return found


def question_about(over: HandOver, message: Outgoing, now: datetime) -> Question:
    """How a provider is asked about it."""
    asked = Asked(over.reference, over.provider_reference, message.to, message.body, now - over.handed_at)
    return Question(replace(over, token=message.token), asked, message)


def take_answer(store: Store, question: Question, answer: SendResult | None, routing: Routing, now: datetime) -> bool:
    """What the provider said about a hand-over in doubt (None: it never got it); True: it is certain, or goes on."""
    over, message = question.over, question.message
    if answer is not None and answer.state is not PageState.UNKNOWN:
        with store.write() as connection:
            outbox_rows.set_hand_over(connection, over.id, asked=over.asked + 1, asked_at=now)
            return _record(connection, over, answer, routing, now)
    age = now - over.handed_at
    with store.write() as connection:
        past = outbox_rows.handed(outbox_rows.history(connection, over.kind, [over.message_id])[over.message_id])
        another = delivery.next_provider(routing.order(message), past) is not None
        verdict = delivery.in_doubt(
            message.severity, age, never_got=answer is None, another=another, notice=message.kind is Kind.NOTICE
        )
        outbox_rows.set_hand_over(connection, over.id, asked=over.asked + 1, asked_at=now)
        match verdict:
            case Doubt.RESEND:
                outbox_rows.set_hand_over(connection, over.id, state=PageState.PENDING)
                return outbox_rows.change(connection, message, PageState.PENDING, token=message.token, next_try_at=now)
            case Doubt.NEXT:
                return outbox_rows.change(connection, message, PageState.PENDING, token=message.token, next_try_at=now)
            case _:
                _ask_again(connection, message, over, now, another=another)
                return False


def _ask_again(connection: Connection, message: Outgoing, over: HandOver, now: datetime, *, another: bool) -> None:
    """The doubt stays. Where nobody else can carry it, the next worker is paged rather than this one twice."""
    pause = timedelta(seconds=min(2.0**over.asked, 60.0))
    outbox_rows.change(connection, message, PageState.UNKNOWN, token=message.token, next_try_at=now + pause)
    if not another and message.case_id is not None and message.severity in delivery.CALLS_FOR:
        hasten_step(connection, message.case_id, message.step, now)


# -- a sender inside this process -------------------------------------------------------------------------------------


def send_pages(store: Store, sender: Sender, now: datetime, *, owner: str = "outbox", most: int = 50) -> int:
    """Send at most `most` messages, the most urgent first; how many were handed over."""
    work = take_work(store, DIRECT, now, owner=owner, most=most)
    for sending in work:
        record_results(store, [(sending, sender.send(sending.message))], DIRECT, now)
    return len(work)


def clear_doubts(store: Store, sender: Sender, now: datetime, *, most: int = 50) -> int:
    """Ask the sender about messages whose sending was ambiguous; how many are certain now."""
    return sum(
        take_answer(store, question, sender.ask(question.over.reference), DIRECT, now)
        for question in questions(store, now, most=most)
    )
