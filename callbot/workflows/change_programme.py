"""Edit a programme, its ladder, and the days that count as holidays."""

from dataclasses import dataclass
from datetime import date, datetime

from callbot.schedule.ladder import RetryLadder
from callbot.store.audit_rows import add_audit
from callbot.store.calendar_rows import OwnHoliday, forget_own_day, set_own_day
from callbot.store.database import Store
from callbot.store.policy_rows import publish_ladder
from callbot.store.programme_rows import change_programme, ladder_row, programme_rows, put_in_force, use_script


@dataclass(frozen=True)
class ProgrammeWish:
    """As it was filled in."""

    window_from: str
    window_until: str
    holiday_rule: str
    holiday_rounds: tuple[str, ...]
    ladder_id: int | None
    ring_s: float | None = None
    """Seconds; None: the installation's setting."""
    script_name: str | None = None
    """None: it stays."""


def edit_programme(store: Store, programme_id: int, wish: ProgrammeWish, now: datetime, *, by: str) -> int:
    """Hours take effect at the next look at each contact, holidays at the next planning, the ladder for every contact that
    nobody has tried yet; how many those are. Raises LookupError where programme or ladder are gone."""
    with store.write() as connection:
        ladder = ladder_row(connection, wish.ladder_id)
        before = programme_rows(connection, programme_id)
        if ladder is None or not before:
            raise LookupError(f"no programme {programme_id} or no ladder {wish.ladder_id}")
        change_programme(
            connection,
            programme_id,
            window_from=wish.window_from,
            window_until=wish.window_until,
            holiday_rule=wish.holiday_rule,
            holiday_rounds=list(wish.holiday_rounds),
            retry_ladder_id=wish.ladder_id,
            ring_s=wish.ring_s,
            script_name=wish.script_name or before[0].script_name,
        )
        if wish.script_name not in {None, before[0].script_name}:
            use_script(connection, programme_id, before[0].script_name, wish.script_name)
        detail = f"{before[0]} -> {wish}"
        add_audit(connection, now, by, "edit_programme", subject="programme", subject_id=programme_id, detail=detail)
        if before[0].ladder_id == wish.ladder_id:
            return 0
        return put_in_force(connection, programme_id, ladder.ladder)


def new_ladder(store: Store, ladder: RetryLadder, now: datetime, *, by: str) -> int:
    """A new version under its name; programmes that use an older one go on using it until they are told otherwise."""
    with store.write() as connection:
        ladder_id = publish_ladder(connection, ladder, now)
        detail = ladder.model_dump_json()
        add_audit(connection, now, by, "publish_ladder", subject="ladder", subject_id=ladder_id, detail=detail)
        return ladder_id


def own_day(store: Store, day: date, name: str, now: datetime, *, free: bool, by: str) -> None:
    """A temporary holiday, or a holiday that is worked. It counts from the next planning on."""
    with store.write() as connection:
        set_own_day(connection, OwnHoliday(day, name, free))
        add_audit(connection, now, by, "own_holiday", subject="day", detail=f"{day} {name} {free}")


def no_own_day(store: Store, day: date, now: datetime, *, by: str) -> None:
    """The calendar's word holds again."""
    with store.write() as connection:
        forget_own_day(connection, day)
        add_audit(connection, now, by, "forget_own_holiday", subject="day", detail=f"{day}")
