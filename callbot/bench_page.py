"""`callbot bench page`: from the last sound of an emergency, at the phone, to the page in the outbox, committed, and handed over.

The ledger is looked at by another process about 50 times a second: a row that it sees is committed. So the ledger's own clock,
which a demo sets to a Tuesday morning, does not matter; what is measured may be up to 20 ms too long.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from callbot.adapters.kokoro import VOICES
from callbot.bench_calls import FORM, NAME, RealCalls, number_of
from callbot.bench_report import spread
from callbot.settings import ROOT
from callbot.simulate.persona import HangUp, Persona, Speaker, Utterance
from callbot.simulate.sms_server import SmsServer

EMERGENCIES = ROOT / "tests" / "data" / "emergencies.txt"
HANG_UP_S = 45.0
_PAGES = (
    "SELECT persons.reference, pages.id, pages.severity, pages.state FROM pages "
    "JOIN cases ON cases.id = pages.case_id JOIN persons ON persons.id = cases.person_id WHERE cases.kind = 'distress'"
)
_SAYS = {
    "identity": "네, 맞습니다.",
    "good_time": "네, 좋아요.",
    "confirm": "네, 그래요.",
    "health.bad": "아까부터 그랬어요.",
}


@dataclass
class PageWatch:
    """Sees pages the moment they are committed. Give `look` to `make_calls(meanwhile=)`."""

    committed: dict[str, tuple[float, str]] = field(default_factory=dict)
    """reference -> (unix time, severity) of the first page about distress."""
    handed_over: dict[str, float] = field(default_factory=dict)
    """reference -> unix time at which the sender had answered for it."""
    pages: dict[str, str] = field(default_factory=dict)
    """`p17` -> reference of the person."""
    accepted: dict[str, float] = field(default_factory=dict)
    """reference -> unix time at which the SMS provider took the first page; filled in by `take`."""
    _connection: sqlite3.Connection | None = None
    _which: int = 0

    def look(self, ledger: Path) -> None:
        """Once; the ledger may not be there yet."""
        try:
            rows = self._connected(ledger).execute(_PAGES).fetchall()
        except (sqlite3.OperationalError, FileNotFoundError):
            return
        now = time.time()
        for reference, page_id, severity, state in rows:
            self.pages[f"p{page_id}"] = reference
            self.committed.setdefault(reference, (now, severity))
            if state not in {"pending", "claimed"}:
                self.handed_over.setdefault(reference, now)

    def take(self, server: SmsServer) -> None:
        """What the virtual SMS provider accepted."""
        for page, taken in server.taken().items():
            if page in self.pages:
                at = min(one.at for one in taken)
                self.accepted[self.pages[page]] = min(at, self.accepted.get(self.pages[page], at))

    def _connected(self, ledger: Path) -> sqlite3.Connection:
        """To the ledger that lies there now: at its start, a demo puts the one of the last demo aside."""
        file = ledger / "callbot.db"
        which = file.stat().st_ino
        if self._connection is None or which != self._which:
            self.committed.clear()
            self.handed_over.clear()
            self.pages.clear()
            self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
            self._which = which
        return self._connection


@dataclass(frozen=True)
class Paged:
    """One emergency. Seconds from the end of the sentence when it was first said; None where there was no page."""

    number: str
    voice: str
    said: str
    severity: str | None
    committed_s: float | None
    handed_over_s: float | None
    accepted_s: float | None
    """Until the SMS provider had taken it."""
    still_up: bool | None
    """Whether the call went on at that moment."""
    from_recognised_s: float | None
    """Seconds to the commit from the end of the sentence as it was last said before: that one was understood."""


def sentences(path: Path = EMERGENCIES) -> list[str]:
    """Lines that are not comments."""
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def short_calls(texts: Sequence[str], number: int, first: int = 0) -> list[Persona]:
    """So many people who say it at the first question and hang up `HANG_UP_S` after picking up; sentences and voices in turn."""
    chosen = [texts[index % len(texts)] for index in range(first, first + number)]
    return [
        persona.model_copy(
            update={
                "me": persona.me.model_copy(
                    update={"voice": VOICES[(index + index // len(texts)) % len(VOICES)], "says": _first(persona)}
                ),
                "hang_up": HangUp(after_s=HANG_UP_S),
            }
        )
        for index, persona in enumerate(people(chosen), first)
    ]


def _first(persona: Persona) -> dict[str, tuple[Utterance, ...]]:
    said = persona.me.says["health"]
    return {**persona.me.says, "good_time": said}  # who does not even say who they are is called again: minutes more


def people(texts: Sequence[str]) -> list[Persona]:
    """One person an emergency, who says it when asked about their health."""
    return [
        Persona(
            number=number_of(index),
            name=NAME,
            address=FORM,
            about="긴급한 말을 하는 사람(측정용).",
            demo=True,
            answers_after_s=0.5,
            me=Speaker.model_validate(
                {"voice": VOICES[index % len(VOICES)], "says": {**_SAYS, "health": text}, "default": "네."}
            ),
        )
        for index, text in enumerate(texts)
    ]


def read_back(run: RealCalls, watch: PageWatch) -> list[Paged]:
    """When each emergency was paged."""
    found = []
    for persona in run.personas:
        text, reference = persona.me.says["health"][0].say, f"demo-{persona.number[-4:]}"
        ends = [
            event["at"] + event["seconds"]
            for event in run.events()
            if (event["number"], event["event"], event.get("text")) == (persona.number, "says", text)
        ]
        at, severity = watch.committed.get(reference, (None, None))
        first = ends[0] if ends else None
        last = max((end for end in ends if at is not None and end <= at), default=first)
        found.append(
            Paged(
                persona.number,
                persona.me.voice,
                text,
                severity,
                _after(at, first),
                _after(watch.handed_over.get(reference), first),
                _after(watch.accepted.get(reference), first),
                _still_up(run, persona.number, watch.accepted.get(reference)),
                _after(at, last),
            )
        )
    return found


def _still_up(run: RealCalls, number: str, at: float | None) -> bool | None:
    """Nothing that the phone noticed as the end of a call lies before that moment."""
    if at is None:
        return None
    began = [event["at"] for event in run.events() if event["number"] == number and event["event"] == "answered"]
    ended = [event["at"] for event in run.events() if event["number"] == number and event["event"] == "ended"]
    return bool(sum(moment <= at for moment in began) > sum(moment <= at for moment in ended))


def _after(at: float | None, since: float | None) -> float | None:
    return None if at is None or since is None else round(at - since, 3)


def figures(paged: list[Paged]) -> dict[str, Any]:
    """`n` emergencies that were paged; those that were not, each named."""
    committed = [one.committed_s for one in paged if one.committed_s is not None]
    handed = [one.handed_over_s for one in paged if one.handed_over_s is not None]
    accepted = [one.accepted_s for one in paged if one.accepted_s is not None]
    understood = [one for one in paged if one.accepted_s is not None and one.severity == "critical"]
    at_once = [
        one.accepted_s for one in understood if one.accepted_s is not None and one.from_recognised_s == one.committed_s
    ]
    recognised = [one.from_recognised_s for one in paged if one.from_recognised_s is not None]
    return {
        **spread(accepted),
        "understood_when_first_said": spread(at_once),
        "call_still_up": sum(one.still_up is True for one in paged),
        "committed": spread(committed),
        "from_recognised": spread(recognised),
        "handed_over": spread(handed),
        "said": len(paged),
        "critical": sum(one.severity == "critical" for one in paged),
        "not_paged": [asdict(one) for one in paged if one.committed_s is None],
        "each": [asdict(one) for one in paged],
    }
