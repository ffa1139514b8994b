"""What an Asterisk instance is configured with, and how dialplans/*.j2 become its etc/ directory."""

import dataclasses
import json
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

AMI_USER = "callbot"
MEDIA_USER = "asterisk"
MAX_CALL_S = 1800
"""A call nobody ends is ended by Asterisk after this long (Dial's S option)."""
RTP_TIMEOUT_S = 30
"""Seconds without a packet from the person before the line counts as dead (Hangup cause 44)."""


class AsteriskError(RuntimeError):
    """Asterisk cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class AsteriskPorts:
    """The ports of one instance, all on loopback unless a trunk is configured."""

    sip: int
    ami: int
    rtp_start: int
    rtp_end: int


@dataclass(frozen=True)
class Secrets:
    """Made once per instance and kept, so that a restarted service still knows a running Asterisk."""

    ami: str
    media: str


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
        if not re.fullmatch(r"\+82\d{8,10}", e164):
            raise AsteriskError("only Korean numbers (+82...) are dialled by a trunk")
        number = e164 if self.number_form == "e164" else f"0{e164.removeprefix('+82')}"
        return f"PJSIP/{number}@{self.name}"

    def __post_init__(self) -> None:
        """Refuse what would render into a configuration that means something else."""
        for field in dataclasses.fields(self):
            value = str(getattr(self, field.name))
            if any(char in value for char in "\r\n;[]"):
                raise AsteriskError(f"trunk {self.name!r}: {field.name} may not contain a line break, ';', '[' or ']'")
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.name) or self.name == "phones":
            raise AsteriskError(f"trunk {self.name!r}: a name is small letters, digits and '-', and not 'phones'")
        if self.number_form not in {"national", "e164"}:
            raise AsteriskError(f"trunk {self.name!r}: number_form {self.number_form!r} is neither national nor e164")
        if self.transport not in {"udp", "tcp", "tls"}:
            raise AsteriskError(f"trunk {self.name!r}: transport {self.transport!r} is none of udp, tcp, tls")
        if self.srtp and self.transport != "tls":
            raise AsteriskError(f"trunk {self.name!r}: srtp needs transport 'tls', or the keys travel in plain text")
        if self.register and not self.username:
            raise AsteriskError(f"trunk {self.name!r}: register needs a username")


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
    if "match" in values:
        values["match"] = tuple(values["match"])
    try:
        return Trunk(name=file.stem, **values)
    except TypeError as error:
        raise AsteriskError(f"{file}: a trunk needs at least `host`") from error


def read_secrets(file: Path) -> Secrets:
    """The secrets in `file`, which is made (0600) when it is not there."""
    if file.exists():
        return Secrets(**json.loads(file.read_text("utf-8")))
    made = Secrets(ami=secrets.token_urlsafe(24), media=secrets.token_urlsafe(24))
    write_private(file, json.dumps(dataclasses.asdict(made)))
    return made


def write_private(file: Path, text: str) -> None:
    """Write with mode 0600 from the first byte on, all or nothing."""
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600, exist_ok=False)
    half.write_text(text, "utf-8")
    half.replace(file)


def render(dialplans: Path, etc: Path, values: dict[str, Any]) -> None:
    """Render every template for a whole file (`*.conf.j2`; names starting with `_` are parts) into `etc`.

    Raises AsteriskError naming the template for an unknown variable or broken syntax.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(dialplans),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Asterisk configuration, not HTML; Trunk refuses what could break out
    )
    templates = sorted(path.name for path in dialplans.glob("*.conf.j2") if not path.name.startswith("_"))
    if not templates:
        raise AsteriskError(f"no *.conf.j2 in {dialplans}: check the setting dialplans_dir")
    for name in templates:
        try:
            text = environment.get_template(name).render(values)
        except jinja2.TemplateError as error:
            raise AsteriskError(f"dialplans/{name} cannot be rendered: {error}") from error
        write_private(etc / name.removesuffix(".j2"), text)
