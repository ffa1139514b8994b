"""A WAV header whose lengths are true: a recorder that only appends cannot know them when it writes the header."""

import struct


def mended_header(start: bytes, size: int) -> bytes:
    """The bytes up to the samples, with lengths that fit a file of `size` bytes; empty where this is no WAV.

    `start`: the file's first bytes, at least up to the `data` chunk.
    """
    if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
        return b""
    at = 12
    while at + 8 <= len(start):
        name, length = struct.unpack_from("<4sI", start, at)
        if name == b"data":
            header = bytearray(start[: at + 8])
            struct.pack_into("<I", header, 4, size - 8)
            struct.pack_into("<I", header, at + 4, size - at - 8)
            return bytes(header)
        at += 8 + length + length % 2
    return b""
