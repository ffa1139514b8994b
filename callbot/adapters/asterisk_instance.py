"""One Asterisk of our own: configuration rendered, started without rights, adopted if it outlived us, stopped by pid."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from callbot.adapters import unprivileged
from callbot.adapters.asterisk_config import (
    AMI_USER,
    MAX_CALL_S,
    MEDIA_USER,
    RTP_TIMEOUT_S,
    AsteriskError,
    AsteriskPorts,
    Secrets,
    read_secrets,
    render,
)
from callbot.adapters.asterisk_trunk import Trunk, together, transports

__all__ = ["AsteriskError", "AsteriskInstance", "AsteriskPorts", "Trunk", "installed_version"]

BOOT_S = 30.0
"""Measured 1 to 2 s; a starved machine needs more."""
STOP_S = 5.0
MAX_CHANNELS = 200


def installed_version(prefix: Path) -> str:
    """What the distribution at `prefix` calls itself. Raises AsteriskError where there is none, or it does not run."""
    program = prefix / "bin" / "asterisk"
    if not program.exists():
        raise AsteriskError(f"Asterisk is not in {prefix}: run `make setup`")
    try:
        done = subprocess.run([str(program), "-V"], capture_output=True, text=True, check=True, timeout=20)
    except (subprocess.SubprocessError, OSError) as error:
        raise AsteriskError(f"Asterisk in {prefix} does not run ({error}): remove it, then `make setup`") from error
    return done.stdout.strip()


class AsteriskInstance:
    """An instance in `directory`, from the distribution unpacked at `prefix`.

    >>> instance = AsteriskInstance(prefix, directory, AsteriskPorts(5160, 5138, 21000, 21999), media_port=9193)
    >>> instance.start()     # renders, boots, returns once fully booted; adopts one that is running with the same files
    >>> instance.stop()

    As root everything runs as `nobody`; where nobody cannot reach the paths, they move under /var/lib/callbot, so read
    `instance.directory` instead of assuming. Every method blocks (start: 1 to 2 s): call it from a thread.
    """

    def __init__(
        self,
        prefix: Path,
        directory: Path,
        ports: AsteriskPorts,
        *,
        media_port: int,
        dialplans: Path,
        trunks: Iterable[Trunk] = (),
    ) -> None:
        self._given_prefix = prefix.absolute()
        self.directory = unprivileged.within_reach(directory.absolute())
        self.ports = ports
        self.media_port = media_port
        self.trunks = together(trunks)
        self._dialplans = dialplans
        self._prefix: Path | None = None

    # -- what others need to know ------------------------------------------------------------------------------------
    ami_user = AMI_USER
    media_user = MEDIA_USER

    @property
    def ami_secret(self) -> str:
        """Password of the AMI user."""
        return self._secrets.ami

    @property
    def media_secret(self) -> str:
        """Password with which Asterisk opens the media socket (HTTP Basic, user `media_user`)."""
        return self._secrets.media

    @property
    def prefix(self) -> Path:
        """The distribution, where the unprivileged user can read it. Raises AsteriskError when there is none."""
        if self._prefix is None:
            if not (self._given_prefix / "bin" / "asterisk").exists():
                raise AsteriskError(f"Asterisk is not in {self._given_prefix}: run `make setup`")
            self._prefix = unprivileged.within_reach(self._given_prefix, stamp=".stamp")
        return self._prefix

    @property
    def _secrets(self) -> Secrets:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o755)
        return read_secrets(self.directory / "secrets.json")

    def version(self) -> str:
        """As Asterisk says it: `Asterisk 22.10.1~dfsg+...`."""
        return installed_version(self.prefix)

    def running(self) -> bool:
        """Whether this instance is alive (also one that a killed service left behind)."""
        return self._pid() is not None

    def ask(self, command: str) -> str:
        """The answer of the running instance to a console command. Raises AsteriskError when it does not answer."""
        try:
            return self._remote(command, timeout=10)
        except (subprocess.SubprocessError, OSError) as error:
            raise AsteriskError(f"Asterisk in {self.directory} does not answer: {error}") from error

    # -- life --------------------------------------------------------------------------------------------------------
    def complaints(self) -> list[str]:
        """What Asterisk called an error since it was started: a trunk section it refused, a registration that failed."""
        log = self.directory / "log" / "messages.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        return [line.partition("] ")[2] for line in lines if " ERROR[" in line]

    def render(self) -> bool:
        """Write etc/ and sounds/; whether any configuration file changed."""
        made = ("etc", "run", "log", "spool/tmp", "lib/keys", "sounds/callbot")
        for name in made:
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        before = self._etc()
        sounds = self.directory / "sounds" / "callbot"
        values = {
            "directory": self.directory,
            "prefix": self.prefix,
            "sounds": sounds,
            "sip_port": self.ports.sip,
            "ami_port": self.ports.ami,
            "rtp_start": self.ports.rtp_start,
            "rtp_end": self.ports.rtp_end,
            "media_port": self.media_port,
            "ami_user": AMI_USER,
            "ami_secret": self.ami_secret,
            "media_user": MEDIA_USER,
            "media_secret": self.media_secret,
            "trunks": self.trunks,
            "transports": transports(self.trunks),
            "max_call_s": MAX_CALL_S,
            "max_channels": MAX_CHANNELS,
            "rtp_timeout_s": RTP_TIMEOUT_S,
        }
        render(self._dialplans, self.directory / "etc", values)
        for sound in (self._dialplans / "sounds").glob("*.alaw"):
            shutil.copyfile(sound, sounds / sound.name)
        unprivileged.give(self.directory)
        return self._etc() != before

    def start(self) -> bool:
        """Render and boot; False when a running instance with the same configuration was adopted instead.

        Raises AsteriskError: no distribution, a port in use, no boot within BOOT_S.
        """
        changed = self.render()
        if self.running():
            if not changed and self._booted():
                return False
            self.stop()
        self._require_free("sip_port", self.ports.sip, socket.SOCK_DGRAM)
        self._require_free("ami_port", self.ports.ami, socket.SOCK_STREAM)
        self._clear_run()
        self._boot()
        return True

    def stop(self) -> None:
        """Hang every call up and end, within a few seconds; by force if it must be. Does nothing when not running."""
        pid = self._pid()
        if pid is None:
            return
        with contextlib.suppress(subprocess.SubprocessError, OSError):
            self._remote("core stop now", timeout=STOP_S)
        for name in (None, signal.SIGTERM, signal.SIGKILL):
            if name is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, name)
            if self._gone(pid, STOP_S):
                return
        raise AsteriskError(f"Asterisk (pid {pid}) does not end, not even by SIGKILL")

    # -- inside ------------------------------------------------------------------------------------------------------
    def _words(self) -> list[str]:
        return [str(self.prefix / "bin" / "asterisk"), "-C", str(self.directory / "etc" / "asterisk.conf")]

    def _remote(self, command: str, *, timeout: float) -> str:
        words = [*unprivileged.command(), *self._words(), "-rx", command]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=timeout).stdout

    def _etc(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.directory / "etc").glob("*.conf")}

    def _boot(self) -> None:
        log = self.directory / "log" / "stdout.log"
        words = [*unprivileged.command(), *self._words(), "-f"]
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        pid = os.posix_spawnp(
            words[0],
            words,
            {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(self.directory)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,  # it outlives us: calls go on, and the next start adopts it
        )
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline:
            if self._gone(pid, 0):
                raise AsteriskError(f"Asterisk ended while starting: {_last_line(log)} (more in {log.parent})")
            if self._booted():
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        self._gone(pid, STOP_S)
        raise AsteriskError(f"Asterisk was not ready within {BOOT_S:.0f} s: {_last_line(log)} (more in {log.parent})")

    def _booted(self) -> bool:
        if not (self.directory / "run" / "asterisk.ctl").exists():
            return False
        with contextlib.suppress(subprocess.SubprocessError, OSError):
            return "fully booted" in self._remote("core waitfullybooted", timeout=5)
        return False

    def _pid(self) -> int | None:
        """The pid in the pid file, if that process is really this instance (pids are used again)."""
        try:
            pid = int((self.directory / "run" / "asterisk.pid").read_text())
            command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        ours = str(self.directory / "etc" / "asterisk.conf").encode()
        return pid if ours in command_line.split(b"\0") else None

    def _gone(self, pid: int, seconds: float) -> bool:
        """Whether `pid` ends within `seconds`; reaps it where it is our child."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if not _alive(pid):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)

    def _clear_run(self) -> None:
        """Away with a dead instance's socket and pid; its log becomes the previous one."""
        for path in (self.directory / "run").iterdir():
            path.unlink()
        log = self.directory / "log" / "messages.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))

    def _require_free(self, setting: str, port: int, kind: socket.SocketKind) -> None:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                message = f"port {port} (setting {setting}, CALLBOT_{setting.upper()}) is in use by another program"
                raise AsteriskError(f"{message}: choose another or end that program") from error


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"
