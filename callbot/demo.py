"""The world of `make run`: a week of seconds, eight invented people with real phones, a ledger of its own."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from callbot.adapters.clock import OffsetClock, tuesday_morning
from callbot.adapters.korean_holidays import korean_holidays
from callbot.cli_phones import farm_for
from callbot.converse.script import Script
from callbot.escalate.bundling import Paging
from callbot.escalate.policy import DEFAULT as POLICY
from callbot.people.enrolment import Enrolment
from callbot.people.numbers import parse_number
from callbot.people.person import AddressForm
from callbot.people.team import Role
from callbot.schedule.ladder import RetryCause, RetryLadder, Rung
from callbot.settings import Settings
from callbot.simulate.farm import PhoneFarm
from callbot.simulate.persona import Persona, PersonaError, load_personas
from callbot.store.database import Store
from callbot.store.migrate import migrate
from callbot.store.paging_rows import set_paging
from callbot.store.policy_rows import add_programme, add_worker, programme_id_named, publish_ladder, publish_policy
from callbot.store.tick_rows import remember, remembered
from callbot.workflows.import_people import import_people

KEPT = 3
"""Ledgers of earlier demos that are not thrown away."""
RING_S = 10.0
LADDER = RetryLadder(
    name="시연 3회",
    rungs=(
        Rung(do="call_again", after={RetryCause.DEFAULT: 8, RetryCause.BUSY: 5, RetryCause.ASKED: 10}),
        Rung(do="call_again", after={RetryCause.DEFAULT: 10, RetryCause.BUSY: 6, RetryCause.ASKED: 12}),
    ),
    spare_after=5,
)
"""Three attempts, the rungs in seconds; the clock itself runs at its normal speed."""
DIGESTS = tuple(time(hour, minute) for hour in (10, 11) for minute in range(60))
"""Routine matters are told every minute, not at half past nine."""
PROGRAMME = "시연"
OFFSET = "demo_clock_offset_s"


@dataclass(frozen=True)
class Demo:
    """A world ready to be served."""

    settings: Settings
    directory: Path
    store: Store
    clock: OffsetClock
    personas: tuple[Persona, ...]

    def farm(self, script: Script | None = None) -> PhoneFarm:
        """The phones of its people, who know the lines of `script` (None: the weekly check-in)."""
        return farm_for(self.settings, list(self.personas), self.directory / "phones", script=script)


def prepare(settings: Settings, *, numbers: tuple[str, ...] = (), resume: bool = False, name: str = "demo") -> Demo:
    """A fresh ledger with everybody enrolled, or (`resume`) the last one, as a restart after a crash finds it.

    `numbers`: personas by the end of their number (101); none: those marked for the demo. `name`: its folder.
    """
    chosen = _chosen(settings, numbers)
    directory = settings.data_dir / name
    if not resume:
        _put_aside(directory)
    directory.mkdir(parents=True, exist_ok=True)
    settings = settings.model_copy(
        update={
            "database_url": f"sqlite:///{directory / 'callbot.db'}" if _embedded(settings) else settings.database_url,
            "key_file": directory / "keys.json",
            "ring_s": RING_S,
        }
    )
    store = migrate(settings.database, settings.keys, datetime.now(UTC)).store
    clock = _clock(store)
    with store.read() as connection:
        known = programme_id_named(connection, PROGRAMME)
    if known is None:
        _enrol(store, settings, chosen, clock.now())
    return Demo(settings, directory, store, clock, chosen)


def _chosen(settings: Settings, numbers: tuple[str, ...]) -> tuple[Persona, ...]:
    """Raises PersonaError where there is nobody, before anything is made or put aside."""
    everybody = load_personas(settings.prompts_dir / "personas", demo_only=not numbers)
    for wanted in numbers:
        if not any(one.number.endswith(wanted) for one in everybody):
            known = ", ".join(one.number for one in everybody)
            raise PersonaError(f"{wanted}(으)로 끝나는 번호의 가상 수신자가 없습니다. 있는 번호: {known}.")
    chosen = tuple(one for one in everybody if not numbers or one.number.endswith(numbers))
    if not chosen:
        raise PersonaError(
            f"{settings.prompts_dir / 'personas'}: 시연할 가상 수신자가 없습니다. CALLBOT_PROMPTS_DIR을 확인해 주세요."
        )
    return chosen


def _embedded(settings: Settings) -> bool:
    return not settings.database_url


def _clock(store: Store) -> OffsetClock:
    """Tuesday, ten o'clock; after a restart the same offset, so that time does not go back."""
    with store.write() as connection:
        kept = remembered(connection, OFFSET)
        if kept is not None:
            return OffsetClock(timedelta(seconds=float(kept)))
        now = datetime.now(UTC)
        holidays = frozenset(day.isoformat() for day in korean_holidays({now.year - 1, now.year, now.year + 1}))
        offset = tuesday_morning(now, holidays=holidays)
        remember(connection, OFFSET, str(offset.total_seconds()).encode())
        return OffsetClock(offset)


def _enrol(store: Store, settings: Settings, personas: tuple[Persona, ...], now: datetime) -> None:
    with store.write() as connection:
        ladder_id = publish_ladder(connection, LADDER, now)
        policy_id = publish_policy(connection, POLICY, now)
        programme_id = add_programme(
            connection,
            PROGRAMME,
            settings.district,
            settings.caller_number,
            retry_ladder_id=ladder_id,
            escalation_policy_id=policy_id,
        )
        set_paging(connection, programme_id, Paging(digest_times=DIGESTS), now)
        for name, role, phone in (
            ("한지원", Role.CASEWORKER, "010-0000-9001"),
            ("오정민", Role.LEAD, "010-0000-9002"),
            ("당직실", Role.DUTY, "010-0000-9003"),
            ("서유진", Role.SUPERVISOR, "010-0000-9004"),
        ):
            add_worker(
                connection, store.keys, name=name, role=role, phone=parse_number(phone), programme_id=programme_id
            )
    import_people(store, [_enrolment(persona) for persona in personas], now, programme_id, by="demo")


def _enrolment(persona: Persona) -> Enrolment:
    """The person behind a persona; the address is invented too."""
    tail = persona.number[-4:]
    return Enrolment(
        name=persona.name,
        numbers=(parse_number(persona.number),),
        reference=f"demo-{tail}",
        address=f"광주 동구 시연로 {int(tail) % 100}",
        birth_year=1969 if persona.address == "님" else 1940 + int(tail) % 9,
        address_form=AddressForm(persona.address),
        weekdays=(2,),
        consent=True,
        worker="한지원",
    )


def _put_aside(directory: Path) -> None:
    """An earlier demo's ledger is kept beside, the oldest go."""
    if not (directory / "callbot.db").exists():
        return
    old = directory.with_name(f"{directory.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    asterisk = directory / "asterisk"
    directory.rename(old)
    directory.mkdir(parents=True)
    if (old / "asterisk").exists():  # its secrets and a running instance stay where they are
        (old / "asterisk").rename(asterisk)
    earlier = sorted(directory.parent.glob(f"{directory.name}-2*"))
    for gone in earlier[:-KEPT]:
        shutil.rmtree(gone, ignore_errors=True)
