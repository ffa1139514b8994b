"""Case and page transition tables, exhaustively; policy and words."""

from datetime import UTC, datetime
from itertools import product

import pytest

from callbot.escalate import case, page_state
from callbot.escalate.case import KIND_KO, OUTCOME_KO, CaseKind, CaseOutcome, CaseState
from callbot.escalate.hours import Hours
from callbot.escalate.page_state import PAGE_STATE_KO, PageState
from callbot.escalate.policy import DEFAULT, EscalationPolicy, PolicyError, Severity, read_policy, severity_of
from callbot.people.team import Role
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.understand.meaning import Level

TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
C, P = CaseState, PageState
CASE_STEPS = {(C.TRIGGERED, C.ACKNOWLEDGED), (C.ACKNOWLEDGED, C.TRIGGERED)}
CASE_ENDS = {C.TRIGGERED, C.ACKNOWLEDGED}
PAGE_STEPS = {
    *product([P.PENDING], [P.CLAIMED, P.DELIVERED, P.FAILED]), (P.UNSENT, P.CLAIMED), (P.FAILED, P.DELIVERED),
    *product([P.CLAIMED], [P.SENT, P.UNSENT, P.DELIVERED, P.FAILED, P.UNKNOWN, P.PENDING]),
    *product([P.UNKNOWN], [P.SENT, P.DELIVERED, P.FAILED, P.PENDING]),
    *product([P.SENT], [P.DELIVERED, P.FAILED, P.PENDING]),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "outcome"), list(product(C, C, [None, *CaseOutcome])))
def test_every_case_move(old: C, new: C, outcome: CaseOutcome | None) -> None:
    """A case closes only with an outcome, and never opens again."""
    if (outcome is None and (old, new) in CASE_STEPS) or (outcome and new is C.CLOSED and old in CASE_ENDS):
        assert case.move(old, new, outcome) is new
    else:
        with pytest.raises(ImpossibleTransition):
            case.move(old, new, outcome)


@pytest.mark.parametrize(("old", "new"), list(product(P, P)))
def test_every_page_move(old: P, new: P) -> None:
    """Only the listed moves; a page that was delivered stays delivered."""
    if (old, new) in PAGE_STEPS:
        assert page_state.move(old, new) is new
    else:
        with pytest.raises(ImpossibleTransition):
            page_state.move(old, new)


def test_every_word_has_its_korean() -> None:
    """Nothing is shown to a caseworker in English."""
    assert (set(KIND_KO), set(OUTCOME_KO), set(PAGE_STATE_KO)) == (set(CaseKind), set(CaseOutcome), set(PageState))


def test_policy_climbs_on_time() -> None:
    """Critical: at once, then after 5, 10 and 15 minutes; then it begins anew, for ever."""
    steps = [(beat.to, beat.at) for beat in DEFAULT.beats(Severity.CRITICAL)]
    assert steps == [(Role.CASEWORKER, 0), (Role.LEAD, 300), (Role.DUTY, 600), (Role.SUPERVISOR, 900)]
    now, done, paged = TUESDAY, 0, []
    for _ in range(6):
        done, beat = DEFAULT.beat_now(Severity.CRITICAL, done)
        paged.append((beat.to, (now - TUESDAY).total_seconds() / 60))
        following = DEFAULT.following(Severity.CRITICAL, done, now, Hours.WEEKDAY)
        assert following is not None
        now, done = following, done + 1
    assert paged == [
        (Role.CASEWORKER, 0), (Role.LEAD, 5), (Role.DUTY, 10), (Role.SUPERVISOR, 15), (Role.CASEWORKER, 20), (Role.LEAD, 25),
    ]  # fmt: skip


def test_missed_climbs_after_half_an_hour_and_then_rests() -> None:
    """Only critical begins anew."""
    assert [beat.at for beat in DEFAULT.beats(Severity.MISSED)] == [0, 1800]
    assert DEFAULT.following(Severity.MISSED, 1, TUESDAY, Hours.WEEKDAY) is None


def test_somebody_always_hears() -> None:
    """A policy that forgets a severity still pages the caseworker."""
    assert EscalationPolicy(name="x", steps={}).steps_for(Severity.CRITICAL)[0].to is Role.CASEWORKER


def test_policy_is_data() -> None:
    """Durations in words; an unknown word is refused with its place."""
    read = read_policy({"name": "x", "steps": {"critical": [{"to": "lead", "after": "90s"}]}})
    assert read.steps[Severity.CRITICAL][0].after == 90
    assert read_policy(read.model_dump(mode="json")) == read
    with pytest.raises(PolicyError, match=r"steps\.critical\.0\.to"):
        read_policy({"name": "x", "steps": {"critical": [{"to": "mayor"}]}})


@pytest.mark.parametrize("kind", CaseKind)
def test_severity(kind: CaseKind) -> None:
    """The level decides first, then the kind."""
    assert severity_of(kind, Level.EMERGENCY) is Severity.CRITICAL
    assert severity_of(kind, Level.HIGH) is Severity.HIGH
    below = Severity.MISSED if kind is CaseKind.MISSED else Severity.ROUTINE
    assert severity_of(kind, Level.WATCH) is severity_of(kind, Level.UNASSESSABLE) is below
