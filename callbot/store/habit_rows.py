"""How a person speaks and hears, as their calls and workers taught us."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from callbot.listen.pause_model import KEPT, usable
from callbot.people.hearing_aid import HearingAid, aid_of
from callbot.store.tables import persons


def learn_habits(connection: Connection, person_id: int, pauses_s: Sequence[float], aid: HearingAid | None) -> None:
    """After a call with the person themselves: how they paused, and how we had to speak in the end."""
    learn_pauses(connection, person_id, pauses_s)
    if aid is not None and aid != aid_for(connection, person_id):
        keep_aid(connection, person_id, aid)


def learn_pauses(connection: Connection, person_id: int, pauses_s: Sequence[float]) -> None:
    """Add the pauses of one call; the oldest make room."""
    new = usable(pauses_s)
    if not new:
        return
    known = connection.scalar(select(persons.c.pauses).where(persons.c.id == person_id)) or []
    values = {"pauses": [*known, *new][-KEPT:]}
    connection.execute(update(persons).where(persons.c.id == person_id).values(**values))


def forget_pauses(connection: Connection, person_id: int) -> None:
    """The person is a stranger again."""
    connection.execute(update(persons).where(persons.c.id == person_id).values(pauses=None))


def aid_for(connection: Connection, person_id: int) -> HearingAid:
    """How the person is spoken to."""
    asked = select(persons.c.speech_speed, persons.c.louder_db, persons.c.hard_of_hearing)
    row = connection.execute(asked.where(persons.c.id == person_id)).one()
    return aid_of(row.speech_speed, row.louder_db, hard_of_hearing=row.hard_of_hearing)


def pauses_known(connection: Connection, person_id: int) -> tuple[float, ...]:
    """Newest last."""
    return tuple(connection.scalar(select(persons.c.pauses).where(persons.c.id == person_id)) or ())


def keep_aid(connection: Connection, person_id: int, aid: HearingAid) -> None:
    """Speak to the person like this from now on."""
    values = {"speech_speed": aid.speed, "louder_db": aid.louder_db}
    connection.execute(update(persons).where(persons.c.id == person_id).values(**values))
