"""Recordings at rest: chunks of 64 KiB, a data key a file, any byte range readable, erased by forgetting the key.

File: `CBR1`, chunk size (uint32), 16 random bytes, then chunks: nonce (12), ciphertext, tag (16). Each chunk is bound to
the file's random bytes, its own number, and whether it is the last: cut, reordered or exchanged chunks do not open.
"""

import os
import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callbot.store.keys import NONCE_BYTES, CannotOpen, Keyring

MAGIC = b"CBR1"
CHUNK_BYTES = 64 * 1024
HEADER = struct.Struct(">4sI16s")
CHUNK_OVERHEAD = NONCE_BYTES + 16


def new_data_key(keyring: Keyring, call_id: int) -> tuple[bytes, bytes]:
    """A fresh data key, plain and wrapped. Keep the wrapped one in `calls.recording_key`; deleting it erases the file."""
    plain = AESGCM.generate_key(bit_length=256)
    return plain, keyring.seal(plain, recording_place(call_id))


def unwrap_data_key(keyring: Keyring, call_id: int, wrapped: bytes) -> bytes:
    """The plain data key. Raises CannotOpen, also for another call's wrapped key."""
    return keyring.open(wrapped, recording_place(call_id))


def recording_place(call_id: int) -> str:
    """What a wrapped key is bound to."""
    return f"calls.recording_key/{call_id}"


def _binding(file_id: bytes, number: int, *, last: bool) -> bytes:
    return file_id + struct.pack(">Q?", number, last)


class SealedWriter:
    """Append-only. Whole chunks reach the file as they fill: a kill loses at most the last 64 KiB."""

    def __init__(self, path: Path, data_key: bytes, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._cipher = AESGCM(data_key)
        self._chunk_bytes = chunk_bytes
        self._file_id = os.urandom(16)
        self._pending = bytearray()
        self._number = 0
        self.size = 0
        """Plain bytes written so far."""
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(HEADER.pack(MAGIC, chunk_bytes, self._file_id))

    def write(self, plain: bytes) -> None:
        """Append. Raises OSError (a full disk)."""
        self._pending += plain
        self.size += len(plain)
        # One chunk is always kept back: the last one is sealed differently, and which one that is only `close` knows.
        while len(self._pending) > self._chunk_bytes:
            self._seal(bytes(self._pending[: self._chunk_bytes]), last=False)
            del self._pending[: self._chunk_bytes]
            self._file.flush()

    def close(self) -> None:
        """Seal the last chunk and sync the file to the disk."""
        if self._file.closed:
            return
        try:
            self._seal(bytes(self._pending), last=True)
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        nonce = os.urandom(NONCE_BYTES)
        self._file.write(nonce + self._cipher.encrypt(nonce, plain, _binding(self._file_id, self._number, last=last)))
        self._number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SealedReader:
    """Random access to the plain bytes; reads and opens only the chunks that a range touches."""

    def __init__(self, path: Path, data_key: bytes, *, allow_cut: bool = False) -> None:
        """`allow_cut`: read what is there of a file whose writer was killed (it has no last chunk).

        Raises CannotOpen for a wrong key, a file that is no recording, or one that was cut.
        """
        self._cipher = AESGCM(data_key)
        self._path = path
        self._file: BinaryIO = path.open("rb")
        head = self._file.read(HEADER.size)
        if len(head) < HEADER.size or not head.startswith(MAGIC):
            self._file.close()
            raise CannotOpen(f"{path.name}: not a sealed recording")
        _, self._chunk_bytes, self._file_id = HEADER.unpack(head)
        body = path.stat().st_size - HEADER.size
        whole, rest = divmod(body, self._chunk_bytes + CHUNK_OVERHEAD)
        self._chunks = whole + (1 if rest else 0)
        try:
            self.complete, last = self._check_last(allow_cut=allow_cut)
        except CannotOpen:
            self._file.close()
            raise
        self.size = max(self._chunks - 1, 0) * self._chunk_bytes + len(last)
        """Plain bytes that can be read."""

    def _check_last(self, *, allow_cut: bool) -> tuple[bool, bytes]:
        while self._chunks:
            number = self._chunks - 1
            for last in (True, False) if allow_cut else (True,):
                plain = self._try_chunk(number, last=last)
                if plain is not None:
                    return last, plain
            if not allow_cut:
                break
            self._chunks -= 1
        if allow_cut:
            return False, b""
        raise CannotOpen(f"{self._path.name}: cut short, altered, or not this key's recording")

    def _try_chunk(self, number: int, *, last: bool) -> bytes | None:
        self._file.seek(HEADER.size + number * (self._chunk_bytes + CHUNK_OVERHEAD))
        sealed = self._file.read(self._chunk_bytes + CHUNK_OVERHEAD)
        try:
            return self._cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _binding(self._file_id, number, last=last)
            )
        except (InvalidTag, ValueError):
            return None

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` plain bytes from `offset`. Raises CannotOpen naming the chunk that was altered."""
        end = min(offset + count, self.size)
        parts: list[bytes] = []
        while offset < end:
            number, start = divmod(offset, self._chunk_bytes)
            plain = self._try_chunk(number, last=self.complete and number == self._chunks - 1)
            if plain is None:
                raise CannotOpen(f"{self._path.name}: chunk {number} was altered or is in the wrong place")
            parts.append(plain[start : start + end - offset])
            offset += len(parts[-1])
        return b"".join(parts)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
