"""Every virtual recipient's opening through the real telephone and the real ears: no machine is contact, no person a machine."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from callbot.bench_calls import RealCalls, make_calls, number_of
from callbot.bench_report import circumstances
from callbot.settings import ROOT, load
from callbot.simulate.persona import HangUp, Persona, Pickup, Voicemail, load_personas
from callbot.store.people_rows import own_numbers
from callbot.store.tables import attempts, due_contacts

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3000)]

ANNOUNCED = {
    "off": ("전원이 꺼져 있어 연결할 수 없습니다.", "고객님의 전화기가 꺼져 있어 소리샘으로 연결됩니다."),
    "no_such_number": ("지금 거신 번호는 없는 번호입니다. 다시 확인하시고 걸어 주시기 바랍니다.",),
    "suspended": ("고객의 요청에 의해 당분간 착신이 정지되어 있습니다.",),
    "busy": ("지금은 통화 중이오니 잠시 후 다시 걸어 주시기 바랍니다.",),
    "out_of_area": ("고객이 통화할 수 없는 지역에 있어 연결할 수 없습니다.",),
    "no_answer": ("고객이 전화를 받지 않아 다음에 다시 걸어 주시기 바랍니다.",),
}
MAILBOXES = (
    "지금은 전화를 받을 수 없습니다. 소리샘으로 연결됩니다.",
    "연결이 되지 않아 삐 소리 후 소리샘으로 연결되며 통화료가 부과됩니다.",
    "안녕하세요. 지금은 전화를 받을 수 없으니 메시지를 남겨 주세요.",
)
MACHINE, PERSON = {"voicemail", "announcement", "bad_number"}, {"person", "other_person"}


def recipients() -> dict[str, tuple[str, Persona]]:
    """number -> (what it is, persona): the carriers' announcements, mailboxes, and everybody who picks up, briefly."""
    found: list[tuple[str, Persona]] = []
    base = {"name": "김순자", "about": "측정용.", "demo": True, "answers_after_s": 0.5}
    for kind, texts in ANNOUNCED.items():
        for text in texts:
            found.append(
                (kind, Persona(number=number_of(len(found)), calls=(Pickup.SWITCHED_OFF,), announcement=text, **base))
            )
    for greeting in MAILBOXES:
        mailbox = Voicemail(greeting=greeting)
        found.append(
            ("voicemail", Persona(number=number_of(len(found)), calls=(Pickup.VOICEMAIL,), voicemail=mailbox, **base))
        )
    for persona in load_personas(ROOT / "prompts" / "personas"):
        met = set(persona.calls) & {Pickup.ANSWER, Pickup.OTHER_ANSWERS}
        if met and persona.calls_back_after_s is None:
            brief = {
                "number": number_of(len(found)),
                "demo": True,
                "hang_up": HangUp(after_turns=3),
                "calls": tuple(met),
            }
            found.append(("person", persona.model_copy(update=brief)))
    return {persona.number: (kind, persona) for kind, persona in found}


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, Any]]:
    """One run; kept in .run/prove/who-answers.json."""
    people = recipients()
    with tempfile.TemporaryDirectory(prefix="callbot-who-", dir="/tmp") as name:
        directory = Path(name)
        directory.chmod(0o755)
        run = make_calls(load(), [persona for _, persona in people.values()], directory, longest_s=2400)
        rows = _rows(run, people)
    kept = ROOT / ".run" / "prove" / "who-answers.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    found = {**circumstances(), "rows": rows}
    kept.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return found


def _rows(run: RealCalls, people: dict[str, tuple[str, Persona]]) -> list[dict[str, Any]]:
    store = run.store()
    rows = []
    with store.read() as connection:
        query = select(due_contacts.c.person_id, due_contacts.c.disposition, attempts.c.end, attempts.c.detail)
        joined = query.join(attempts, attempts.c.due_contact_id == due_contacts.c.id).order_by(attempts.c.id)
        for row in connection.execute(joined):
            [number] = own_numbers(connection, row.person_id)
            kind, _ = people[f"010-0000-{number.e164[-4:]}"]
            rows.append({"kind": kind, "disposition": row.disposition, "end": row.end, "detail": row.detail})
    store.close()
    return rows


def test_no_machine_is_contact(measured: dict[str, Any]) -> None:
    """Of every announcement and mailbox, at every attempt."""
    machines = [row for row in measured["rows"] if row["kind"] != "person"]
    assert len(machines) >= 10
    assert [
        row for row in machines if row["disposition"] == "contacted" or row["end"] in PERSON - {"other_person"}
    ] == []


def test_no_person_is_a_machine(measured: dict[str, Any]) -> None:
    """Of everybody who picks up."""
    people = [row for row in measured["rows"] if row["kind"] == "person"]
    assert len(people) >= 12
    assert [row for row in people if row["end"] in MACHINE - {"bad_number"}] == []


def test_most_machines_are_named(measured: dict[str, Any]) -> None:
    """Four of five attempts end as the machine that it was; "switched off" among them."""
    machines = [row for row in measured["rows"] if row["kind"] != "person"]
    named = [row for row in machines if row["end"] in MACHINE]
    assert len(named) >= 0.8 * len(machines)
    off = [row for row in machines if row["kind"] == "off"]
    assert [row for row in off if row["end"] == "announcement"]
