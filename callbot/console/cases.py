"""The case card, and what a human decides on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields
from callbot.console.gate import viewer_of
from callbot.console.render import SEES_NAMES, Pages
from callbot.console.times import SEOUL
from callbot.escalate.case import OUTCOME_KO, CaseOutcome
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store import console_cases
from callbot.store.case_rows import StaleCase
from callbot.store.console_case_list import Hands, TeamMember, hands_of, programme_of_case, team
from callbot.store.console_views import CaseCard
from callbot.understand.meaning import ASKED_TOPICS, AnswerValue, Level, Topic
from callbot.workflows.handle_case import acknowledge, close_case
from callbot.workflows.hold_person import hold_person

NEEDS_NOTE = frozenset(
    {
        CaseOutcome.CALLED_119,
        CaseOutcome.HOSPITALISED,
        CaseOutcome.DEAD,
        CaseOutcome.SERVICE_ARRANGED,
        CaseOutcome.NO_MORE_CALLS,
        CaseOutcome.OTHER,
    }
)
HOLDS = {
    CaseOutcome.DEAD: HoldReason.DEAD,
    CaseOutcome.HOSPITALISED: HoldReason.HOSPITAL,
    CaseOutcome.NO_MORE_CALLS: HoldReason.DO_NOT_CALL,
}
"""Outcomes after which nobody must be called. Until the follow-up date only in hospital: the others end by hand."""
OUTCOMES = tuple((str(outcome), name, outcome in NEEDS_NOTE, outcome in HOLDS) for outcome, name in OUTCOME_KO.items())
LONGEST_NOTE = 2000
NOTICES = {
    "reassigned": "다시 배정하고 바로 알렸습니다.",
    "acknowledged": "맡았습니다. 확인한 뒤 결과를 기록해 주세요.",
    "closed": "결과를 기록하고 종결했습니다.",
}
PROBLEMS = {"stale": "그사이 다른 담당자가 처리했습니다. 지금 상태를 확인해 주세요."}
STALE = "그사이 새 내용이 더해졌거나 다른 담당자가 처리했습니다. 아래 내용을 다시 보고 기록해 주세요."
TAKEN = "이미 처리된 사건입니다. 지금 상태를 확인해 주세요."


class BadDecision(ValueError):
    """The form cannot be used as it is; the message says what to mend, in Korean."""


@dataclass(frozen=True)
class Decision:
    """A case is closed with this."""

    outcome: CaseOutcome
    note: str
    follow_up_on: date | None


@dataclass(frozen=True)
class Flag:
    """What a turn of the transcript is marked with."""

    level: Level
    quotes: list[str]


def read_decision(given: dict[str, str], today: date) -> Decision:
    """From the form. Raises BadDecision."""
    try:
        outcome = CaseOutcome(given.get("outcome", ""))
    except ValueError as error:
        raise BadDecision("결과를 하나 골라 주세요.") from error
    text = given.get("note", "").replace("\r\n", "\n")
    if outcome in NEEDS_NOTE and not text:
        raise BadDecision(f"‘{OUTCOME_KO[outcome]}’은(는) 내용을 꼭 적어야 합니다.")
    if len(text) > LONGEST_NOTE:
        raise BadDecision(f"내용이 {len(text)}자입니다. {LONGEST_NOTE}자 안으로 줄여 주세요.")
    try:
        follow_up = date.fromisoformat(given["follow_up_on"]) if given.get("follow_up_on") else None
    except ValueError as error:
        raise BadDecision("다시 볼 날을 2026-12-01처럼 적어 주세요.") from error
    if follow_up is not None and follow_up < today:
        raise BadDecision("다시 볼 날이 지난 날짜입니다. 오늘이나 그 뒤로 골라 주세요.")
    return Decision(outcome, text, follow_up)


def flags_of(case: CaseCard) -> dict[int, Flag]:
    """Signals by the turn they stand in."""
    flags: dict[int, Flag] = {}
    for signal in case.signals:  # worst first
        if case.call is not None and signal.call_id == case.call.id:
            flags.setdefault(signal.turn, Flag(signal.level, [])).quotes.append(signal.quote)
    return flags


def reasons_of(case: CaseCard) -> tuple[str, ...]:
    """Why this case is open, in sentences, each once."""
    reasons = [signal.reason for signal in case.signals if signal.reason]
    return tuple(dict.fromkeys(([case.summary] if case.summary and not reasons else []) + reasons))


def answers_of(case: CaseCard) -> tuple[tuple[Topic, AnswerValue], ...]:
    """In the order in which a check-in asks."""
    given = case.call.answers if case.call else {}
    return tuple((topic, given[topic]) for topic in ASKED_TOPICS if topic in given)


class CasePages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def card(self, request: Request) -> Response:
        """One case."""
        case = self._case(request)
        note(self.deps, request, "view_case", subject="case", subject_id=case.id)
        done = request.query_params.get("done", "")
        return self._page(request, case, notice=NOTICES.get(done, ""), problem=PROBLEMS.get(done, ""))

    async def acknowledge(self, request: Request) -> Response:
        """맡음. Without the version: a case that climbed while it was being read is still taken."""
        await checked_fields(request)
        case = await run_in_threadpool(self._case, request)
        account_id = viewer_of(request).account.id

        def act() -> None:
            acknowledge(self.deps.store, case.id, account_id, self.deps.clock())
            note(self.deps, request, "acknowledge_case", subject="case", subject_id=case.id)

        problem = await run_in_threadpool(self._tried, act)
        return await self._answer(request, case, problem, "acknowledged", {})

    async def close(self, request: Request) -> Response:
        """The outcome. With the version: nobody closes what they have not seen."""
        given = await checked_fields(request)
        case = await run_in_threadpool(self._case, request)
        try:
            decision = read_decision(given, self.deps.clock().astimezone(SEOUL).date())
            version = int(given.get("version", ""))
        except BadDecision as error:
            return await run_in_threadpool(self._page, request, case, problem=str(error), given=given, status=400)
        except ValueError:
            raise HTTPException(400) from None
        account_id = viewer_of(request).account.id

        def act() -> None:
            close_case(
                self.deps.store,
                case.id,
                decision.outcome,
                decision.note,
                self.deps.clock(),
                account_id=account_id,
                follow_up_on=decision.follow_up_on,
                version=version,
                on_behalf_of=self._behalf(request, case, given.get("on_behalf_of", "")),
            )
            note(self.deps, request, "close_case", subject="case", subject_id=case.id)
            self._hold(case, decision, viewer_of(request).account.login)

        problem = await run_in_threadpool(self._tried, act)
        return await self._answer(request, case, problem, "closed", given)

    def _hold(self, case: CaseCard, decision: Decision, by: str) -> None:
        reason = HOLDS.get(decision.outcome)
        if reason is None:
            return
        until = None
        if reason is HoldReason.HOSPITAL and decision.follow_up_on is not None:
            until = datetime.combine(decision.follow_up_on, time(), SEOUL)
        hold_person(
            self.deps.store, case.who.id, reason, self.deps.clock(), until=until, by=by, note=decision.note or None
        )

    def _behalf(self, request: Request, case: CaseCard, worker: str) -> int | None:
        """Whom a supervisor writes for; nobody else may. Raises BadDecision."""
        if not worker:
            return None
        if viewer_of(request).account.role != "supervisor":
            raise HTTPException(403)
        members = {str(member.id): member.id for member in self._team(case)}
        if worker not in members:
            raise HTTPException(400)
        return members[worker]

    def _hands(self, case: CaseCard) -> Hands:
        with self.deps.store.read() as connection:
            return hands_of(connection, [case.id])[case.id]

    def _team(self, case: CaseCard) -> tuple[TeamMember, ...]:
        with self.deps.store.read() as connection:
            return team(connection, programme_of_case(connection, case.id))

    def _tried(self, act: Callable[[], None]) -> str:
        """Empty: done. Else what to tell."""
        try:
            act()
        except StaleCase:
            return STALE
        except ImpossibleTransition:
            return TAKEN
        return ""

    async def _answer(
        self, request: Request, case: CaseCard, problem: str, done: str, given: dict[str, str]
    ) -> Response:
        if not problem:
            self.deps.wake()
            return RedirectResponse(f"/cases/{case.id}?done={done}", 303)
        fresh = await run_in_threadpool(self._case, request)
        return await run_in_threadpool(self._page, request, fresh, problem=problem, given=given, status=409)

    def _case(self, request: Request) -> CaseCard:
        viewer = viewer_of(request)
        if viewer.account.role not in SEES_NAMES:
            raise HTTPException(403)
        with self.deps.store.read() as connection:
            case = console_cases.case_card(
                connection, viewer.account.scope, request.path_params["case_id"], self.deps.clock()
            )
        if case is None:
            raise HTTPException(404)
        return case

    def _page(
        self,
        request: Request,
        case: CaseCard,
        *,
        notice: str = "",
        problem: str = "",
        given: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        blank = {"outcome": "", "note": "", "follow_up_on": "", "on_behalf_of": ""}
        return self.pages.response(
            request,
            "case.html",
            status=status,
            notice=notice,
            problem=problem,
            case=case,
            reasons=reasons_of(case),
            flags=flags_of(case),
            answers=answers_of(case),
            other_side=case.who.name if case.call and case.call.spoke in {None, "person"} else "상대방",
            outcomes=OUTCOMES,
            given=blank | (given or {}),
            team=self._team(case),
            hands=self._hands(case),
        )
