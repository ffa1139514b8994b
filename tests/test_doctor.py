"""`callbot doctor` tells what is there from what is not, and how to mend it."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_server import SEASON, ChatServer, Reply, whole

from callbot import doctor
from callbot.settings import ROOT, Settings, load
from callbot.store.keys import make_key_file
from callbot.store.migrate import migrate
from callbot.talk.advice_tally import FILE, AdviceTally


def settings(tmp_path: Path, **values: object) -> Settings:
    """Settings of an empty machine: nothing in its directories."""
    defaults = {"data_dir": tmp_path / "data", "models_dir": tmp_path / "m", "asterisk_prefix": tmp_path / "a"}
    return load({}, tmp_path / "none.toml", **(defaults | values))


@pytest.mark.parametrize(
    ("check", "mend"),
    [
        (doctor.asterisk, "make setup"),
        (doctor.whisper, "make setup"),
        (doctor.voice, "make setup"),
        (doctor.key_file, "callbot migrate"),
        (doctor.database, "callbot migrate"),
    ],
)
def test_on_an_empty_machine_each_absence_has_its_mend(tmp_path: Path, check: doctor.Check, mend: str) -> None:
    """What is absent is not ok, is required, and says what to type; looking creates nothing."""
    found = check(settings(tmp_path))
    assert isinstance(found, doctor.Finding)
    assert not found.ok
    assert found.required
    assert mend in found.mend
    assert list(tmp_path.iterdir()) == []


def test_altered_weights_are_named(tmp_path: Path) -> None:
    """Weights that are there but not the pinned ones are not ok, and the file is named."""
    directory = tmp_path / "m" / "whisper-base"
    directory.mkdir(parents=True)
    (directory / "model.bin").write_bytes(b"other weights")
    found = doctor.whisper(settings(tmp_path))
    assert not found.ok
    assert "model.bin" in found.detail


def test_own_model_is_not_hashed(tmp_path: Path) -> None:
    """A model of the operator's own only has to exist."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.bin").write_bytes(b"x")
    assert doctor.whisper(settings(tmp_path, whisper_model=str(tmp_path / "mine"))).ok


def test_a_port_in_use_names_the_setting(tmp_path: Path) -> None:
    """A taken port names the variable that chooses another; a free one is ok."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        found = doctor.ports(settings(tmp_path, media_port=taken))
    assert {one.name: one.mend for one in found if not one.ok}.get("media_port", "").startswith("CALLBOT_MEDIA_PORT=")


def test_key_file_readable_by_others(tmp_path: Path) -> None:
    """A key file that others may read is not ok until chmod 600."""
    it = settings(tmp_path)
    make_key_file(it.keys, datetime(2026, 11, 22, tzinfo=UTC))
    assert doctor.key_file(it).ok
    it.keys.chmod(0o644)
    found = doctor.key_file(it)
    assert not found.ok
    assert found.mend == f"chmod 600 {it.keys}"


def test_database_migrated_and_its_key(tmp_path: Path) -> None:
    """A migrated database is ok; with the key file of another installation it is not."""
    it = settings(tmp_path)
    migrate(it.database, it.keys, datetime(2026, 11, 22, tzinfo=UTC)).store.close()
    assert doctor.database(it).ok
    it.keys.unlink()
    make_key_file(it.keys, datetime(2026, 11, 22, tzinfo=UTC))
    assert not doctor.database(it).ok


def test_unreachable_database(tmp_path: Path) -> None:
    """A database that does not answer is one finding, with the setting to look at, and no password in it."""
    it = settings(tmp_path, database_url="postgresql://who:secret-word@127.0.0.1:1/none")
    make_key_file(it.keys, datetime(2026, 11, 22, tzinfo=UTC))
    found = doctor.database(it)
    assert not found.ok
    assert "database_url" in found.mend
    assert "secret-word" not in found.detail


def test_command_exits_1_and_prints_json(tmp_path: Path) -> None:
    """`callbot doctor --json` is JSON with every finding, and exits 1 where something required is missing."""
    done = subprocess.run(
        [sys.executable, "-m", "callbot.cli", "doctor", "--json"],
        env={"PATH": os.environ["PATH"], "CALLBOT_DATA_DIR": str(tmp_path / "data"), "CALLBOT_CONFIG": os.devnull},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    findings = {one["name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert not findings["key_file"]["ok"]
    assert findings["python"]["ok"]
    assert {"asterisk", "whisper", "voice", "disk", "sip_port", "database", "postgresql", "pjsua2"} <= findings.keys()


@pytest.mark.skipif(not (ROOT / ".asterisk").exists(), reason="no .asterisk: make setup")
def test_this_checkout_has_its_asterisk_and_models() -> None:
    """What `make setup` made is found whole."""
    here = load({}, Path("/none"))
    assert doctor.asterisk(here).ok
    assert doctor.whisper(here).ok
    assert doctor.voice(here).ok
    assert doctor.disk(here).ok or shutil.disk_usage(ROOT).free < 2e9


def test_a_language_model_is_asked_what_it_can_do(tmp_path: Path) -> None:
    """Off is ok; a server that keeps to a schema is ok; one that is not there or only talks is not, and is never required."""
    assert doctor.model(settings(tmp_path)).ok
    with ChatServer(lambda _: Reply(SEASON)) as server:
        found = doctor.model(settings(tmp_path, llm="some-model", llm_url=server.url, llm_key="secret-key"))
        assert (found.ok, "json_schema" in found.detail) == (True, True)
        assert "secret-key" not in found.detail
    assert server.faults == []
    gone = doctor.model(settings(tmp_path, llm="some-model", llm_url=server.url))
    assert (gone.ok, gone.required, "unreachable" in gone.detail) == (False, False, True)
    with ChatServer(lambda _: Reply(whole("봄이 좋아요."))) as chatty:
        assert "off" in doctor.model(settings(tmp_path, llm="some-model", llm_url=chatty.url)).detail


def test_what_guards_blocked_is_shown(tmp_path: Path) -> None:
    """Counted over calls and over restarts; a broken file is as good as none."""
    data = tmp_path / "data"
    data.mkdir()
    for _ in range(2):
        AdviceTally(data / FILE).add(Counter(asked=3, blocked_relief=1))
    assert doctor.model_guards(settings(tmp_path)).detail == "asked 6, blocked_relief 2"
    (data / FILE).write_text("{broken")
    assert "none yet" in doctor.model_guards(settings(tmp_path)).detail
