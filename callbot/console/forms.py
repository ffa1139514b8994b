"""Reading a form: its CSRF token is checked before anything else."""

import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request

from callbot.console.gate import viewer_of


def equal(given: str, expected: str) -> bool:
    """In constant time, for any text."""
    return hmac.compare_digest(given.encode(), expected.encode())


async def fields(request: Request) -> dict[str, str]:
    """The text fields, trimmed. Raises HTTPException 400 (a file, broken encoding)."""
    async with request.form(max_files=0, max_fields=20) as form:
        read = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    if any("\x00" in value for value in read.values()):
        raise HTTPException(400)
    return read


async def checked_fields(request: Request) -> dict[str, str]:
    """The same, of a form that a logged-in viewer was shown. Raises HTTPException 403."""
    read = await fields(request)
    if not equal(read.get("csrf_token", ""), viewer_of(request).csrf_token):
        raise HTTPException(403)
    return read
