"""A real Asterisk for the live tests: one for the session, on free ports, ended at the end."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from free_ports import free_port

from callbot.adapters.asterisk_instance import AsteriskInstance, AsteriskPorts

ROOT = Path(__file__).resolve().parents[2]


def free_ports() -> AsteriskPorts:
    """Free ports for one instance; RTP takes 200 ports of a range chosen by the SIP port."""
    rtp_start = 15200 + free_port(socket.SOCK_DGRAM) % 50 * 200
    return AsteriskPorts(
        sip=free_port(socket.SOCK_DGRAM), ami=free_port(), rtp_start=rtp_start, rtp_end=rtp_start + 199
    )


def new_instance(directory: Path) -> AsteriskInstance:
    """An instance of this checkout's Asterisk and dialplans, not started."""
    return AsteriskInstance(
        ROOT / ".asterisk", directory, free_ports(), media_port=free_port(), dialplans=ROOT / "dialplans"
    )


@pytest.fixture(scope="session")
def asterisk() -> Iterator[AsteriskInstance]:
    """A booted Asterisk. The media server it calls must listen on `asterisk.media_port`."""
    # not tmp_path: Asterisk runs as nobody when we are root, and pytest's own directories are 0700
    directory = Path(tempfile.mkdtemp(prefix="callbot-live-", dir="/tmp"))
    directory.chmod(0o755)
    instance = new_instance(directory)
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()
        shutil.rmtree(directory, ignore_errors=True)
