"""A virtual recipient misses our call and rings back: real Asterisk, Whisper and phones, one ledger."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callbot.bench_calls import RealCalls, make_calls
from callbot.settings import ROOT, load
from callbot.simulate.persona import HangUp, load_persona
from callbot.store.tables import attempts, calls, due_contacts, turns
from callbot.store.tables_incoming import incoming_calls

pytestmark = pytest.mark.timeout(280)


@pytest.fixture(scope="module")
def run() -> Iterator[RealCalls]:
    """Persona 211, called once and ringing back, until her due contact has ended."""
    with tempfile.TemporaryDirectory(prefix="callbot-back-", dir="/tmp") as name:
        directory = Path(name)
        directory.chmod(0o755)
        persona = load_persona(ROOT / "prompts" / "personas" / "211-calls-back.yaml").model_copy(
            update={"demo": True, "hang_up": HangUp(after_turns=4)}
        )
        yield make_calls(load(), [persona], directory, longest_s=240)


def test_the_call_back_is_the_contact(run: RealCalls) -> None:
    """One attempt of ours that nobody took, then hers: contacted, no case, and the ladder's next call was never placed."""
    assert run.summary["dispositions"] == {"contacted": 1}
    assert run.summary["violations"] == {}
    store = run.store()
    with store.read() as connection:
        ends = list(connection.execute(select(attempts.c.end, attempts.c.dialling_at).order_by(attempts.c.number)))
        assert [end for end, _ in ends] == ["no_answer", "person"]
        assert ends[1].dialling_at is None
        assert connection.scalar(select(incoming_calls.c.outcome)) == "check_in"
        assert connection.scalar(select(due_contacts.c.attempts_used)) == 2
        assert connection.scalar(select(calls.c.who)) == "person"
    store.close()


def test_she_was_asked_by_name_and_heard(run: RealCalls) -> None:
    """The same check-in: the notice, her name, her answers; that she hangs up after four of them changes nothing."""
    store = run.store()
    with store.read() as connection:
        lines = list(connection.scalars(select(turns.c.line_id).where(turns.c.who == "bot").order_by(turns.c.position)))
        said = list(connection.scalars(select(turns.c.text).where(turns.c.who == "person", turns.c.has_words)))
    store.close()
    assert lines[:4] == ["opening.hello", "opening.recording", "opening.identity.ask", "incoming.wish.ask"]
    assert len(said) >= 4
