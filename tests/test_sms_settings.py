"""The file that says how messages leave: secrets stay secret, and every error says what to do."""

from pathlib import Path

import pytest

from callbot.adapters.inbox import Inbox
from callbot.senders import providers
from callbot.settings import SettingsError
from callbot.sms_settings import load_sms

GOOD = """
sender = "062-123-4567"
registered_senders = ["062-123-4567"]
order = ["solapi", "sens", "nhn", "smpp", "solapi-alimtalk", "email"]
[solapi]
api_key = "K"
api_secret_file = "SECRET_FILE"
kakao_pf_id = "PF"
kakao_template_id = "T"
[sens]
access_key = "A"
secret_key = "S"
service_id = "ncp:sms:kr:1:x"
region = "gov"
[nhn]
app_key = "N"
secret_key = "S"
webhook_signature = "hook"
[smpp]
host = "127.0.0.1"
system_id = "x"
password = "pw"
[email]
host = "mail.example"
sender = "callbot@mail.example"
"""


def written(tmp_path: Path, text: str) -> Path:
    secret = tmp_path / "secret"
    secret.write_text("very-secret-value\n")
    file = tmp_path / "sms.toml"
    file.write_text(text.replace("SECRET_FILE", str(secret)))
    return file


def test_everything(tmp_path: Path) -> None:
    """All providers, in the order of failover; the secret comes from its file and is in no text of the settings."""
    sms = load_sms(written(tmp_path, GOOD))
    assert sms.solapi is not None
    assert sms.solapi.api_secret.get_secret_value() == "very-secret-value"
    assert "very-secret-value" not in repr(sms) + str(sms.model_dump())
    assert [one.name for one in providers(sms)] == ["solapi", "sens", "nhn", "smpp", "solapi-alimtalk", "email"]
    assert sms.hooked
    assert isinstance(providers(None)[0], Inbox)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('order = ["solapi"', 'order = ["twilio", "solapi"'), "없는 제공자"),
        (('order = ["solapi"', 'order = ["solapi", "solapi"'), "두 번"),
        (("[nhn]", "[nhm]"), "nhm: 없는 이름"),
        (('registered_senders = ["062-123-4567"]', "registered_senders = []"), "사전 등록"),
        (('sender = "062-123-4567"', 'sender = "0501-123-4567"'), "050"),
        (("SECRET_FILE", "/nowhere/secret"), "읽을 수 없습니다"),
        (('region = "gov"', 'region = "moon"'), "sens.region"),
        (('api_key = "K"', ""), "solapi.api_key: 빠졌습니다"),
        (("[solapi]", "[solapi"), "TOML이 아닙니다"),
    ],
)
def test_errors(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    """The place and the mend, in Korean; never the value of a secret."""
    with pytest.raises(SettingsError) as error:
        load_sms(written(tmp_path, GOOD.replace(*change, 1)))
    assert said in str(error.value)
    assert "very-secret" not in str(error.value)


def test_a_demo_sends_nowhere_but_here(tmp_path: Path) -> None:
    """Invented people have no telephones: a demo with a real provider does not start."""
    sms = load_sms(written(tmp_path, GOOD))
    with pytest.raises(SettingsError, match="시연"):
        providers(sms, demo=True)
