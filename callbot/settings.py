"""Settings, read once at start: environment `CALLBOT_*` over `callbot.toml` over the defaults here."""

import os
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from callbot.people.numbers import caller_digits

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: dialplans/, prompts/ and migrations/ lie here."""


RTP_PORTS = 20
"""A call takes two on each leg."""


class SettingsError(ValueError):
    """A setting cannot be used; the message names it, its value and the mend."""


class Settings(BaseModel):
    """Everything an operator may choose. Paths are absolute after `load`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = ROOT / ".state"
    """Database, keys, recordings, voice cache, Asterisk instance."""
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in data_dir."""
    key_file: Path | None = None
    """Data keys; None: data_dir/keys.json. Back it up: without it nothing can be read."""
    asterisk_prefix: Path = ROOT / ".asterisk"
    models_dir: Path = ROOT / ".models"
    whisper_model: str = "whisper-base"
    """A directory (absolute, or under models_dir) holding a CTranslate2 Whisper model."""
    prompts_dir: Path = ROOT / "prompts"
    dialplans_dir: Path = ROOT / "dialplans"

    sip_port: int = Field(5160, ge=1, le=65535)
    ami_port: int = Field(5138, ge=1, le=65535)
    media_port: int = Field(9193, ge=1, le=65535)
    console_port: int = Field(8470, ge=1, le=65535)
    console_host: str = "127.0.0.1"
    public_url: str = ""
    """Where workers reach the console from their telephones, e.g. https://ansim.example.kr: the link in a page. Short, because
    an SMS has 90 bytes. Empty: pages carry no link."""
    phones_port: int = Field(5170, ge=1, le=65535)
    """First SIP port of the virtual recipients; each phone process takes the next one."""
    rtp_start: int = Field(21000, ge=1024, le=65000)
    rtp_end: int = Field(21999, ge=1024, le=65535)

    node: str = "line-1"
    """Name of this process in leases: the same after a restart, different for every process on one database."""
    trunk: tuple[str, ...] = ()
    """TOML files of trunks, or directories of such (docs/operations/trunk.md); in the environment separated by commas.
    Empty: only virtual numbers can be dialled."""
    sms: str = ""
    """TOML file of the SMS providers (docs/operations/sms.md). Empty: pages stand on the inbox page and say 미발송."""
    caller_number: str = "062-000-0000"
    """The number shown to the person, and named in the closing as the one to call back."""
    district: str = "광주광역시 동구청"
    max_calls: int = Field(3, ge=1)
    """Simultaneous calls of this process. On 2 cores with Whisper base, more than 3 makes answers late."""
    installation_calls: int = Field(0, ge=0)
    """Simultaneous calls on trunks of all processes on this database together; 0: what the trunks allow."""
    installation_calls_per_second: float = Field(0.0, ge=0)
    """New calls a second on all trunks together; 0: what the trunks allow."""
    least_free_gb: float = Field(0.5, ge=0)
    """With less room in data_dir no new call is placed: it could not be recorded."""
    drain_s: float = Field(300.0, ge=0)
    """How long running calls may go on after SIGTERM; then the person hears the apology and the ladder goes on."""
    max_incoming: int = Field(2, ge=0)
    """Simultaneous calls that come to us, beside those that we place; one more hears the recorded notice."""
    ring_s: float = Field(30.0, gt=0)
    voice: str = "jf_nezumi"
    voice_speed: float = 0.9
    watch: bool = True
    """`serve` starts the watch (a process that outlives it) where none runs. False: it has a unit of its own."""
    watch_port: int = Field(8471, ge=1, le=65535)
    """Where the watch shows its state, and 오늘 전화하지 못한 분 behind a console log-in."""
    watch_host: str = "127.0.0.1"
    watch_url: str = ""
    """The address of that page as a caseworker reaches it; named in the watch's SMS. Empty: http://watch_host:watch_port."""
    watch_numbers: str = ""
    """Whom the watch pages besides duty room, leads and supervisors: telephone numbers, separated by commas."""
    watch_numbers_in_sms: bool = False
    """The watch's list by SMS names full telephone numbers (names stay masked)."""
    llm: str = ""
    """Name of a language model behind an OpenAI-compatible chat.completions (docs/operations/model.md). Empty: none, and no word
    leaves the machine."""
    llm_url: str = "http://127.0.0.1:8000/v1"
    """Its server; the default is where vLLM listens. What is sent there is masked, but it is what people said."""
    llm_key: SecretStr = SecretStr("")
    llm_deadline_s: float = Field(2.5, ge=0.2, le=10)
    """For one turn, all together; after it the script goes on with its own words."""
    llm_speaks: bool = True
    """Sentences of the model are spoken where the voice can make them in time. False: it only chooses and takes notes."""
    llm_opinion: bool = True
    """The model of `llm` reads each call after its end, masked, and may raise its level to high at most. False: it is not asked."""
    llm_opinion_s: float = Field(20.0, ge=1, le=120)
    """For one call, all together. Nobody waits for it."""
    ears_workers: int = Field(2, ge=1)
    ears_threads: int = Field(1, ge=1)

    @field_validator("caller_number")
    @classmethod
    def _may_be_shown(cls, value: str) -> str:
        caller_digits(value)
        return value

    @field_validator("trunk", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _rtp_range(self) -> Self:
        if self.rtp_end < self.rtp_start + RTP_PORTS:
            message = f"rtp_end {self.rtp_end} must be at least {RTP_PORTS} above rtp_start {self.rtp_start}"
            raise ValueError(message)
        return self

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'callbot.db'}"

    @property
    def keys(self) -> Path:
        """The key file in force."""
        return self.key_file or self.data_dir / "keys.json"

    @property
    def whisper_dir(self) -> Path:
        """The directory of the recogniser's weights."""
        return self.models_dir / self.whisper_model


def load(environ: dict[str, str] | None = None, file: Path | None = None, **overrides: Any) -> Settings:
    """Settings in force.

    >>> load({"CALLBOT_SIP_PORT": "5999"}).sip_port
    5999

    Raises SettingsError for an unknown key or an impossible value.
    """
    environ = dict(os.environ) if environ is None else environ
    named = environ.get("CALLBOT_CONFIG")
    file = file or Path(named or ROOT / "callbot.toml")
    values = _read(file) if named or file.exists() else {}
    values |= {
        key.removeprefix("CALLBOT_").lower(): value
        for key, value in environ.items()
        if key.startswith("CALLBOT_") and key != "CALLBOT_CONFIG"
    }
    values |= overrides
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(_fault(error)) from error
    return settings.model_copy(update={"data_dir": settings.data_dir.resolve()})


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"설정 파일 {file}을(를) 읽을 수 없습니다({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"설정 파일 {file}이(가) TOML이 아닙니다({error}). 그 줄을 고쳐 주세요.") from error


def _fault(error: ValidationError) -> str:
    first = error.errors()[0]
    if not first["loc"]:
        return f"설정이 서로 맞지 않습니다: {first['msg'].removeprefix('Value error, ')} (CALLBOT_RTP_START, CALLBOT_RTP_END)"
    name = ".".join(str(part) for part in first["loc"])
    where = f"{name} (CALLBOT_{name.upper()})"
    if first["type"] == "extra_forbidden":
        return f"설정 {where}: 없는 이름입니다. 철자를 확인해 주세요. 있는 이름: callbot/settings.py"
    return f"설정 {where}: 쓸 수 없는 값입니다: {first.get('input')!r} ({first['msg']})"
