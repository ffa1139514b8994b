"""A call that our ears do not hear, with a real telephone: the person answers by keys, and the record says what it was."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from test_transfer_heard import own_place

from callbot.bootstrap import build
from callbot.cli_phones import farm_for
from callbot.converse.addressee import AddressForm
from callbot.demo import prepare
from callbot.people.numbers import parse_number
from callbot.service import Service
from callbot.store.invariants import violations
from callbot.store.tables import calls, cases, due_contacts, turns
from callbot.workflows.call_now import call_now

pytestmark = [pytest.mark.prove, pytest.mark.timeout(900)]

NUMBER = "010-0000-0101"


async def held(directory: Path, health_key: str) -> dict[str, Any]:
    """One call without ears; `health_key`: pressed at the first question, 1 at all others."""
    world = prepare(own_place(directory), numbers=("0101",), name="keys")
    [person] = world.personas
    keys = [{"press": health_key, "say": ""}, {"press": "1", "say": ""}]
    says = {**person.me.says, "opening.identity.keys": [{"press": "1", "say": ""}], "repair.keys": keys}
    person = type(person).model_validate(
        person.model_dump(mode="json") | {"me": person.me.model_dump(mode="json") | {"says": _plain(says)}}
    )
    farm = farm_for(world.settings, [person], directory / "phones")
    parts = build(world.settings, world.store, clock=world.clock, ledger_dir=world.directory)
    service = Service(parts, phone_port=farm.dial_port, demo=True)
    await asyncio.to_thread(farm.render)
    await asyncio.to_thread(parts.voice.render, service.lines_of([(person.name, AddressForm(person.address))]))
    await asyncio.to_thread(farm.start)
    try:
        await service.start(scheduled=False)
        await parts.ears.close()
        e164 = parse_number(NUMBER)
        claimed = await asyncio.to_thread(call_now, world.store, e164, world.clock.now(), world.settings.node)
        await service.dialler.call(claimed)
    finally:
        await service.stop()
        await asyncio.to_thread(farm.stop)
    with world.store.read() as connection:
        return {
            "disposition": connection.scalar(select(due_contacts.c.disposition)),
            "without": connection.scalar(select(calls.c.without)),
            "cases": sorted(tuple(row) for row in connection.execute(select(cases.c.kind, cases.c.level))),
            "rejected": set(connection.scalars(select(turns.c.rejected).where(turns.c.who == "person"))),
            "lines": list(connection.scalars(select(turns.c.line_id).where(turns.c.who == "bot"))),
            "broken": violations(connection, world.clock.now()),
        }


def _plain(says: dict[str, Any]) -> dict[str, Any]:
    return {
        key: [one if isinstance(one, dict) else one.model_dump(mode="json") for one in many]
        for key, many in says.items()
    }


@pytest.mark.parametrize(("key", "case"), [("1", ("review", "watch")), ("2", ("distress", "high"))])
def test_a_check_in_by_keys(key: str, case: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 4733 keys from pjsua2 through Asterisk: degraded contact, marked; key 2 is a case for a human today."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-keys-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        record = asyncio.run(held(directory, key))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    with capsys.disabled():
        print(f"\n{record}")
    assert record["disposition"] == "contacted_degraded"
    assert record["without"] == "ears"
    assert case in record["cases"]
    assert "repair.by_keys" in record["lines"]
    assert record["broken"] == []
