"""An Asterisk of our own, for real: rendered, booted, adopted, ended; and what it refuses."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callbot.adapters.asterisk_config import AsteriskError, AsteriskPorts
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_trunk import Trunk

ROOT = Path(__file__).resolve().parents[2]
DIALPLANS = ROOT / "dialplans"
PREFIX = ROOT / ".asterisk"


def port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def instance(directory: Path, *, trunk: Trunk | None = None, **ports: int) -> AsteriskInstance:
    """An instance on free ports."""
    chosen = {"sip": port(socket.SOCK_DGRAM), "ami": port(), "rtp_start": 15200, "rtp_end": 15299} | ports
    return AsteriskInstance(
        PREFIX,
        directory,
        AsteriskPorts(**chosen),
        media_port=port(),
        dialplans=DIALPLANS,
        trunks=[trunk] if trunk else [],
    )


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that `nobody` can reach (pytest's own are private)."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-instance-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def test_boot_adopt_and_stop(place: Path) -> None:
    """It boots unprivileged, answers, is adopted (not started twice) by the next service, and ends within seconds."""
    first = instance(place / "a")
    assert not first.running()
    try:
        assert first.start() is True
        pid = int((first.directory / "run" / "asterisk.pid").read_text())
        status = Path(f"/proc/{pid}/status").read_text()
        assert "Asterisk 22." in first.ask("core show version")
        assert "\nUid:\t0\t" not in status
        assert "\nCapEff:\t0000000000000000\n" in status
        # a service that comes after a killed one knows nothing but the directory
        second = AsteriskInstance(PREFIX, place / "a", first.ports, media_port=first.media_port, dialplans=DIALPLANS)
        assert second.running()
        assert second.start() is False
        assert int((first.directory / "run" / "asterisk.pid").read_text()) == pid
        assert second.ami_secret == first.ami_secret
    finally:
        first.stop()
    assert not first.running()
    assert not Path(f"/proc/{pid}").exists()


def test_it_outlives_a_killed_service(place: Path) -> None:
    """kill -9 of the process that started it leaves Asterisk, and whoever is on the line, alone; the next one adopts it."""
    it = instance(place / "a")
    service = (
        "import os, signal, sys; from pathlib import Path;"
        "from callbot.adapters.asterisk_instance import AsteriskInstance, AsteriskPorts;"
        "a = sys.argv;"
        "AsteriskInstance(Path(a[1]), Path(a[2]), AsteriskPorts(*map(int, a[3:7])), media_port=int(a[7]),"
        " dialplans=Path(a[8])).start();"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ports = [it.ports.sip, it.ports.ami, it.ports.rtp_start, it.ports.rtp_end, it.media_port]
    words = [sys.executable, "-c", service, str(PREFIX), str(place / "a"), *map(str, ports), str(DIALPLANS)]
    try:
        assert subprocess.run(words, check=False, timeout=60).returncode == -signal.SIGKILL
        assert it.running()
        assert it.start() is False
    finally:
        it.stop()
    assert not it.running()


def test_two_side_by_side_and_a_changed_setting(place: Path) -> None:
    """Two instances share the distribution and nothing else; changed ports restart an instance instead of adopting it."""
    one, two = instance(place / "1"), instance(place / "2", rtp_start=15300, rtp_end=15399)
    try:
        one.start()
        two.start()
        assert one.ami_secret != two.ami_secret
        with socket.create_connection(("127.0.0.1", two.ports.ami), timeout=5) as ami:
            assert ami.recv(80).startswith(b"Asterisk Call Manager/")
        moved = AsteriskInstance(
            PREFIX,
            place / "1",
            AsteriskPorts(one.ports.sip, port(), one.ports.rtp_start, one.ports.rtp_end),
            media_port=one.media_port,
            dialplans=DIALPLANS,
        )
        assert moved.start() is True
        assert two.running()
    finally:
        one.stop()
        two.stop()


def test_killed_asterisk_starts_again(place: Path) -> None:
    """After kill -9 of Asterisk its stale pid and socket files are no hindrance."""
    it = instance(place / "a")
    try:
        it.start()
        os.kill(int((it.directory / "run" / "asterisk.pid").read_text()), signal.SIGKILL)
        deadline = time.monotonic() + 5
        while it.running() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not it.running()
        assert it.start() is True
    finally:
        it.stop()


def test_a_pid_used_by_another_program_is_not_ours(place: Path) -> None:
    """A pid file whose number now belongs to some other program is neither running nor killed by stop."""
    it = instance(place / "a")
    it.render()
    with subprocess.Popen(["sleep", "30"]) as other:
        (it.directory / "run" / "asterisk.pid").write_text(str(other.pid))
        assert not it.running()
        it.stop()
        assert other.poll() is None
        other.terminate()


@pytest.mark.parametrize(("setting", "kind"), [("sip_port", socket.SOCK_DGRAM), ("ami_port", socket.SOCK_STREAM)])
def test_a_port_in_use_is_named(place: Path, setting: str, kind: socket.SocketKind) -> None:
    """A port that is taken is named, with its setting, before anything is started."""
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        taken = holder.getsockname()[1]
        it = instance(place / "a", **{setting.removesuffix("_port"): taken})
        with pytest.raises(AsteriskError, match=rf"port {taken} \(setting {setting}, CALLBOT_{setting.upper()}\)"):
            it.start()
        assert not it.running()


def test_no_distribution(place: Path) -> None:
    """Without the unpacked Asterisk the sentence says `make setup`."""
    it = AsteriskInstance(
        place / "none", place / "a", AsteriskPorts(1, 2, 15200, 15299), media_port=3, dialplans=DIALPLANS
    )
    with pytest.raises(AsteriskError, match="make setup"):
        it.start()


def test_a_configuration_that_does_not_boot_says_so(place: Path) -> None:
    """A broken instance is reported with Asterisk's own last words, and nothing stays running."""
    broken = place / "dialplans"
    shutil.copytree(DIALPLANS, broken)
    (broken / "asterisk.conf.j2").write_text("[directories]\nastrundir => {{ directory }}/not-there\n")
    it = AsteriskInstance(
        PREFIX,
        place / "a",
        AsteriskPorts(port(socket.SOCK_DGRAM), port(), 15200, 15299),
        media_port=1,
        dialplans=broken,
    )
    with pytest.raises(AsteriskError, match="Asterisk ended while starting"):
        it.start()
    assert not it.running()


def test_nothing_listens_beyond_loopback(place: Path) -> None:
    """Without a trunk it accepts connections and SIP on 127.0.0.1 only (its DNS client's sockets are not servers)."""
    it = instance(place / "a")
    try:
        it.start()
        pid = int((it.directory / "run" / "asterisk.pid").read_text())
        inodes = {link[8:-1] for link in map(_link, Path(f"/proc/{pid}/fd").iterdir()) if link.startswith("socket:")}
        tcp, udp = (
            {
                fields[1]
                for table in (protocol, f"{protocol}6")
                for fields in (line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])
                if fields[9] in inodes
            }
            for protocol in ("tcp", "udp")
        )
        assert tcp == {f"0100007F:{it.ports.ami:04X}"}
        assert f"0100007F:{it.ports.sip:04X}" in udp
        assert f"00000000:{it.ports.sip:04X}" not in udp
    finally:
        it.stop()


def _link(fd: Path) -> str:
    try:
        return str(fd.readlink())
    except OSError:
        return ""


class Registrar:
    """A carrier that wants a password: one UDP socket, its REGISTERs and its answers."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.port = int(self.socket.getsockname()[1])

    def serve(self) -> str:
        """The Authorization header of the first REGISTER that has one, after it was challenged and accepted."""
        while True:
            data, peer = self.socket.recvfrom(4096)
            head = data.decode().split("\r\n\r\n")[0].split("\r\n")
            if not head[0].startswith("REGISTER "):
                continue
            copied = [
                line for line in head if line.split(":")[0] in {"Via", "From", "To", "Call-ID", "CSeq", "Contact"}
            ]
            proof = next((line for line in head if line.startswith("Authorization:")), "")
            asked = [] if proof else ['WWW-Authenticate: Digest realm="carrier", nonce="n", algorithm=MD5']
            status = "200 OK" if proof else "401 Unauthorized"
            lines = [f"SIP/2.0 {status}", *copied, *asked, "Expires: 600", "Content-Length: 0", "", ""]
            self.socket.sendto("\r\n".join(lines).encode(), peer)
            if proof:
                return proof


def test_a_trunk_registers(place: Path) -> None:
    """A 070-like trunk registers with its user name and password, and offers alaw before ulaw."""
    carrier = Registrar()
    trunk = Trunk(
        name="kt",
        host="127.0.0.1",
        port=carrier.port,
        bind=f"127.0.0.1:{port(socket.SOCK_DGRAM)}",
        username="0620000000",
        password="invented",
        register=True,
        caller_number="0620000000",
    )
    it = instance(place / "a", trunk=trunk)
    try:
        it.start()
        assert 'username="0620000000", realm="carrier"' in carrier.serve()
        endpoint = it.ask("pjsip show endpoint kt")
        assert "(alaw|ulaw)" in endpoint
        assert "@kt/(0620000000)$" in it.ask("dialplan show call@callbot-out")
        assert it.complaints() == []
        deadline = time.monotonic() + 5
        while "Registered" not in it.ask("pjsip show registrations"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        it.stop()
        carrier.socket.close()
