"""A worker sets how a person is spoken to, or makes us forget how they pause."""

from datetime import datetime

from callbot.people.hearing_aid import HearingAid
from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.habit_rows import forget_pauses, keep_aid


def change_habits(
    store: Store, person_id: int, aid: HearingAid, now: datetime, *, by: str, forget: bool = False
) -> None:
    """From the next call on. `forget`: pauses are learned anew."""
    with store.write() as connection:
        keep_aid(connection, person_id, aid)
        if forget:
            forget_pauses(connection, person_id)
        detail = f"speed {aid.speed:g}, +{aid.louder_db:g} dB{', pauses forgotten' if forget else ''}"
        add_audit(connection, now, by, "change_habits", subject="person", subject_id=person_id, detail=detail)
