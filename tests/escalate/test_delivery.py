"""Who is handed a message next: the rules, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.escalate.delivery import (
    Channel,
    Doubt,
    Handed,
    Route,
    at_night,
    in_doubt,
    left_over,
    next_provider,
    order_for,
)
from callbot.escalate.page_state import PageState as P
from callbot.escalate.policy import Severity
from callbot.escalate.sms_fit import Unfit, check_sender, domestic

ROUTES = (
    Route("solapi", Channel.SMS),
    Route("voice", Channel.VOICE),
    Route("sens", Channel.SMS),
    Route("kakao", Channel.ALIMTALK),
    Route("email", Channel.EMAIL),
)


@pytest.mark.parametrize(
    ("channel", "severity", "notice", "order"),
    [
        ("sms", Severity.CRITICAL, False, ("solapi", "sens", "kakao", "voice")),
        ("sms", Severity.ROUTINE, False, ("solapi", "sens", "kakao")),
        ("voice", Severity.HIGH, False, ("voice", "solapi", "sens", "kakao")),
        ("email", Severity.ROUTINE, False, ("email",)),
        ("sms", Severity.ROUTINE, True, ("solapi", "sens")),
    ],
)
def test_order(channel: str, severity: Severity, notice: bool, order: tuple[str, ...]) -> None:
    """Other SMS providers first, then 알림톡, then a call; nobody is called about routine, and no care recipient ever."""
    assert order_for(ROUTES, channel, severity, notice=notice) == order


def handed(*pairs: tuple[str, P]) -> list[Handed]:
    return [Handed(provider, state) for provider, state in pairs]


@pytest.mark.parametrize(
    ("history", "following"),
    [
        ([], "a"),
        ([("a", P.PENDING)], "b"),
        ([("a", P.PENDING), ("b", P.PENDING)], "a"),
        ([("a", P.UNKNOWN)], "b"),
        ([("a", P.UNKNOWN), ("b", P.PENDING)], "b"),
        ([("a", P.SENT), ("b", P.FAILED)], None),
        ([("a", P.CLAIMED)], "b"),
    ],
)
def test_next_provider(history: list[tuple[str, P]], following: str | None) -> None:
    """Never again one that took it, may have taken it, or refused it; one that certainly did not, in turn."""
    assert next_provider(("a", "b"), handed(*history)) == following


@pytest.mark.parametrize(
    ("severity", "age_s", "never_got", "another", "notice", "verdict"),
    [
        (Severity.CRITICAL, 2, False, True, False, Doubt.NEXT),
        (Severity.CRITICAL, 2, True, True, False, Doubt.NEXT),
        (Severity.CRITICAL, 20, True, True, False, Doubt.RESEND),
        (Severity.CRITICAL, 20, False, False, False, Doubt.WAIT),
        (Severity.ROUTINE, 2, True, True, False, Doubt.WAIT),
        (Severity.ROUTINE, 20, True, False, False, Doubt.RESEND),
        (Severity.ROUTINE, 59, False, True, False, Doubt.WAIT),
        (Severity.ROUTINE, 60, False, True, False, Doubt.NEXT),
        (Severity.ROUTINE, 600, False, True, True, Doubt.WAIT),
    ],
)
def test_doubt(severity: Severity, age_s: float, never_got: bool, another: bool, notice: bool, verdict: Doubt) -> None:
    """Critical does not wait for certainty; the same provider again only when it certainly has not got it."""
    age = timedelta(seconds=age_s)
    assert in_doubt(severity, age, never_got=never_got, another=another, notice=notice) is verdict


def test_what_is_left() -> None:
    """The best that is known: accepted but undelivered is better than refused."""
    assert left_over(handed(("a", P.SENT), ("b", P.FAILED))) is P.SENT
    assert left_over(handed(("a", P.FAILED))) is P.FAILED


@pytest.mark.parametrize(("hour", "night"), [(20, False), (21, True), (23, True), (7, True), (8, False), (12, False)])
def test_night(hour: int, night: bool) -> None:
    """From 21:00 to 08:00 in Seoul."""
    assert at_night(datetime(2026, 11, 24, (hour - 9) % 24, 30, tzinfo=UTC)) is night


@pytest.mark.parametrize("number", ["062-123-4567", "02-123-4567", "1588-1234", "010-1234-5678", "070-1234-5678"])
def test_senders(number: str) -> None:
    """Forms that carriers put through, when they are registered."""
    digits = "".join(filter(str.isdigit, number))
    assert check_sender(number, (number,)) == digits
    with pytest.raises(Unfit, match="사전 등록"):
        check_sender(number, ())


@pytest.mark.parametrize("number", ["0501-123-4567", "12345", "+82621234567", "062-12-345", ""])
def test_impossible_senders(number: str) -> None:
    """Refused with the number and the mend, even where somebody has listed them."""
    with pytest.raises(Unfit, match="발신번호"):
        check_sender(number, (number,))


def test_only_home() -> None:
    """+82 becomes 0; another country is refused."""
    assert domestic("+821000009001") == "01000009001"
    with pytest.raises(Unfit):
        domestic("+8613800000000")
