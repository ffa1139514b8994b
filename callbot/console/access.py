"""개인정보 접속기록: who looked at what, from where."""

from starlette.requests import Request

from callbot.console.deps import ConsoleDeps
from callbot.console.gate import viewer_of
from callbot.store import console_accounts


def note(
    deps: ConsoleDeps, request: Request, action: str, *, subject: str | None = None, subject_id: int | None = None
) -> None:
    """One line, committed before the page is sent."""
    viewer = viewer_of(request)
    with deps.store.write() as connection:
        console_accounts.log_access(
            connection,
            deps.wall(),
            viewer.account.id,
            action,
            subject=subject,
            subject_id=subject_id,
            address=viewer.address,
        )
