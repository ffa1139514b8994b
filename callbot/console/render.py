"""Templates: escaped always, in Korean, told who is looking."""

from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from callbot.console import times, words
from callbot.console.deps import ConsoleDeps
from callbot.console.gate import Viewer
from callbot.people.person import masked_name
from callbot.store.console_views import Who

HERE = Path(__file__).parent
EMERGENCY_LINES = (("119", "구급·구조"), ("109", "자살예방 상담"), ("112", "경찰"), ("129", "보건복지 상담"))
SEES_NAMES = frozenset({"caseworker", "supervisor"})
"""A system administrator looks after accounts; whose life it is, is not their business."""


def environment() -> jinja2.Environment:
    """Everything is escaped; a name that a template was not given is an error, not an empty place."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "word": words.word,
        "day": times.day,
        "full_day": times.full_day,
        "clock_time": times.clock_time,
        "offset": times.offset,
        "marked": marked,
        "tries": words.tries,
    }
    env.globals["emergency_lines"] = EMERGENCY_LINES
    return env


def marked(text: str, quotes: list[str]) -> list[tuple[str, bool]]:
    """The text in pieces; True: one of the quotes.

    >>> marked("아니 숨이 차요", ["숨이 차요"])
    [('아니 ', False), ('숨이 차요', True)]
    """
    found = sorted((text.find(quote), -len(quote)) for quote in quotes if quote and quote in text)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, minus_length in found:
        if start < at:
            continue
        pieces += [(text[at:start], False), (text[start : start - minus_length], True)]
        at = start - minus_length
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


class Pages:
    """Renders for one console."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self.deps = deps
        self.env = environment()

    def response(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A whole page, or a fragment."""
        viewer = request.scope.get("callbot.viewer")
        account = viewer.account if isinstance(viewer, Viewer) else None
        now = self.deps.clock()
        html = self.env.get_template(template).render(
            viewer=viewer,
            account=account,
            path=request.url.path,
            now=now,
            deps=self.deps,
            since=lambda at: times.since(at, now),
            moment=lambda at: times.moment(at, now),
            name_of=lambda who: self.name_of(who, account.role if account else ""),
            sees_names=account is not None and account.role in SEES_NAMES,
            **context,
        )
        return HTMLResponse(html, status, headers)

    @staticmethod
    def name_of(who: Who | str, role: str) -> str:
        """In full for those who work with the person, else masked."""
        name = who if isinstance(who, str) else who.name
        return name if role in SEES_NAMES else masked_name(name)


def as_of(now: datetime) -> str:
    """For a response header, which must be ASCII: `10:42`."""
    return times.clock_time(now)
