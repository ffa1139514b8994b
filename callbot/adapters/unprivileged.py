"""The user Asterisk runs as when we are root: `nobody`, who must be able to reach every directory above its files."""

import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path

NOBODY = pwd.getpwnam("nobody")
HOUSE = Path("/var/lib/callbot")
"""Where root keeps what nobody must read, when the checkout is out of nobody's reach (/root is 0700)."""


def needed() -> bool:
    """Whether we are root and must give rights up."""
    return os.geteuid() == 0


def command() -> list[str]:
    """The words before a command that make it run as nobody; none when we are not root."""
    if not needed():
        return []
    return ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups", "--no-new-privs"]


def give(directory: Path) -> None:
    """Make nobody the owner of everything below `directory` (and of it), when we are root."""
    if not needed():
        return
    for path in (directory, *directory.rglob("*")):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)


def reachable(path: Path) -> bool:
    """Whether nobody may pass through every existing directory above `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.absolute().parents if parent.exists())


def within_reach(path: Path, stamp: str = "") -> Path:
    """`path` itself, or its place under HOUSE when nobody cannot reach it; `stamp` names a file to copy the tree by.

    With a stamp the tree is copied there, and copied again when the stamp file's text has changed.
    """
    if not needed() or reachable(path):
        return path
    home = HOUSE / f"{path.name.lstrip('.')}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    if stamp and _text(home / stamp) != _text(path / stamp):
        half = home.with_name(f"{home.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(path, half, symlinks=True)
        shutil.rmtree(home, ignore_errors=True)
        half.rename(home)
    return home


def _text(file: Path) -> str | None:
    return file.read_text("utf-8") if file.exists() else None
