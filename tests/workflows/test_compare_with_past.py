"""Earlier calls as the baseline; a stored call scored again."""

import json

from ledger_calls import at, dial
from ledger_fixtures import Town

from callbot.assess.assessment import assess
from callbot.converse.outcome import ContactResult
from callbot.converse.transcript import Turn
from callbot.replay import recorded, replay
from callbot.understand.meaning import Level
from callbot.workflows.compare_with_past import compare_with_past


def test_a_first_call_has_nothing_to_be_compared_with(town: Town) -> None:
    """No baseline, no signal, however slowly somebody speaks."""
    call = dial(town).answer(at(0.2)).say()
    slow = [Turn(0, "bot", "네?", audio_offset_s=0.0, seconds=1.0), Turn(1, "person", "응", audio_offset_s=30.0)]
    assert compare_with_past(town.store, call.call_id, slow) == []


def test_a_stored_call_scored_again_gives_the_same_bytes(town: Town, understander) -> None:
    """Twice from the database: byte for byte the same, with the versions that it rests on."""
    call = dial(town).answer(at(0.2)).say()
    said = [
        Turn(1, "bot", "요즘 마음은 어떠세요?", audio_offset_s=4.0, seconds=2.0),
        Turn(2, "person", "그냥 죽고 싶어요", audio_offset_s=7.0, seconds=2.0, confidence=0.9),
    ]
    for turn in said:
        call.say(turn)
    call.finish(ContactResult.CONTACTED, at(2))
    with town.store.read() as connection:
        lines = {replay(connection, call.call_id, understander) for _ in range(2)}
        assert recorded(connection, call.call_id)[0] in (None, "none", "unassessable")
    (line,) = lines
    scored = json.loads(line)
    assert (scored["id"], scored["level"]) == (call.call_id, "emergency")
    assert scored["signals"][0]["audio_offset_s"] == 7.0
    assert set(scored["versions"]) == {"assessment", "lexicon"}
    assert assess([], [], {}, []).level is Level.NONE
