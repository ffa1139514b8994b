"""What an instance is configured with: secrets, templates, trunks. No Asterisk needed."""

from pathlib import Path

import pytest

from callbot.adapters.asterisk_config import AsteriskError, read_secrets, render
from callbot.adapters.asterisk_trunk import Trunk, load_trunk


def test_secrets_are_private_and_kept(tmp_path: Path) -> None:
    """Secrets are made once, long, different from each other, and readable by the owner alone."""
    made = read_secrets(tmp_path / "secrets.json")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert read_secrets(tmp_path / "secrets.json") == made
    assert len({made.ami, made.media}) == 2
    assert min(len(made.ami), len(made.media)) >= 32


def test_a_template_with_an_unknown_name_is_named(tmp_path: Path) -> None:
    """A template that asks for what does not exist fails at rendering, by name, not in Asterisk."""
    (tmp_path / "a.conf.j2").write_text("{{ nonsense }}")
    with pytest.raises(AsteriskError, match=r"a\.conf\.j2.*nonsense"):
        render(tmp_path, tmp_path, {})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"transport": "sctp"}, "none of udp, tcp, tls"),
        ({"srtp": True}, "srtp needs transport 'tls'"),
        ({"register": True}, "register needs a username"),
        ({"password": "a\nb"}, "password may not contain"),
        ({"name": "x]\n[evil"}, "name may not contain"),
        ({"name": "phones"}, "not 'phones'"),
        ({"number_form": "local"}, "neither national nor e164"),
    ],
)
def test_a_trunk_that_cannot_be_is_refused(fields: dict[str, str | bool], words: str) -> None:
    """A trunk that would render into something else than it says is refused in one sentence."""
    with pytest.raises(AsteriskError, match=words):
        Trunk(**({"name": "kt", "host": "sip.example.com"} | fields))  # type: ignore[arg-type]


def test_a_trunk_file(tmp_path: Path) -> None:
    """A trunk is read from a TOML file named after it; its number form makes the dial string; others may not read it."""
    file = tmp_path / "kt.toml"
    file.write_text('host = "sip.example.com"\nusername = "0620000000"\npassword = "x"\nmatch = ["192.0.2.1"]\n')
    file.chmod(0o644)
    with pytest.raises(AsteriskError, match="chmod 600"):
        load_trunk(file)
    file.chmod(0o600)
    trunk = load_trunk(file)
    assert (trunk.name, trunk.match) == ("kt", ("192.0.2.1",))
    assert trunk.dial_string("+821000000001") == "PJSIP/01000000001@kt"
    with pytest.raises(AsteriskError, match="only Korean numbers of persons"):
        trunk.dial_string("+15550100000")
    file.write_text('host = "sip.example.com"\nnumber_form = "e164"\n')
    assert load_trunk(file).dial_string("+821000000001") == "PJSIP/+821000000001@kt"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hots = 'x'", "unknown hots"),
        ("port = 5060", "at least `host`"),
        ("name = 'lg'", "unknown name"),
        ("=", "kt.toml"),
    ],
)
def test_a_trunk_file_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    """A mistake in a trunk file is one sentence naming the file and the mistake."""
    (tmp_path / "kt.toml").write_text(text)
    with pytest.raises(AsteriskError, match=words):
        load_trunk(tmp_path / "kt.toml")
