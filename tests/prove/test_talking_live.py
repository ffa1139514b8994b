"""Calls with people who are not easy to talk with, through real Asterisk, Whisper and phones: `make prove`, about four minutes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callbot.bench_calls import RealCalls, make_calls
from callbot.settings import ROOT, load
from callbot.simulate.persona import load_personas
from callbot.store.tables import attempts, calls, due_contacts, persons, turns

pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]

HARD_OF_HEARING, TALKS_OVER, KEYS_ONLY, THINKS_ALOUD = "0207", "0210", "0212", "0213"


def called(*numbers: str) -> Iterator[RealCalls]:
    """These people are called once, at the same time."""
    people = [one for one in load_personas(ROOT / "prompts" / "personas") if one.number[-4:] in numbers]
    directory = Path(tempfile.mkdtemp(prefix="callbot-talk-", dir="/tmp"))
    directory.chmod(0o755)
    voice = load().data_dir / "voice"
    voice.mkdir(parents=True, exist_ok=True)
    (directory / "voice").symlink_to(voice)
    try:
        yield make_calls(load(), [one.model_copy(update={"demo": True}) for one in people], directory, at_once=2)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def talkers() -> Iterator[RealCalls]:
    """Two who talk in their own way."""
    yield from called(TALKS_OVER, THINKS_ALOUD)


@pytest.fixture(scope="module")
def listeners() -> Iterator[RealCalls]:
    """Two who hear badly or do not speak."""
    yield from called(HARD_OF_HEARING, KEYS_ONLY)


def person(run: RealCalls, number: str) -> Any:
    """The person's row."""
    with run.store().read() as connection:
        return connection.execute(sa.select(persons).where(persons.c.reference == f"demo-{number}")).one()


def said(run: RealCalls, number: str, who: str) -> list[Any]:
    """Turns of the person's first call, in order."""
    with run.store().read() as connection:
        rows = connection.execute(
            sa.select(turns)
            .join(calls, calls.c.id == turns.c.call_id)
            .join(persons, persons.c.id == calls.c.person_id)
            .where(persons.c.reference == f"demo-{number}", turns.c.who == who)
            .order_by(calls.c.id, turns.c.position)
        )
        return list(rows)


def disposition(run: RealCalls, number: str) -> str:
    """Of the due contact."""
    with run.store().read() as connection:
        asked = (
            sa.select(due_contacts.c.disposition)
            .join(attempts, attempts.c.due_contact_id == due_contacts.c.id)
            .where(due_contacts.c.person_id == person(run, number).id)
        )
        return str(connection.scalars(asked).first())


def test_who_talks_over_us_is_let_speak(talkers: RealCalls) -> None:
    """Our line stops at the phone within 0.8 s of the first word spoken over it, and the record says how far it was heard."""
    events = talkers.calls()["010-0000-0210", 0]
    broken = [event for event in events if event["event"] == "bot_silent" and not event["whole"]]
    assert broken
    cut = [row for row in said(talkers, TALKS_OVER, "bot") if row.said_until_s is not None]
    assert len(cut) >= len(broken)
    assert all(0 < row.said_until_s < row.seconds and row.line_id for row in cut)
    assert disposition(talkers, TALKS_OVER) == "contacted"


def test_who_thinks_aloud_is_not_cut_off(talkers: RealCalls) -> None:
    """Pauses of 1.2 to 2 s inside a sentence: the bot is silent in every one of them, and they are remembered."""
    events = talkers.calls()["010-0000-0213", 0]
    spoken = [(e["t"], e["t"] + e["seconds"]) for e in events if e["event"] == "says" and e.get("seconds", 0) > 3.0]
    began = [event["t"] for event in events if event["event"] == "bot_speaks"]
    assert len(spoken) >= 3
    assert not [at for at in began for first, last in spoken if first + 0.3 < at < last - 0.05]
    assert max(person(talkers, THINKS_ALOUD).pauses) > 1.0
    assert disposition(talkers, THINKS_ALOUD) == "contacted"


def test_who_hears_badly_is_spoken_to_slower_and_louder(listeners: RealCalls) -> None:
    """After "안 들려요" the phone hears our lines slower and louder (other clips of the same lines), and the next call begins so."""
    events = listeners.calls()["010-0000-0207", 0]
    heard = [str(event["clip"]) for event in events if event["event"] == "bot_silent" and event.get("clip")]
    assert any("@0#" in clip for clip in heard)
    assert any("@1#" in clip or "@2#" in clip for clip in heard)
    row = person(listeners, HARD_OF_HEARING)
    assert row.speech_speed < 1.0
    assert row.louder_db >= 3.0
    assert disposition(listeners, HARD_OF_HEARING) == "contacted"


def test_keys_alone_are_a_contact_that_a_human_sees(listeners: RealCalls) -> None:
    """Not a word, only keys that were asked for: contacted, degraded; never taken for words."""
    assert disposition(listeners, KEYS_ONLY) == "contacted_degraded"
    assert [event for event in listeners.calls()["010-0000-0212", 0] if event["event"] == "pressed"]
