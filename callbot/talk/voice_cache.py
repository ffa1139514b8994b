"""Lines that are ready to be spoken: G.711 clips on disk, found by what is said and how."""

import audioop
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callbot.converse.spoken_text import spoken

Progress = Callable[[int, int], None]
"""Called with (lines done, lines to do)."""

VOICE_PACK = Path(__file__).resolve().parent.parent.parent / "prompts" / "voice-pack"
"""The lines of the shipped script and of the virtual recipients, rendered once: a first start need not wait for them."""
_KEPT_IN_MEMORY = 256
_FIRST_LETTERS = 2


class CannotSpeak(RuntimeError):
    """An engine cannot speak a line, or at all; the message says why and what mends it."""


class SpeechEngine(Protocol):
    """A text-to-speech system."""

    @property
    def version(self) -> str:
        """Name and version of engine and weights: clips of another version are not used."""

    def speak(self, text: str, voice: str, speed: float, *, slow: bool = False) -> NDArray[np.int16]:
        """Mono 8 kHz. Blocks for about as long as the speech lasts. Raises CannotSpeak."""


class VoiceCache:
    """Clips by content hash. Safe with several processes: files appear whole, and the same line is the same file.

    File names are hashes only, because lines hold people's names; so do the clips themselves: see `forget`.
    """

    def __init__(
        self,
        directory: Path,
        engine: SpeechEngine,
        voice: str = "jf_nezumi",
        speed: float = 0.9,
        *,
        pack: Path | None = VOICE_PACK,
    ) -> None:
        """`pack`: clips that came with the software, only read (`scripts/render-voice-pack.py` makes it)."""
        self.directory = directory
        self.pack = pack
        self.engine = engine
        self.voice = voice
        self.speed = speed
        self._memory: OrderedDict[str, bytes] = OrderedDict()

    def key(self, text: str, *, slow: bool = False) -> str:
        """Hash of the reading, voice, speed and engine version."""
        how = "\n".join((self.engine.version, self.voice, f"{self.speed:g}", "slow" if slow else "", spoken(text)))
        return hashlib.sha256(how.encode()).hexdigest()

    def path(self, text: str, *, slow: bool = False) -> Path:
        """Where the clip is, or would be."""
        key = self.key(text, slow=slow)
        name = Path(key[:_FIRST_LETTERS], f"{key}.alaw")
        if self.pack is not None and (packed := self.pack / name).exists():
            return packed
        return self.directory / name

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        """G.711 alaw at 8 kHz, or None where the line has not been rendered. Never renders."""
        path = self.path(text, slow=slow)
        held = self._memory.get(path.name)
        if held is None:
            try:
                held = path.read_bytes()
            except FileNotFoundError:
                return None
            self._memory[path.name] = held
            while len(self._memory) > _KEPT_IN_MEMORY:
                self._memory.popitem(last=False)
        else:
            self._memory.move_to_end(path.name)
        return held

    def missing(self, lines: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Those (text, slow) that have no clip yet, each once, in order."""
        unique = dict.fromkeys(lines)
        return [(text, slow) for text, slow in unique if not self.path(text, slow=slow).exists()]

    def render(self, lines: Iterable[tuple[str, bool]], progress: Progress | None = None) -> int:
        """Render what is missing; how many clips that were. Raises CannotSpeak, or OSError (disk full)."""
        todo = self.missing(lines)
        done = 0
        for number, (text, slow) in enumerate(todo, 1):
            path = self.path(text, slow=slow)
            if not path.exists():  # another process may have been faster
                self._write(path, self.engine.speak(text, self.voice, self.speed, slow=slow))
                done += 1
            if progress:
                progress(number, len(todo))
        return done

    def fresh(self, text: str) -> bytes:
        """A clip that is kept nowhere. Blocks for about as long as it lasts; raises CannotSpeak."""
        return _alaw(self.engine.speak(text, self.voice, self.speed))

    def forget(self, lines: Iterable[tuple[str, bool]]) -> int:
        """Delete the clips of these lines (a person is forgotten); how many there were."""
        gone = 0
        for text, slow in lines:
            path = self.path(text, slow=slow)
            self._memory.pop(path.name, None)
            if path.is_relative_to(self.directory) and path.exists():
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _write(self, path: Path, pcm: NDArray[np.int16]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            half.write_bytes(_alaw(pcm))
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)


def _alaw(pcm: NDArray[np.int16]) -> bytes:
    return audioop.lin2alaw(pcm.astype("<i2").tobytes(), 2)
