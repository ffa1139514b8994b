"""호출 정책: the steps of one kind of hours as a form; read in words before it is in force; every save is a version."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.console.office import chosen_programme, supervisor_of
from callbot.console.render import Pages
from callbot.console.wide_forms import WideForm, checked_wide_form
from callbot.escalate.hours import HOURS_KO, Hours
from callbot.escalate.policy import EscalationPolicy, PolicyError, Severity, read_policy
from callbot.escalate.policy_words import CHANNEL_KO, SEVERITY_KO, in_words
from callbot.escalate.roster_import import ROLE_KO
from callbot.store.paging_rows import policy_versions, use_policy
from callbot.store.policy_rows import programme_of, publish_policy

ROWS = 6
"""Steps that the form offers."""
MINUTE, HOUR = 60.0, 3600.0


class PolicyPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """What is in force, in words and as a form."""
        note(self.deps, request, "view_policies")
        programme, _ = chosen_programme(self.deps.store, request, request.query_params.get("programme", ""))
        with self.deps.store.read() as connection:
            policy = programme_of(connection, programme.id).policy
        saved = "새 정책을 쓰기 시작했습니다. 이미 열린 사건은 전의 정책을 따릅니다."
        return self._page(request, policy, notice=saved if request.query_params.get("done") else "")

    async def save(self, request: Request) -> Response:
        """Preview, or publish and use."""
        form = await checked_wide_form(request)
        return await run_in_threadpool(self._save, request, form)

    def _save(self, request: Request, form: WideForm) -> Response:
        viewer = supervisor_of(request)
        programme, _ = chosen_programme(self.deps.store, request, form.text("programme"))
        hours = _hours(form.text("hours"))
        with self.deps.store.read() as connection:
            old = programme_of(connection, programme.id).policy
        try:
            policy = edited(old, hours, form)
        except PolicyError as error:
            return self._page(request, old, form=form, problem=str(error), status=400)
        if form.text("act") != "save":
            return self._page(request, policy, form=form, preview=True)
        with self.deps.store.write() as connection:
            use_policy(connection, programme.id, publish_policy(connection, policy, self.deps.clock()))
        note(self.deps, request, "publish_policy", subject="programme", subject_id=programme.id)
        del viewer
        return RedirectResponse(f"/policies?programme={programme.id}&hours={hours}&done=1", 303)

    def _page(
        self,
        request: Request,
        policy: EscalationPolicy,
        *,
        form: WideForm | None = None,
        notice: str = "",
        problem: str = "",
        preview: bool = False,
        status: int = 200,
    ) -> Response:
        asked = form.text("programme") if form else request.query_params.get("programme", "")
        programme, known = chosen_programme(self.deps.store, request, asked)
        hours = _hours(form.text("hours") if form else request.query_params.get("hours", ""))
        with self.deps.store.read() as connection:
            versions = policy_versions(connection, policy.name)
        shown = form.lists if form else {name: (value,) for name, value in as_form(policy, hours).items()}
        return self.pages.response(
            request,
            "policies.html",
            status=status,
            notice=notice,
            problem=problem,
            preview=preview,
            policy=policy,
            words={each: in_words(policy, each) for each in Hours},
            programme=programme,
            programmes=known,
            hours=hours,
            hours_words=HOURS_KO,
            severity_words=SEVERITY_KO,
            role_words=ROLE_KO,
            channel_words=CHANNEL_KO,
            rows=range(ROWS),
            field=lambda name: shown.get(name, ("",))[-1],
            versions=versions,
            may_edit=viewer_of(request).account.role == "supervisor",
        )


def _hours(text: str) -> Hours:
    return Hours(text) if text in set(Hours) else Hours.WEEKDAY


def as_form(policy: EscalationPolicy, hours: Hours) -> dict[str, str]:
    """The fields of the form that stand for this policy at these hours."""
    shown: dict[str, str] = {}
    for severity in Severity:
        own = policy.hours.get(hours, {}).get(severity)
        steps = policy.steps_for(severity, hours) if own or hours is Hours.WEEKDAY else ()
        for number, step in enumerate(steps):
            shown |= {
                f"{severity}.{number}.to": step.to,
                f"{severity}.{number}.after": f"{step.after / MINUTE:g}",
                f"{severity}.{number}.channel": step.channel,
                f"{severity}.{number}.repeats": str(step.repeats),
                f"{severity}.{number}.every": f"{step.every / MINUTE:g}",
            }
        again = policy.again_after(severity)
        shown[f"{severity}.deadline"] = f"{policy.deadline(severity).total_seconds() / HOUR:g}"
        shown[f"{severity}.again"] = "" if again is None else f"{again.total_seconds() / MINUTE:g}"
    return shown


def edited(old: EscalationPolicy, hours: Hours, form: WideForm) -> EscalationPolicy:
    """`old` with the steps of these hours as the form has them. Raises PolicyError, in Korean."""
    raw = old.model_dump(mode="json")
    steps = {str(severity): found for severity in Severity if (found := _steps(form, severity))}
    if hours is Hours.WEEKDAY:
        if str(Severity.CRITICAL) not in steps:
            raise PolicyError("긴급: 부를 사람이 한 명도 없습니다. 1단계를 골라 주세요.")
        raw["steps"] = steps
        raw["hours"].pop(str(hours), None)
    elif steps:
        raw["hours"][str(hours)] = steps
    else:
        raw["hours"].pop(str(hours), None)
    raw["deadlines"] = {
        str(severity): _number(form, f"{severity}.deadline", f"{SEVERITY_KO[severity]} 결과 기한") * HOUR
        for severity in Severity
    }
    raw["again"] = {
        str(severity): _number(form, f"{severity}.again", f"{SEVERITY_KO[severity]} 다시 시작") * MINUTE
        for severity in Severity
        if form.text(f"{severity}.again")
    }
    return read_policy(raw)


def _steps(form: WideForm, severity: Severity) -> list[dict[str, Any]]:
    found = []
    for number in range(ROWS):
        to = form.text(f"{severity}.{number}.to")
        if not to:
            continue
        place = f"{SEVERITY_KO[severity]} {number + 1}단계"
        if to not in set(ROLE_KO):
            raise PolicyError(f"{place}: 부를 사람을 골라 주세요.")
        repeats = _number(form, f"{severity}.{number}.repeats", f"{place} 되풀이", blank=0)
        found.append(
            {
                "to": to,
                "after": _number(form, f"{severity}.{number}.after", f"{place} 기다림", blank=0) * MINUTE,
                "channel": form.text(f"{severity}.{number}.channel") or "sms",
                "repeats": int(repeats),
                "every": _number(form, f"{severity}.{number}.every", f"{place} 간격", blank=2) * MINUTE,
            }
        )
    return found


def _number(form: WideForm, name: str, what: str, blank: float | None = None) -> float:
    text = form.text(name)
    if not text and blank is not None:
        return blank
    try:
        number = float(text)
    except ValueError as error:
        raise PolicyError(f"{what} ‘{text}’: 숫자로 적어 주세요.") from error
    if not 0 <= number <= 10_000:  # noqa: PLR2004 - also refuses nan and inf
        raise PolicyError(f"{what} ‘{text}’: 0에서 10000 사이로 적어 주세요.")
    return number
