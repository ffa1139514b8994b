"""A stored call scored again from its turns: the same turns and versions give the same bytes."""

import json
from typing import Any

from sqlalchemy import Connection

from callbot.assess.dialogue_score import score_dialogue
from callbot.cli_score import to_json
from callbot.store.call_rows import call_row, transcript
from callbot.understand.understander import Understander


def replay(connection: Connection, call_id: int, understander: Understander) -> str:
    """One line of JSON as `callbot score` writes it. Raises LookupError for a call that is not there."""
    call_row(connection, call_id)
    assessment = score_dialogue(transcript(connection, call_id), understander)
    return json.dumps(to_json(call_id, assessment), ensure_ascii=False)


def recorded(connection: Connection, call_id: int) -> tuple[str | None, dict[str, str]]:
    """The level that was recorded when the call ended, and by which versions. Raises LookupError."""
    stored: dict[str, Any] = call_row(connection, call_id).assessment or {}
    return stored.get("level"), dict(stored.get("versions") or {})
