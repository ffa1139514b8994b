"""What the console is given."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from callbot.console.passwords import Passwords
from callbot.sms_trial import Trial
from callbot.store.database import Store
from callbot.understand.understander import Understander


def wall_clock() -> datetime:
    """Now, whatever the demonstration's clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class ConsoleDeps:
    """Handed in by the service; nothing here is read from the environment."""

    store: Store
    clock: Callable[[], datetime]
    """The ledger's clock (offset in a demonstration): decides what "today" is."""
    recordings_dir: Path
    """Nothing outside it is ever served."""
    district: str
    sms_ready: bool = False
    """A provider of text messages is configured."""
    sms_providers: tuple[str, ...] = ()
    """In the order of failover."""
    try_sms: Callable[[str, str, datetime], Awaitable[Trial]] | None = None
    """(provider, number, now): the test send. Raises SettingsError, BadNumber. None: no provider is configured."""
    demo: bool = False
    https: bool = False
    """Reached through TLS: cookies are Secure."""
    wall: Callable[[], datetime] = wall_clock
    """Sessions and the access log: real time."""
    idle: timedelta = timedelta(minutes=30)
    lifetime: timedelta = timedelta(hours=12)
    passwords: Passwords = field(default_factory=Passwords)
    refresh_s: float = 4.0
    """How often the board is fetched anew."""
    holidays: Callable[[int], Mapping[date, str]] = lambda _year: {}
    """Public holidays of a year and its neighbours: date -> Korean name."""
    channels: int = 3
    """Calls at the same time on this installation: what a campaign's forecast may count on."""
    scripts: tuple[str, ...] = ("weekly-checkin",)
    """Names of the scripts that a campaign may use."""
    understander: Callable[[], Understander] | None = None
    """The rules and the analyser, for the page of rules; the first call may take seconds. None: there is no such page."""
    wake: Callable[[], None] = lambda: None
    """Called on the event loop after a case or hold was changed: a commit that makes work wakes its worker."""
