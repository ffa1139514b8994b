"""Recordings at rest."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.store.keys import CannotOpen, new_keyring
from callbot.store.sealed_file import (
    CHUNK_OVERHEAD,
    HEADER,
    SealedReader,
    SealedWriter,
    new_data_key,
    unwrap_data_key,
)

KEY = bytes(range(32))
CHUNK = 64


def written(path: Path, plain: bytes, *, piece: int = 50, close: bool = True) -> Path:
    """A sealed file in small chunks, written in pieces."""
    writer = SealedWriter(path, KEY, CHUNK)
    for start in range(0, len(plain), piece):
        writer.write(plain[start : start + piece])
    if close:
        writer.close()
    else:
        writer._file.close()
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1000])
def test_any_range_reads_back(tmp_path: Path, size: int) -> None:
    """Every range of every length, across chunk borders and beyond the end."""
    plain = os.urandom(size)
    with SealedReader(written(tmp_path / "r", plain), KEY) as reader:
        assert (reader.size, reader.complete) == (size, True)
        for offset in range(0, size + 70, 13):
            for count in (0, 1, 63, 64, 65, 500, 2000):
                assert reader.read(offset, count) == plain[offset : offset + count]


def test_nothing_plain_on_the_disk(tmp_path: Path) -> None:
    """The plain bytes are not in the file, not even while it grows; nobody else may read it."""
    path = written(tmp_path / "r", b"WAVEfmt " * 100, close=False)
    assert b"WAVE" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_killed_writer_loses_one_chunk_at_most(tmp_path: Path) -> None:
    """A file without its last chunk is refused as cut, and readable on request up to where it reached the disk."""
    plain = os.urandom(1000)
    path = written(tmp_path / "r", plain, close=False)
    with pytest.raises(CannotOpen, match="cut short"):
        SealedReader(path, KEY)
    with SealedReader(path, KEY, allow_cut=True) as reader:
        assert not reader.complete
        assert len(plain) - reader.size <= 2 * CHUNK
        assert reader.read(0, 2000) == plain[: reader.size]
    path.write_bytes(path.read_bytes()[:-7])  # and a torn write
    with SealedReader(path, KEY, allow_cut=True) as reader:
        assert reader.read(0, 2000) == plain[: reader.size] != b""


def test_cut_reordered_exchanged_and_altered_are_told(tmp_path: Path) -> None:
    """Whatever is done to the file is noticed, and the message names the chunk."""
    plain = os.urandom(5 * CHUNK)
    path = written(tmp_path / "a", plain)
    raw, step = path.read_bytes(), CHUNK + CHUNK_OVERHEAD
    chunks = [raw[at : at + step] for at in range(HEADER.size, len(raw), step)]

    path.write_bytes(raw[: HEADER.size + 3 * step])
    with pytest.raises(CannotOpen, match="cut short"):
        SealedReader(path, KEY)
    path.write_bytes(raw[: HEADER.size] + chunks[1] + chunks[0] + b"".join(chunks[2:]))
    with SealedReader(path, KEY) as reader, pytest.raises(CannotOpen, match="chunk 0"):
        reader.read(0, 10)
    other = written(tmp_path / "b", plain).read_bytes()
    path.write_bytes(raw[: HEADER.size] + other[HEADER.size : HEADER.size + step] + b"".join(chunks[1:]))
    with SealedReader(path, KEY) as reader, pytest.raises(CannotOpen, match="chunk 0"):
        reader.read(0, 10)
    altered = bytearray(raw)
    altered[HEADER.size + step + 20] ^= 1
    path.write_bytes(bytes(altered))
    with SealedReader(path, KEY) as reader:
        assert reader.read(0, CHUNK) == plain[:CHUNK]
        with pytest.raises(CannotOpen, match="chunk 1"):
            reader.read(CHUNK, 1)


def test_not_a_recording_and_wrong_key(tmp_path: Path) -> None:
    """Another kind of file, an empty one, and another key are refused."""
    (tmp_path / "x").write_bytes(b"RIFF" + bytes(100))
    (tmp_path / "empty").write_bytes(b"")
    for name in ("x", "empty"):
        with pytest.raises(CannotOpen, match="not a sealed recording"):
            SealedReader(tmp_path / name, KEY)
    with pytest.raises(CannotOpen):
        SealedReader(written(tmp_path / "r", b"abc"), bytes(32))


def test_data_key_belongs_to_its_call() -> None:
    """A wrapped key opens for its own call only; without the master key the recording is erased."""
    keys = new_keyring()
    plain, wrapped = new_data_key(keys, 7)
    assert unwrap_data_key(keys, 7, wrapped) == plain
    with pytest.raises(CannotOpen):
        unwrap_data_key(keys, 8, wrapped)
    with pytest.raises(CannotOpen):
        unwrap_data_key(new_keyring(), 7, wrapped)


@given(pieces=st.lists(st.binary(max_size=200), max_size=12), offset=st.integers(0, 900), count=st.integers(0, 900))
def test_pieces_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], offset: int, count: int
) -> None:
    """However it is written, the same bytes come back."""
    path = tmp_path_factory.mktemp("sealed") / "r"
    with SealedWriter(path, KEY, CHUNK) as writer:
        for piece in pieces:
            writer.write(piece)
    plain = b"".join(pieces)
    with SealedReader(path, KEY) as reader:
        assert (writer.size, reader.size) == (len(plain), len(plain))
        assert reader.read(offset, count) == plain[offset : offset + count]
