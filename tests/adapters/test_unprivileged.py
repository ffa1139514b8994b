"""Rights given up: what root's files need so that Asterisk can run as nobody."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from callbot.adapters import unprivileged
from callbot.adapters.asterisk_config import AsteriskPorts
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.settings import ROOT

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place nobody can reach, instead of /var/lib/callbot."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-house-", dir="/tmp"))
    directory.chmod(0o755)
    monkeypatch.setattr(unprivileged, "HOUSE", directory)
    yield directory
    shutil.rmtree(directory)


@root_only
def test_a_tree_out_of_reach_is_copied_once_and_again_when_it_changes(tmp_path: Path, house: Path) -> None:
    """Below a private directory (/root) the tree is copied to where nobody can read it; a new version replaces it."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".stamp").write_text("1")
    (tree / "program").write_text("old")
    tmp_path.chmod(0o700)
    copy = unprivileged.within_reach(tree, stamp=".stamp")
    assert copy.parent == house
    assert (copy / "program").read_text() == "old"
    (tree / "program").write_text("new")
    assert (unprivileged.within_reach(tree, stamp=".stamp") / "program").read_text() == "old"
    (tree / ".stamp").write_text("2")
    assert (unprivileged.within_reach(tree, stamp=".stamp") / "program").read_text() == "new"
    assert [path.name for path in house.iterdir()] == [copy.name]


@root_only
def test_within_reach_stays_where_it_is(house: Path) -> None:
    """A path nobody can reach already is used as it is."""
    assert unprivileged.within_reach(house / "x") == house / "x"


@root_only
def test_asterisk_of_a_checkout_in_a_private_directory(tmp_path: Path, house: Path) -> None:
    """A clone under /root (0700) still has an Asterisk that runs as nobody."""
    tmp_path.chmod(0o700)
    prefix = tmp_path / ".asterisk"
    prefix.symlink_to(ROOT / ".asterisk")
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        ports = AsteriskPorts(udp.getsockname()[1], tcp.getsockname()[1], 15200, 15299)
    it = AsteriskInstance(prefix, tmp_path / "instance", ports, media_port=1, dialplans=ROOT / "dialplans")
    assert house in it.directory.parents
    assert house in it.prefix.parents
    try:
        assert it.start()
        assert "Asterisk 22." in it.ask("core show version")
    finally:
        it.stop()
