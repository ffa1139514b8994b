"""Real SIP trunks: their description in TOML files, and what it may not say."""

import dataclasses
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from callbot.adapters.asterisk_config import AsteriskError
from callbot.dial.breaker import BreakerPolicy
from callbot.dial.limits import Limits
from callbot.dial.trunk_choice import TrunkPolicy
from callbot.people.numbers import BadNumber, caller_digits, may_be_dialled


@dataclass(frozen=True)
class Trunk:
    """A real SIP trunk; fields and providers are explained in docs/operations/trunk.md."""

    name: str
    host: str
    port: int = 5060
    transport: str = "udp"
    """udp, tcp or tls."""
    bind: str = "0.0.0.0:5060"
    """Address and port of ours that the carrier talks to."""
    username: str = ""
    password: str = ""
    register: bool = False
    from_domain: str = ""
    caller_number: str = ""
    """The number shown to the person, as contracted with the carrier (false numbers are an offence)."""
    caller_numbers: tuple[str, ...] = ()
    """Further numbers of the contract: a programme whose own number is among them shows that one."""
    channels: int = 0
    """Calls at the same time, as contracted; 0: no limit but `max_calls`."""
    calls_per_second: float = 0.0
    """0: no limit."""
    priority: int = 1
    """1 is dialled first; trunks of one priority share the load."""
    breaker_faults: int = 3
    """Calls in a row that fail on the trunk until nothing more is dialled on it."""
    breaker_wait_s: float = 30.0
    """From then to the first call that tries it again; doubled by each that fails, up to ten minutes."""
    codecs: str = "alaw,ulaw"
    srtp: bool = False
    match: tuple[str, ...] = ()
    """Addresses the carrier's INVITEs come from; empty: `host`."""
    external_address: str = ""
    """Our public address where we are behind NAT; empty: none."""
    local_net: str = ""
    ca_file: str = ""
    """Certificates that may sign the carrier's, for tls; empty: those of the system."""
    qualify_s: int = 60
    """Seconds between OPTIONS that find out whether the carrier is there; 0 where the carrier does not answer them."""
    number_form: str = "national"
    """How the carrier wants numbers dialled: national (01012345678) or e164 (+821012345678)."""

    def dial_string(self, e164: str) -> str:
        """What CALLBOT_DIAL is for this number.

        >>> Trunk("kt", "sip.example.com").dial_string("+821012345678")
        'PJSIP/01012345678@kt'
        """
        if not may_be_dialled(e164):
            raise AsteriskError("only Korean numbers of persons (+82...) are dialled by a trunk")
        number = e164 if self.number_form == "e164" else f"0{e164.removeprefix('+82')}"
        return f"PJSIP/{number}@{self.name}"

    @property
    def shown_numbers(self) -> tuple[str, ...]:
        """Digits of every number that may be shown, the default first; empty: any."""
        own = (self.caller_number,) if self.caller_number else ()
        return tuple(dict.fromkeys((*own, *self.caller_numbers)))

    @property
    def contact(self) -> str:
        """The carrier's SIP URI, as it stands in a configuration file."""
        return f"sip:{self.host}:{self.port}" + (f"\\;transport={self.transport}" if self.transport != "udp" else "")

    @property
    def policy(self) -> TrunkPolicy:
        """What dialling needs to know of it."""
        breaker = BreakerPolicy(faults=self.breaker_faults, wait=timedelta(seconds=self.breaker_wait_s))
        limits = Limits(self.channels, self.calls_per_second)
        return TrunkPolicy(self.name, limits, self.priority, self.shown_numbers, breaker)

    def __post_init__(self) -> None:
        """Refuse what would render into a configuration that means something else."""
        for field in dataclasses.fields(self):
            value = str(getattr(self, field.name))
            if any(char in value for char in "\r\n;[]"):
                raise AsteriskError(f"trunk {self.name!r}: {field.name} may not contain a line break, ';', '[' or ']'")
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.name) or self.name == "phones":
            raise AsteriskError(f"trunk {self.name!r}: a name is small letters, digits and '-', and not 'phones'")
        for wrong, words in _faults(self):
            if wrong:
                raise AsteriskError(f"trunk {self.name!r}: {words}")


def _faults(it: Trunk) -> list[tuple[bool, str]]:
    low = [name for name in ("channels", "calls_per_second", "qualify_s") if getattr(it, name) < 0]
    low += [name for name in ("priority", "breaker_faults", "breaker_wait_s") if getattr(it, name) <= 0]
    bad = [(number, why) for number in it.shown_numbers if (why := _refused_caller(number))]
    return [
        (it.number_form not in {"national", "e164"}, f"number_form {it.number_form!r} is neither national nor e164"),
        (it.transport not in {"udp", "tcp", "tls"}, f"transport {it.transport!r} is none of udp, tcp, tls"),
        (it.srtp and it.transport != "tls", "srtp needs transport 'tls', or the keys travel in plain text"),
        (it.register and not it.username, "register needs a username"),
        (bool(low), f"{', '.join(low)}: too small"),
        (bool(bad), f"caller number {bad[0] if bad else ''}"),
    ]


def load_trunk(file: Path) -> Trunk:
    """The trunk described in a TOML file named after it (docs/operations/trunk.md).

    Raises AsteriskError naming the file: absent, readable by others while it holds a password, unknown field.
    """
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise AsteriskError(f"{file} is absent: describe the trunk there (docs/operations/trunk.md)") from error
    except tomllib.TOMLDecodeError as error:
        raise AsteriskError(f"{file}: {error}") from error
    if values.get("password") and file.stat().st_mode & 0o077:
        raise AsteriskError(f"{file} holds a password and others may read it: chmod 600 {file}")
    unknown = values.keys() - {field.name for field in dataclasses.fields(Trunk)} | values.keys() & {"name"}
    if unknown:
        raise AsteriskError(f"{file}: unknown {', '.join(sorted(unknown))}")
    for name in ("match", "caller_numbers"):
        if name in values:
            values[name] = tuple(values[name])
    try:
        return Trunk(name=file.stem, **values)
    except TypeError as error:
        raise AsteriskError(f"{file}: a trunk needs at least `host`") from error


def load_trunks(places: Iterable[str]) -> tuple[Trunk, ...]:
    """Of files, and of every `*.toml` in directories. Raises AsteriskError."""
    files: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            inside = sorted(place.glob("*.toml"))
            if not inside:
                raise AsteriskError(f"{place} holds no *.toml: describe a trunk there (docs/operations/trunk.md)")
            files += inside
        else:
            files.append(place)
    return together([load_trunk(file) for file in files])


def together(trunks: Iterable[Trunk]) -> tuple[Trunk, ...]:
    """Trunks that can stand in one configuration. Raises AsteriskError for two of one name, or that disagree on a socket."""
    found = tuple(trunks)
    names = [trunk.name for trunk in found]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise AsteriskError(f"two trunks are called {doubled[0]!r}: a trunk has the name of its file")
    transports(found)
    return found


def transports(trunks: Iterable[Trunk]) -> dict[str, Trunk]:
    """Trunk -> the first trunk that uses the same socket of ours; its transport is theirs, too. Raises AsteriskError."""
    first: dict[tuple[str, str], Trunk] = {}
    chosen: dict[str, Trunk] = {}
    for trunk in trunks:
        mine = first.setdefault((trunk.transport, trunk.bind), trunk)
        for name in ("external_address", "local_net", "ca_file"):
            if getattr(mine, name) != getattr(trunk, name):
                raise AsteriskError(
                    f"trunks {mine.name!r} and {trunk.name!r} share {trunk.transport} {trunk.bind} and differ in {name}: "
                    "give one of them another `bind`"
                )
        chosen[trunk.name] = mine
    return chosen


def _refused_caller(number: str) -> str:
    try:
        return "" if caller_digits(number) == number else "digits only"
    except BadNumber as error:
        return str(error)
