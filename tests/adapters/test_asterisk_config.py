"""What an instance is configured with: secrets, templates, trunks. No Asterisk needed."""

from pathlib import Path

import pytest

from callbot.adapters.asterisk_config import AsteriskError, read_secrets, render
from callbot.adapters.asterisk_trunk import Trunk, load_trunk, load_trunks, together, transports
from callbot.adapters.asterisk_trunk_status import _reachable
from callbot.dial.limits import Limits


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
        ({"channels": -1}, "channels: too small"),
        ({"priority": 0}, "priority: too small"),
        ({"breaker_faults": 0}, "breaker_faults: too small"),
        ({"caller_number": "0505000000"}, "050"),
        ({"caller_numbers": ("062-000-0000",)}, "digits only"),
        ({"caller_numbers": ("119",)}, "발신번호"),
    ],
)
def test_a_trunk_that_cannot_be_is_refused(fields: dict[str, object], words: str) -> None:
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


def test_several_trunks(tmp_path: Path) -> None:
    """A directory, files, or both; each by the name of its file; none twice; an empty directory is said."""
    inside = tmp_path / "trunks"
    inside.mkdir()
    with pytest.raises(AsteriskError, match=r"holds no \*\.toml"):
        load_trunks([str(inside)])
    (inside / "kt.toml").write_text(
        'host = "192.0.2.1"\ncaller_number = "0620000000"\ncaller_numbers = ["0621111111"]\n'
    )
    (inside / "skb.toml").write_text('host = "192.0.2.2"\npriority = 2\nchannels = 4\ncalls_per_second = 2\n')
    (tmp_path / "v070.toml").write_text('host = "192.0.2.3"\nbind = "0.0.0.0:5070"\n')
    trunks = load_trunks([str(inside), str(tmp_path / "v070.toml")])
    assert [trunk.name for trunk in trunks] == ["kt", "skb", "v070"]
    assert trunks[0].policy.caller_numbers == ("0620000000", "0621111111")
    assert (trunks[1].policy.limits, trunks[1].policy.priority) == (Limits(4, 2), 2)
    assert {name: first.name for name, first in transports(trunks).items()} == {"kt": "kt", "skb": "kt", "v070": "v070"}
    with pytest.raises(AsteriskError, match="two trunks are called 'kt'"):
        load_trunks([str(inside), str(inside / "kt.toml")])
    assert load_trunks([]) == ()


def test_trunks_that_disagree_on_a_socket() -> None:
    """They share ours, so what is said of it must be the same."""
    one = Trunk("kt", "192.0.2.1", external_address="203.0.113.7")
    two = Trunk("skb", "192.0.2.2")
    with pytest.raises(AsteriskError, match="another `bind`"):
        together([one, two])
    together([one, Trunk("skb", "192.0.2.2", bind="0.0.0.0:5070")])


def test_what_is_rendered_for_several(tmp_path: Path) -> None:
    """One transport for both, a section of each; the dialplan lets a trunk's contracted numbers through and no others."""
    trunks = (
        Trunk("kt", "192.0.2.1", caller_number="0620000000", caller_numbers=("0621111111",), transport="tls"),
        Trunk("skb", "192.0.2.2", caller_number="07000000000", transport="tls"),
    )
    words = ("directory", "prefix", "sounds", "ami_user", "ami_secret", "media_user", "media_secret")
    numbers = (
        "sip_port",
        "ami_port",
        "rtp_start",
        "rtp_end",
        "media_port",
        "max_call_s",
        "max_channels",
        "rtp_timeout_s",
    )
    values = {**dict.fromkeys(words, "x"), **dict.fromkeys(numbers, 1)}
    dialplans = Path(__file__).resolve().parents[2] / "dialplans"
    render(dialplans, tmp_path, {**values, "trunks": trunks, "transports": transports(trunks)})
    pjsip = (tmp_path / "pjsip.conf").read_text()
    assert pjsip.count("[transport-kt]") == 2, "the section, and a word about it at the other trunk"
    assert pjsip.count("transport = transport-kt") == 2
    assert "from_user = 07000000000" in pjsip
    assert "from_user = 0620000000" not in pjsip, "several numbers: the one of the call is shown"
    assert r"contact = sip:192.0.2.1:5060\;transport=tls" in pjsip
    extensions = (tmp_path / "extensions.conf").read_text()
    assert "@kt/(0620000000|0621111111)$" in extensions
    assert "@skb/(07000000000)$" in extensions


@pytest.mark.parametrize(
    ("statuses", "registration", "reachable"),
    [
        (["Reachable"], None, True),
        (["Unreachable"], None, False),
        (["NonQualified"], None, None),
        (["NonQualified"], "Registered", True),
        (["NonQualified"], "Rejected", False),
        (["NonQualified"], "Unregistered", None),
        (["Reachable"], "Rejected", False),
        (["Reachable"], "Unregistered", None),
        (["Unreachable"], "Registered", False),
        ([], None, None),
    ],
)
def test_whether_a_carrier_is_there(statuses: list[str], registration: str | None, *, reachable: bool | None) -> None:
    """By its answers to OPTIONS and our registration; not knowing is neither."""
    rows = [{"Event": "ContactStatusDetail", "Status": status} for status in statuses]
    assert _reachable(rows, registration) is reachable
