"""What an Asterisk instance is configured with, and how dialplans/*.j2 become its etc/ directory."""

import dataclasses
import json
import secrets
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
