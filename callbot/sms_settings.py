"""How this installation sends: one TOML file, named by the setting `sms` (docs/operations/sms.md). Secrets may stand in files.

Every error is a Korean sentence that names the place and the mend; no secret is ever part of one.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from callbot.escalate.sms_fit import Unfit, check_sender
from callbot.settings import SettingsError

NAMES = ("solapi", "solapi-alimtalk", "sens", "nhn", "smpp", "voice", "email")
_SMS = frozenset({"solapi", "solapi-alimtalk", "sens", "nhn", "smpp"})


class Part(BaseModel):
    """A section. A key `x_file` names a file that holds the secret `x`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        read = dict(values)
        for key in [key for key in values if key.endswith("_file") and key not in cls.model_fields]:
            path = Path(str(read.pop(key)))
            try:
                read[key.removesuffix("_file")] = path.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"{key}: {path} 파일을 읽을 수 없습니다") from error
        return read


class SolapiPart(Part):
    """https://console.solapi.com"""

    api_key: str
    api_secret: SecretStr
    webhook_secret: SecretStr = SecretStr("")
    base_url: str = "https://api.solapi.com"
    kakao_pf_id: str = ""
    kakao_template_id: str = ""


class SensPart(Part):
    """Naver Cloud, Simple & Easy Notification Service."""

    access_key: str
    secret_key: SecretStr
    service_id: str
    region: Literal["public", "gov"] = "public"
    base_url: str = ""


class NhnPart(Part):
    """NHN Cloud, Notification > SMS."""

    app_key: str
    secret_key: SecretStr
    webhook_signature: SecretStr = SecretStr("")
    base_url: str = "https://api-sms.cloud.toast.com"


class SmppPart(Part):
    """A carrier's or reseller's SMSC."""

    host: str
    port: int = Field(2775, ge=1, le=65535)
    system_id: str
    password: SecretStr
    system_type: str = ""
    tls: bool = False
    encoding: Literal["ucs2", "cp949"] = "ucs2"
    enquire_s: float = Field(30.0, gt=0)
    answer_s: float = Field(8.0, gt=0, le=30)


class EmailPart(Part):
    """The district's mail server."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    sender: str
    user: str = ""
    password: SecretStr = SecretStr("")
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""


class VoicePart(Part):
    """Our own Asterisk calls the worker."""

    ring_s: float = Field(25.0, gt=0)


class HooksPart(Part):
    """Where providers report to; a reverse proxy with TLS stands before it."""

    host: str = "127.0.0.1"
    port: int = Field(8471, ge=0, le=65535)


class SmsSettings(Part):
    """The file."""

    sender: str = ""
    registered_senders: tuple[str, ...] = ()
    order: tuple[str, ...]
    """Failover, the first is tried first."""
    timeout_s: float = Field(8.0, gt=0, le=30)
    """For one answer of a provider."""
    hooks: HooksPart = HooksPart()
    solapi: SolapiPart | None = None
    sens: SensPart | None = None
    nhn: NhnPart | None = None
    smpp: SmppPart | None = None
    email: EmailPart | None = None
    voice: VoicePart = VoicePart()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in self.order:
            if name not in NAMES:
                raise ValueError(f"order: {name!r}은(는) 없는 제공자입니다. 있는 것: {', '.join(NAMES)}")
            section = "solapi" if name == "solapi-alimtalk" else name
            if getattr(self, section) is None:
                raise ValueError(f"order에 {name}이(가) 있는데 [{section}] 항목이 없습니다")
        if len(set(self.order)) != len(self.order):
            raise ValueError("order에 같은 제공자가 두 번 있습니다")
        if "solapi-alimtalk" in self.order and not (self.solapi and self.solapi.kakao_template_id):
            raise ValueError("알림톡에는 [solapi]의 kakao_pf_id와 kakao_template_id가 있어야 합니다")
        if _SMS & set(self.order):
            try:
                check_sender(self.sender, self.registered_senders)
            except Unfit as error:
                raise ValueError(str(error)) from error
        return self

    @property
    def sender_digits(self) -> str:
        """As providers want it."""
        return "".join(filter(str.isdigit, self.sender))

    @property
    def hooked(self) -> bool:
        """Whether any provider reports by calling us."""
        by_solapi = self.solapi is not None and bool(self.solapi.webhook_secret.get_secret_value())
        by_nhn = self.nhn is not None and bool(self.nhn.webhook_signature.get_secret_value())
        return (by_solapi and bool({"solapi", "solapi-alimtalk"} & set(self.order))) or (by_nhn and "nhn" in self.order)


def load_sms(file: Path) -> SmsSettings:
    """Raises SettingsError."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
        return SmsSettings(**values)
    except OSError as error:
        raise SettingsError(f"문자 설정 {file}을(를) 읽을 수 없습니다({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"문자 설정 {file}이(가) TOML이 아닙니다({error}). 그 줄을 고쳐 주세요.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]  # the input may be a secret
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = "없는 이름입니다. 철자를 확인해 주세요"
        elif first["type"] == "missing":
            said = "빠졌습니다. 넣어 주세요"
        raise SettingsError(f"문자 설정 {file} {place}: {said}." if place else f"문자 설정 {file}: {said}") from error
