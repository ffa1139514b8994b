"""What golden calls about calling come to in the ledger: from the words on the telephone to rows, cases and the next call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from golden import Golden, Performance
from ledger_calls import at, dial
from ledger_fixtures import Town, build_town
from sqlalchemy import select

from callbot.assess.assessment import assess
from callbot.converse.transcript import Turn
from callbot.people.numbers import Relation
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.people_rows import add_number
from callbot.store.tables import attempts, cases, due_contacts, holds, person_numbers, requests
from callbot.understand.meaning import Topic
from callbot.understand.understander import Understander
from callbot.workflows.finish_call import finish_call

HERE = Path(__file__).parent
SCRIPT = load_script(ROOT / "prompts/scripts/weekly-checkin.yaml").script


@pytest.fixture
def one(sqlite_store: Store) -> Town:
    """One person."""
    return build_town(sqlite_store)


def said(performance: Performance) -> Iterator[Turn]:
    """What the person said, each under the topic of the line before it, as a call keeps it."""
    topic, number = None, 0
    for entry in performance.entries:
        if "bot" in entry:
            name = entry["bot"].split(".", 1)[0]
            topic = Topic(name) if name in set(Topic) else topic
        elif entry.get("person"):
            yield Turn(number, "person", entry["person"], topic)
            number += 1


def effects(town: Town, name: str, understander: Understander, *, contact: bool = False) -> dict[str, Any]:
    """Hold that golden call on a dialled attempt, finish it at 10:01, and read the ledger."""
    golden = Golden.load(HERE / f"{name}.yaml")
    performance = Performance(golden.data["call"], golden.addressee, understander)
    outcome = performance.hold(SCRIPT, golden.data.get("dialogue", "check-in"))
    line = dial(town)
    if contact:
        with town.store.write() as connection:
            number = add_number(
                connection, town.store.keys, town.person_ids[0], "+821000000888", relation=Relation.NEIGHBOUR
            )
            connection.execute(attempts.update().values(relation=Relation.NEIGHBOUR, person_number_id=number))
            connection.execute(due_contacts.update().values(call_number_id=number))
    line.answer(at(0.1))
    turns = list(said(performance))
    for turn in turns:
        line.say(turn)
    assessment = assess(turns, outcome.signals, outcome.answers, outcome.requests, versions={})
    finish_call(town.store, line.order.attempt_id, line.order.token, outcome, at(1), assessment=assessment)
    with town.store.read() as connection:
        assert violations(connection, at(2)) == []
        due = connection.execute(select(due_contacts).order_by(due_contacts.c.id)).all()
        return {
            "disposition": due[0].disposition,
            "next": due[0].next_attempt_at,
            "more": [(row.slot, row.next_attempt_at) for row in due[1:]],
            "end": connection.scalar(select(attempts.c.end)),
            "cases": {row.kind: row.summary for row in connection.execute(select(cases))},
            "holds": list(connection.scalars(select(holds.c.reason))),
            "requests": list(connection.scalars(select(requests.c.kind))),
        }


def test_do_not_call(one: Town, understander: Understander) -> None:
    """A hold, and a case: nobody rings again, and a human knows."""
    found = effects(one, "do-not-call", understander)
    assert (found["disposition"], found["holds"], set(found["cases"])) == ("refused", ["do_not_call"], {"refusal"})


def test_busy_without_a_time(one: Town, understander: Understander) -> None:
    """Later today, by the ladder's delay for those who ask."""
    found = effects(one, "busy", understander)
    assert (found["disposition"], found["next"], found["cases"]) == (None, at(61), {})


def test_a_time_today(one: Town, understander: Understander) -> None:
    """ "다섯 시에": at five."""
    assert effects(one, "call-at-five", understander)["next"] == at(7 * 60)


def test_tomorrow(one: Town, understander: Understander) -> None:
    """Today's contact ends as refused, with a line for a human; tomorrow's stands in the ledger in the same transaction."""
    found = effects(one, "call-tomorrow", understander)
    assert found["disposition"] == "refused"
    assert found["more"] == [("asked-2026-11-25", at(24 * 60 + 1))]
    assert "11-25 통화 요청(예약됨)" in found["cases"]["refusal"]


def test_wrong_number(one: Town, understander: Understander) -> None:
    """A bad number: not rung again, and the case asks for the right one."""
    found = effects(one, "wrong-number", understander)
    assert (found["end"], found["disposition"]) == ("bad_number", "not_reached")
    assert "다른 사람 번호" in found["cases"]["missed"]


@pytest.mark.parametrize("name", ["new-number", "new-number-said-at-once"])
def test_a_new_number_is_for_a_human_to_confirm(one: Town, understander: Understander, name: str) -> None:
    """It stands in the case digit by digit, and in no list of numbers."""
    found = effects(one, name, understander)
    assert "010-1234-5678" in found["cases"]["request"]
    assert found["requests"] == ["new_number"]
    with one.store.read() as connection:
        assert "+821012345678" not in [str(row.e164) for row in connection.execute(select(person_numbers))]


def test_the_person_has_moved(one: Town, understander: Understander) -> None:
    """Said by the person: the check-in goes on, and the new address is asked for by a human."""
    found = effects(one, "moved-oneself", understander)
    assert (found["disposition"], found["holds"], found["requests"]) == ("contacted", [], ["moved"])


def test_somebody_says_that_the_person_has_moved(one: Town, understander: Understander) -> None:
    """Said by another: the calls are held until a human has looked."""
    found = effects(one, "moved-reported", understander)
    assert (found["disposition"], found["holds"]) == ("reported", ["moved"])


def test_who_is_this_is_explained_and_the_call_goes_on(one: Town, understander: Understander) -> None:
    """The check-in is made."""
    assert effects(one, "who-is-this", understander)["disposition"] == "contacted"


@pytest.mark.parametrize(
    ("name", "disposition", "kinds"),
    [
        ("contact-well", "reported", {"report"}),
        ("contact-hospital", "reported", {"report", "distress"}),
        ("contact-looks-in", None, {"request"}),
        ("contact-worried", None, {"request"}),
        ("contact-cannot", None, set()),
        ("contact-stranger", None, set()),
        ("contact-voicemail", None, set()),
    ],
)
def test_a_guardians_word_is_never_contact(
    one: Town, understander: Understander, name: str, disposition: str | None, kinds: set[str]
) -> None:
    """At most reported, with a case; else the ladder goes on."""
    found = effects(one, name, understander, contact=True)
    assert found["disposition"] == disposition
    assert set(found["cases"]) == kinds
    assert (found["next"] is None) == (disposition is not None)
