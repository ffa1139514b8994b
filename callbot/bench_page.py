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
from callbot.simulate.persona import Persona, Speaker

EMERGENCIES = ROOT / "tests" / "data" / "emergencies.txt"
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
    _connection: sqlite3.Connection | None = None

    def look(self, ledger: Path) -> None:
        """Once; the ledger may not be there yet."""
        try:
            rows = self._connected(ledger).execute(_PAGES).fetchall()
        except sqlite3.OperationalError:
            return
        now = time.time()
        for reference, _, severity, state in rows:
            self.committed.setdefault(reference, (now, severity))
            if state not in {"pending", "claimed"}:
                self.handed_over.setdefault(reference, now)

    def _connected(self, ledger: Path) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(f"file:{ledger / 'callbot.db'}?mode=ro", uri=True, isolation_level=None)
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
    from_recognised_s: float | None
    """Seconds to the commit from the end of the sentence as it was last said before: that one was understood."""


def sentences(path: Path = EMERGENCIES) -> list[str]:
    """Lines that are not comments."""
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


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
                _after(at, last),
            )
        )
    return found


def _after(at: float | None, since: float | None) -> float | None:
    return None if at is None or since is None else round(at - since, 3)


def figures(paged: list[Paged]) -> dict[str, Any]:
    """`n` emergencies that were paged; those that were not, each named."""
    committed = [one.committed_s for one in paged if one.committed_s is not None]
    handed = [one.handed_over_s for one in paged if one.handed_over_s is not None]
    recognised = [one.from_recognised_s for one in paged if one.from_recognised_s is not None]
    return {
        **spread(committed),
        "from_recognised": spread(recognised),
        "handed_over": spread(handed),
        "said": len(paged),
        "critical": sum(one.severity == "critical" for one in paged),
        "not_paged": [asdict(one) for one in paged if one.committed_s is None],
        "each": [asdict(one) for one in paged],
    }
