"""문자 시험 발송: a supervisor sends one SMS to their own telephone and sees everything that the provider says."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.deps import ConsoleDeps
from callbot.console.forms import checked_fields
from callbot.console.office import supervisor_of
from callbot.console.render import Pages
from callbot.people.numbers import BadNumber
from callbot.settings import SettingsError
from callbot.sms_trial import Trial


class SmsTrialPages:
    """The endpoints."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self.deps = deps
        self.pages = pages

    def show(self, request: Request) -> Response:
        """The form."""
        supervisor_of(request)
        return self._page(request, None, "", {})

    async def send(self, request: Request) -> Response:
        """Check, send, wait for the receipt: seconds."""
        supervisor_of(request)
        given = await checked_fields(request)
        trial, problem = None, ""
        if self.deps.try_sms is None:
            raise HTTPException(404)
        await run_in_threadpool(note, self.deps, request, "sms_trial")
        try:
            trial = await self.deps.try_sms(given.get("provider", ""), given.get("number", ""), self.deps.wall())
        except (SettingsError, BadNumber) as error:
            problem = str(error)
        return self._page(request, trial, problem, given)

    def _page(self, request: Request, trial: Trial | None, problem: str, given: dict[str, str]) -> Response:
        return self.pages.response(
            request, "sms_trial.html", providers=self.deps.sms_providers, trial=trial, problem=problem, given=given
        )
