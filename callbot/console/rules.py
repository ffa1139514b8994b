"""판단 규칙: every rule with its examples, firings and precision; one rule with its versions, its form and its trial."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from callbot.console.access import note
from callbot.console.gate import viewer_of
from callbot.console.office import supervisor_of
from callbot.console.plan_base import PlanPages
from callbot.console.read_form import BadForm, Form, text
from callbot.console.rule_form import CHOOSABLE, Filled, checked, read_rule_form
from callbot.console.rule_trials import Tried, tried
from callbot.console.wide_forms import checked_wide_form
from callbot.console.words import CATEGORIES, LEVELS
from callbot.store.own_rule_rows import OwnRuleRow, in_state, moves_of, rules_changed, versions_of
from callbot.store.rule_lines import RuleLine, rule_lines
from callbot.store.tables_rules import OwnRuleState
from callbot.understand.meaning import Category
from callbot.understand.own_rules import BadChange
from callbot.understand.rule_check import Checked
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT
from callbot.workflows.own_rules import NoLonger, discard, lexicon_in_force, promote, save_own_rule

MENDABLE = (BadForm, BadChange)
STATES_KO = {OwnRuleState.LIVE: "쓰는 중", OwnRuleState.SHADOW: "그림자로 시험 중", OwnRuleState.ENDED: "끝남"}
DONE = {
    "shadow": "그림자로 시험을 시작했습니다. 통화 판단은 바뀌지 않고, 달랐을 통화만 셉니다.",
    "live": "지금부터 이 규칙으로 판단합니다. 다시 시작하지 않아도 됩니다.",
    "discard": "그만두었습니다. 기본 규칙대로 판단합니다.",
}


class RulePages(PlanPages):
    """The endpoints. Any supervisor or caseworker looks; a supervisor changes."""

    def _under(self) -> Understander:
        if self.deps.understander is None:
            raise HTTPException(404)
        return self.deps.understander()

    def every(self, request: Request) -> Response:
        """By category; `q` searches ids, phrases and examples."""
        self.scope(request)
        note(self.deps, request, "view_rules")
        query = request.query_params.get("q", "").strip()[:40]
        wanted = request.query_params.get("category", "")
        lines = [line for line in self._lines() if not wanted or line.category == wanted]
        found = [line for line in lines if not query or line.holds(query) or query in CATEGORIES[line.category]]
        with self.deps.store.read() as connection:
            shadows = in_state(connection, OwnRuleState.SHADOW)
        return self.page(
            request,
            "rules.html",
            lines=found,
            total=len(lines),
            query=query,
            wanted=wanted,
            categories=CATEGORIES,
            shadows=shadows,
        )

    def new(self, request: Request) -> Response:
        """A form for a rule that is not there yet."""
        self.scope(request)
        supervisor_of(request)
        return self._form(request, None)

    def one(self, request: Request) -> Response:
        """Everything about one rule."""
        self.scope(request)
        note(self.deps, request, "view_rule")
        return self._form(
            request, self._line(request.path_params["rule"]), done=DONE.get(request.query_params.get("done", ""), "")
        )

    async def save(self, request: Request) -> Response:
        """Check and preview, try in the shadow, or put in force."""
        supervisor_of(request)
        given = (await checked_wide_form(request)).lists
        answer = await run_in_threadpool(self._save, request, given)
        self.deps.wake()
        return answer

    def _save(self, request: Request, given: Form) -> Response:
        rule_id = request.path_params.get("rule")
        line = self._line(rule_id) if rule_id else None
        under, what = self._under(), text(given, "what")
        try:
            filled = self._read(given, rule_id, under)
            result = checked(filled.change, under, 1)
            if what in {"shadow", "live"}:
                return self._keep(request, filled, OwnRuleState(what), given)
        except MENDABLE as error:
            return self._form(request, line, given=given, problem=str(error), status=400)
        note(self.deps, request, "try_rule")
        outcome = tried(
            self.deps, under, self._in_force(under), filled.change, viewer_of(request).account.scope, self.now()
        )
        return self._form(request, line, given=given, filled=filled, result=result, outcome=outcome)

    def _keep(self, request: Request, filled: Filled, state: OwnRuleState, given: Form) -> Response:
        if not filled.why:
            raise BadForm("‘까닭’이 비어 있습니다. 나중에 볼 사람을 위해 왜 고치는지 한 줄 적어 주세요.")
        if text(given, "seen") != "1":
            raise BadForm("먼저 ‘확인하고 미리 보기’로 지난 90일에 어떻게 되었을지 보고 저장해 주세요.")
        account = viewer_of(request).account
        save_own_rule(
            self.deps.store,
            self._under().files,
            filled.change,
            state,
            self.now(),
            why=filled.why,
            by=account.login,
            account_id=account.id,
        )
        note(self.deps, request, "save_rule")
        return RedirectResponse(f"/rules/{filled.change.rule}?done={state}", 303)

    async def decide(self, request: Request) -> Response:
        """Promote or discard what is in the shadow, or take back what is in force."""
        supervisor_of(request)
        given = (await checked_wide_form(request)).lists

        def deciding() -> Response:
            account, own_rule_id, rule = (
                viewer_of(request).account,
                request.path_params["version"],
                request.path_params["rule"],
            )
            act = promote if text(given, "what") == "promote" else discard
            try:
                act(self.deps.store, own_rule_id, self.now(), by=account.login, account_id=account.id)
            except NoLonger as error:
                return self._form(request, self._line(rule), problem=str(error), status=409)
            note(self.deps, request, "decide_rule")
            return RedirectResponse(f"/rules/{rule}?done={'live' if act is promote else 'discard'}", 303)

        answer = await run_in_threadpool(deciding)
        self.deps.wake()
        return answer

    # -- the inside ----------------------------------------------------------------------------------------------------

    def _in_force(self, under: Understander) -> Any:
        with self.deps.store.read() as connection:
            return lexicon_in_force(connection, under.files)

    def _lines(self) -> list[RuleLine]:
        under, now = self._under(), self.now()
        with self.deps.store.read() as connection:
            live = lexicon_in_force(connection, under.files)
            return rule_lines(connection, under.files, live, now - KEPT, now + timedelta(seconds=1))

    def _line(self, rule_id: str) -> RuleLine:
        found = next((line for line in self._lines() if line.id == rule_id), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _read(self, given: Form, rule_id: str | None, under: Understander) -> Filled:
        with self.deps.store.read() as connection:
            taken = frozenset(rules_changed(connection))
            before = next((row.change for row in _standing(versions_of(connection, rule_id or ""))), None)
        return read_rule_form(given, rule_id, under, taken, before)

    def _form(
        self,
        request: Request,
        line: RuleLine | None,
        *,
        given: Mapping[str, Any] | None = None,
        filled: Filled | None = None,
        result: Checked | None = None,
        outcome: Tried | None = None,
        problem: str = "",
        done: str = "",
        status: int = 200,
    ) -> Response:
        with self.deps.store.read() as connection:
            versions = versions_of(connection, line.id) if line else []
            shadow = next((row for row in versions if row.state is OwnRuleState.SHADOW), None)
            moves = moves_of(connection, shadow.id) if shadow else {}
        return self.page(
            request,
            "rule.html",
            status=status,
            notice=done,
            problem=problem,
            given=given or {},
            line=line,
            versions=versions,
            shadow=shadow,
            live=next((row for row in versions if row.state is OwnRuleState.LIVE), None),
            moves=sorted(moves.items(), key=lambda each: -each[1]),
            filled=filled,
            result=result,
            outcome=outcome,
            levels=[(level.value, LEVELS[level]) for level in CHOOSABLE],
            categories=[(category.value, CATEGORIES[category]) for category in Category],
            states=STATES_KO,
        )


def _standing(rows: list[OwnRuleRow]) -> list[OwnRuleRow]:
    """What the next version builds on: what is tried at the moment, else what is in force."""
    kept = [row for row in rows if row.state is not OwnRuleState.ENDED]
    return sorted(kept, key=lambda row: (row.state is not OwnRuleState.SHADOW, -row.version))
