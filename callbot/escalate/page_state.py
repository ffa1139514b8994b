"""What became of one page (one message to one worker)."""

from enum import StrEnum

from callbot.schedule.due_contact import ImpossibleTransition


class PageState(StrEnum):
    """States of the outbox."""

    PENDING = "pending"
    CLAIMED = "claimed"  # a sender holds it, by lease
    SENT = "sent"  # the provider took it
    UNSENT = "unsent"  # 미발송: no provider is configured; it stands on the inbox page
    DELIVERED = "delivered"
    FAILED = "failed"  # the provider refused it for good
    UNKNOWN = "unknown"  # ambiguous: ask the provider before any resend


PAGE_STATE_KO: dict[PageState, str] = {
    PageState.PENDING: "대기",
    PageState.CLAIMED: "발송 중",
    PageState.SENT: "발송",
    PageState.UNSENT: "미발송",
    PageState.DELIVERED: "도착",
    PageState.FAILED: "실패",
    PageState.UNKNOWN: "확인 중",
}

_RESULTS = frozenset({PageState.SENT, PageState.UNSENT, PageState.DELIVERED, PageState.FAILED, PageState.UNKNOWN})

TRANSITIONS: dict[PageState, frozenset[PageState]] = {
    # Delivered: the receipt of an earlier hand-over came while the next one was waiting. Failed: a notice that came too late to be of use.
    PageState.PENDING: frozenset({PageState.CLAIMED, PageState.DELIVERED, PageState.FAILED}),
    # A sender that died while sending leaves `unknown`, never `pending`: the message may have gone out. `pending` is only for
    # what certainly was not taken (the connection was refused, the provider said no and another is asked next).
    PageState.CLAIMED: _RESULTS | {PageState.PENDING},
    # Back to pending: not delivered in time, the next channel is due.
    PageState.SENT: frozenset({PageState.DELIVERED, PageState.FAILED, PageState.PENDING}),
    PageState.UNSENT: frozenset({PageState.CLAIMED}),
    PageState.UNKNOWN: frozenset({PageState.PENDING, PageState.SENT, PageState.DELIVERED, PageState.FAILED}),
    PageState.DELIVERED: frozenset(),
    # A receipt may be late, and better news than what was known.
    PageState.FAILED: frozenset({PageState.DELIVERED}),
}


def move(old: PageState, new: PageState) -> PageState:
    """`new`, where the table allows it. Raises ImpossibleTransition."""
    if new not in TRANSITIONS[old]:
        raise ImpossibleTransition(f"page: {old} -> {new}")
    return new
