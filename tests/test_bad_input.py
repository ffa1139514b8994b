"""What an operator gets wrong: each is one clear sentence on stderr and exit code 1; nothing is lost and nothing is begun."""

import os
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest
from ledger_fixtures import TUESDAY, build_town
from typer.testing import CliRunner, Result

from callbot.cli import build
from callbot.instance_lock import instance_lock
from callbot.settings import ROOT
from callbot.store.migrate import migrate, open_store

PORTS = ("MEDIA_PORT", "CONSOLE_PORT", "SIP_PORT", "AMI_PORT", "PHONES_PORT")
PROMPTS = ROOT / "prompts"
CSV = "이름,전화,주소,요일,동의\n{rows}"


def sentence(result: Result) -> str:
    """The one sentence that was said; no traceback, no second line, and nothing on stdout."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in lines[0]
    return lines[0]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory and ports of its own, and no setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("CALLBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CALLBOT_CONFIG", os.devnull)
    monkeypatch.setenv("CALLBOT_DATA_DIR", str(tmp_path / "data"))
    for name in PORTS:
        monkeypatch.setenv(f"CALLBOT_{name}", str(free_port()))
    return tmp_path


def run(*words: str) -> Result:
    """`callbot` with these words, in this process."""
    return CliRunner().invoke(build([words[0]] if words[0] != "data" else []), list(words))


SERVE = pytest.mark.parametrize("words", [("serve",), ("serve", "--demo"), ("call", "010-0000-0101")])
OPENS_LEDGER = pytest.mark.parametrize(
    "words", [("migrate",), ("serve",), ("user", "list"), ("import", "people.csv"), ("call", "010-1234-5678")]
)


@pytest.fixture
def ledger(here: Path) -> Path:
    """A ledger in use: one person enrolled."""
    store = migrate(f"sqlite:///{here}/data/callbot.db", here / "data" / "keys.json", TUESDAY).store
    build_town(store)
    store.close()
    return here / "data" / "callbot.db"


def people(ledger: Path) -> int:
    """How many are enrolled."""
    connection = sqlite3.connect(ledger)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM persons").fetchone()[0])
    finally:
        connection.close()


# -- settings ----------------------------------------------------------------------------------------------------------


@OPENS_LEDGER
def test_an_unknown_setting(here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Named with its variable: a misspelt name must not quietly leave the default in force."""
    monkeypatch.setenv("CALLBOT_SIPPORT", "5999")
    (here / "people.csv").write_text("")
    assert "sipport (CALLBOT_SIPPORT): 없는 이름" in sentence(run(*words))
    assert not (here / "data").exists()


def test_an_impossible_value(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, value, and what is wrong with it."""
    monkeypatch.setenv("CALLBOT_SIP_PORT", "70000")
    said = sentence(run("serve"))
    assert "CALLBOT_SIP_PORT" in said
    assert "'70000'" in said


def test_a_number_that_may_not_be_shown(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller number of a form that no carrier may show is refused before anything is begun."""
    monkeypatch.setenv("CALLBOT_CALLER_NUMBER", "0505-111-2222")
    said = sentence(run("serve"))
    assert "CALLBOT_CALLER_NUMBER" in said
    assert "발신번호" in said


def test_no_trunk_there(here: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of several trunk files is missing: it is named."""
    (here / "kt.toml").write_text('host = "192.0.2.1"\n')
    monkeypatch.setenv("CALLBOT_TRUNK", f"{here}/kt.toml, {here}/skb.toml")
    assert f"{here}/skb.toml is absent" in sentence(run("serve"))


def test_an_empty_port_range(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends are named."""
    monkeypatch.setenv("CALLBOT_RTP_START", "21000")
    monkeypatch.setenv("CALLBOT_RTP_END", "20999")
    said = sentence(run("serve"))
    assert "20999" in said
    assert "CALLBOT_RTP_START" in said


@pytest.mark.parametrize("content", ["sip_port = \n", "[[[", b"\xff\xfe\x00"])
def test_a_broken_settings_file(here: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes) -> None:
    """The file is named."""
    file = here / "callbot.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("CALLBOT_CONFIG", str(file))
    assert str(file) in sentence(run("serve"))


def test_a_settings_file_that_is_not_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name and missing: the defaults are not taken instead."""
    monkeypatch.setenv("CALLBOT_CONFIG", str(here / "nowhere.toml"))
    assert "nowhere.toml" in sentence(run("migrate"))
    assert not (here / "data").exists()


# -- the ledger --------------------------------------------------------------------------------------------------------


@OPENS_LEDGER
def test_a_database_that_does_not_answer(here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """The URL without its password; no key file is made for a database that was never seen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CALLBOT_DATABASE_URL", f"postgresql://callbot:secret@127.0.0.1:{taken.getsockname()[1]}/x")
        (here / "people.csv").write_text(CSV.format(rows="김순자,010-0000-0001,광주,화,예\n"))
        monkeypatch.chdir(here)
        said = sentence(run(*words))
    assert "postgresql" in said
    assert "secret" not in said
    assert not (here / "data" / "keys.json").exists()


@pytest.mark.parametrize("kind", ["below a file", "a folder", "no database"])
@pytest.mark.parametrize("words", [("migrate",), ("serve",)])
def test_a_sqlite_file_that_cannot_be_opened(
    here: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: tuple[str, ...]
) -> None:
    """The path is named, and what lay there is left as it was."""
    place = here / "place"
    if kind == "a folder":
        place.mkdir()
    else:
        place.write_bytes(b"a letter, no database " * 400)
    path = place / "callbot.db" if kind == "below a file" else place
    monkeypatch.setenv("CALLBOT_DATABASE_URL", f"sqlite:///{path}")
    assert str(path) in sentence(run(*words))
    assert place.is_dir() or place.read_bytes() == b"a letter, no database " * 400


@OPENS_LEDGER
def test_a_key_file_that_is_gone(ledger: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Nobody makes a new one, which could read nothing; with the old one back everything is there."""
    keys = ledger.with_name("keys.json")
    kept = keys.rename(ledger.with_name("backup.json"))
    (ledger.parent / "people.csv").write_text(CSV.format(rows="박철수,010-0000-0002,광주,화,예\n"))
    monkeypatch.chdir(ledger.parent)
    assert str(keys) in sentence(run(*words))
    assert not keys.exists()
    kept.rename(keys)
    open_store(f"sqlite:///{ledger}", keys).close()
    assert people(ledger) == 1


def test_the_key_file_of_another_ledger(ledger: Path) -> None:
    """Refused before anything is written with it."""
    keys = ledger.with_name("keys.json")
    keys.unlink()
    migrate(f"sqlite:///{ledger.parent}/other.db", keys, TUESDAY).store.close()
    assert "does not belong" in sentence(run("serve"))


# -- scripts and numbers -----------------------------------------------------------------------------------------------


@pytest.fixture
def broken_script(ledger: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of prompts/ whose script asks an unknown topic."""
    shutil.copytree(PROMPTS, here / "prompts", ignore=shutil.ignore_patterns("voice-pack"))
    script = here / "prompts" / "scripts" / "weekly-checkin.yaml"
    text = script.read_text("utf-8")
    assert text.count("- id: meals") == 1
    script.write_text(text.replace("- id: meals", "- id: mealz"), "utf-8")
    monkeypatch.setenv("CALLBOT_PROMPTS_DIR", str(here / "prompts"))
    return script


@SERVE
def test_a_broken_script_is_not_served(broken_script: Path, words: tuple[str, ...]) -> None:
    """File, line, key and value."""
    said = sentence(run(*words))
    assert f"{broken_script}:" in said
    assert "mealz" in said


def test_a_broken_script_is_found_by_check(broken_script: Path) -> None:
    """The same sentence, as a finding on stdout; exit code 1."""
    result = run("check", str(broken_script))
    assert result.exit_code == 1
    [line] = result.stdout.strip().splitlines()
    assert f"{broken_script}:" in line
    assert "mealz" in line


@pytest.mark.parametrize(
    "words", [("call", "010-0000-0101", "--script", "nobody"), ("call", "010-0000-0101", "--script", "no.yaml")]
)
def test_a_script_that_is_not_there(here: Path, words: tuple[str, ...]) -> None:
    """Named."""
    assert words[-1] in sentence(run(*words))


@pytest.mark.parametrize(
    "number", ["", "전화", "010-12", "119", "1588-0000", "+1 212 555 0100", "010-0000-9999", "[red]x"]
)
def test_a_number_that_cannot_be_called(here: Path, number: str) -> None:
    """The number as it was typed, in Korean, before anything is started."""
    said = sentence(run("call", number))
    assert number in said
    assert any("가" <= char <= "힣" for char in said)
    assert not (here / "data").exists()


def test_somebody_who_is_not_enrolled(ledger: Path) -> None:
    """A good number that belongs to nobody here."""
    assert "010-1234-5678: 등록된 분의 번호가 아닙니다" in sentence(run("call", "010-1234-5678"))


def test_one_bad_number_in_a_file(ledger: Path) -> None:
    """Line, column and value of the bad cell, then what became of the file: nobody was enrolled."""
    file = ledger.parent / "people.csv"
    file.write_text(CSV.format(rows="박철수,010-0000-0002,광주,화,예\n이영희,010-12,광주,화,예\n"))
    result = run("import", str(file))
    assert result.exit_code == 1
    finding, verdict = result.stderr.strip().splitlines()
    assert "3" in finding
    assert "010-12" in finding
    assert "아무도 등록하지 않았습니다" in verdict
    assert people(ledger) == 1


def test_nobody_of_that_number(here: Path) -> None:
    """A demo of nobody would never be done."""
    assert sentence(run("serve", "--demo", "--only", "101", "--only", "999")).startswith("999(으)로 끝나는")
    assert not (here / "data" / "demo").exists()


@pytest.mark.parametrize("words", [("--until-done",), ("--json",), ("--only", "101"), ("--resume",), ("--no-phones",)])
def test_options_of_the_demo(here: Path, words: tuple[str, ...]) -> None:
    """Without --demo they would be silently without effect, on real people."""
    assert "--demo와 함께" in sentence(run("serve", *words))
    assert not (here / "data").exists()


@SERVE
def test_no_prompts(ledger: Path, here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """A folder without scripts or people."""
    (here / "empty").mkdir()
    monkeypatch.setenv("CALLBOT_PROMPTS_DIR", str(here / "empty"))
    assert sentence(run(*words))


# -- the machine -------------------------------------------------------------------------------------------------------


@SERVE
def test_no_asterisk(ledger: Path, here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Said at once, before anything is rendered or started."""
    monkeypatch.setenv("CALLBOT_ASTERISK_PREFIX", str(here / "no-asterisk"))
    assert "make setup" in sentence(run(*words))


@pytest.mark.parametrize("content", ["missing", "empty", "garbage"])
def test_weights_that_are_none(here: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """A model directory that is not there, is empty, or holds something else: named, with the setting."""
    model = here / "model"
    if content != "missing":
        model.mkdir()
    if content == "garbage":
        for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
            (model / name).write_bytes(b"\x00" * 1000)
    monkeypatch.setenv("CALLBOT_WHISPER_MODEL", str(model))
    assert str(model) in sentence(run("serve", "--demo"))


def test_a_second_service_on_the_same_folder(here: Path) -> None:
    """It says who holds it and touches nothing: neither the ledger nor the first one's calls."""
    for name, words in (("demo", ("serve", "--demo")), ("serve", ("serve",)), ("call", ("call", "010-0000-0101"))):
        with instance_lock(here / "data", name):
            assert f"프로세스 {os.getpid()}" in sentence(run(*words))
    assert sorted(path.name for path in (here / "data").iterdir()) == ["call.lock", "demo.lock", "serve.lock"]


@pytest.mark.parametrize("setting", PORTS)
def test_a_port_in_use(ledger: Path, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """The port and its setting; whoever has it keeps it, and nothing of ours is left running."""
    kind = socket.SOCK_DGRAM if setting in {"SIP_PORT", "PHONES_PORT"} else socket.SOCK_STREAM
    before = children()
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = str(taken.getsockname()[1])
        monkeypatch.setenv(f"CALLBOT_{setting}", port)
        said = sentence(run("serve", "--demo", "--only", "104") if setting == "PHONES_PORT" else run("serve"))
    assert port in said
    assert f"CALLBOT_{setting}" in said
    assert children() <= before


def children() -> set[str]:
    """Pids of our child processes."""
    return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}


def free_port() -> int:
    """Free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
