"""Forms with more than a few fields, with lists, or with a file. The CSRF token is checked before anything else."""

from collections import defaultdict
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from callbot.console.forms import equal
from callbot.console.gate import viewer_of

MOST_FIELDS = 400


@dataclass(frozen=True)
class WideForm:
    """What was sent."""

    lists: dict[str, tuple[str, ...]]
    """Every value of a name, trimmed."""
    file_name: str = ""
    file: bytes = b""

    def text(self, name: str) -> str:
        """The one value; empty where there is none."""
        return self.lists.get(name, ("",))[-1]


async def checked_wide_form(request: Request) -> WideForm:
    """Of a form that a logged-in viewer was shown. Raises HTTPException 400 or 403."""
    lists: dict[str, list[str]] = defaultdict(list)
    file_name, file = "", b""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                file_name, file = value.filename or "", await value.read()
            else:
                lists[name].append(value.strip())
    if any("\x00" in value for values in lists.values() for value in values):
        raise HTTPException(400)
    read = WideForm({name: tuple(values) for name, values in lists.items()}, file_name, file)
    if not equal(read.text("csrf_token"), viewer_of(request).csrf_token):
        raise HTTPException(403)
    return read
