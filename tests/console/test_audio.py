"""Recordings: any range, the same bytes; never another file."""

import io
import wave
from pathlib import Path

import pytest
from console_world import SECONDS, World, _tones
from starlette.testclient import TestClient

from callbot.console.audio import UnsatisfiableRange, span_of
from callbot.console.wav_header import mended_header
from callbot.line.recording import HEADER_BYTES, wav_header
from callbot.store import tables as t

SIZE = HEADER_BYTES + SECONDS * 32_000


@pytest.fixture
def audio(world: World) -> str:
    return f"/calls/{world.ids['call']}/audio"


def test_the_whole_recording_is_a_wav_of_true_length(jieun: TestClient, audio: str) -> None:
    """The recorder's header of unknown length is mended on the way out."""
    answer = jieun.get(audio)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert int(answer.headers["content-length"]) == SIZE == len(answer.content)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 2, SECONDS * 8000)
        assert file.readframes(file.getnframes()) == _tones()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, SIZE), ("bytes=0-0", 0, 1), ("bytes=10-50", 10, 51), ("bytes=43-44", 43, 45),
        ("bytes=65530-65545", 65530, 65546), ("bytes=200000-400000", 200000, 400001), ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes={SIZE - 1}-99999999", SIZE - 1, SIZE),
    ],
)  # fmt: skip
def test_ranges_are_cut_from_the_whole(jieun: TestClient, audio: str, asked: str, start: int, end: int) -> None:
    """Across chunks, across the mended header, at the ends."""
    whole = jieun.get(audio).content
    part = jieun.get(audio, headers={"range": asked})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert part.content == whole[start:end]


def test_a_range_beyond_the_end_is_416(jieun: TestClient, audio: str) -> None:
    """With the true size."""
    answer = jieun.get(audio, headers={"range": f"bytes={SIZE}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("header", [None, "", "items=0-5", "bytes=", "bytes=-", "bytes=5-2-", "bytes=0-1,3-4"])
def test_ranges_that_cannot_be_read_mean_everything(header: str | None) -> None:
    """As RFC 9110 says."""
    assert span_of(header, 100).partial is False


def test_backward_ranges_satisfy_nothing() -> None:
    """Last before first."""
    with pytest.raises(UnsatisfiableRange):
        span_of("bytes=50-40", 100)


@pytest.mark.parametrize(
    "path", ["../keys.json", "../callbot.db", "/etc/passwd", "../recordings-other/x", ".", "missing.cbr"]
)
def test_nothing_outside_the_recordings_is_served(jieun: TestClient, world: World, audio: str, path: str) -> None:
    """Even where the database itself names such a path."""
    beside = Path(str(world.recordings) + "-other")
    beside.mkdir()
    (beside / "x").write_bytes(b"CBR1")
    with world.store.write() as connection:
        connection.execute(t.calls.update().where(t.calls.c.id == world.ids["call"]).values(recording_path=path))
    assert jieun.get(audio).status_code == 404


def test_an_absolute_path_inside_the_recordings_is_served(jieun: TestClient, world: World, audio: str) -> None:
    """Whichever way the line named it."""
    full = str(world.recordings / f"call-{world.ids['call']}.cbr")
    with world.store.write() as connection:
        connection.execute(t.calls.update().where(t.calls.c.id == world.ids["call"]).values(recording_path=full))
    assert jieun.get(audio).status_code == 200


def test_another_calls_file_does_not_open(jieun: TestClient, world: World, audio: str) -> None:
    """A recording exchanged on the disk is not played as this person's."""
    file = world.recordings / f"call-{world.ids['call']}.cbr"
    file.write_bytes(file.read_bytes()[:-40] + bytes(40))
    answer = jieun.get(audio, headers={"range": f"bytes={SIZE - 100}-"})
    assert answer.status_code in {404, 416}


def test_a_recording_cut_by_a_crash_plays_as_far_as_it_goes(jieun: TestClient, world: World, audio: str) -> None:
    """The writer was killed: whole chunks are heard, with a header that says how many."""
    file = world.recordings / f"call-{world.ids['call']}.cbr"
    file.write_bytes(file.read_bytes()[: 24 + 5 * (65536 + 28) + 1000])
    answer = jieun.get(audio)
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as file_heard:
        assert file_heard.getnframes() == (5 * 65536 - HEADER_BYTES) // 4


def test_an_erased_recording_is_gone(jieun: TestClient, world: World, audio: str) -> None:
    """And the card says when."""
    from console_world import NOW

    with world.store.write() as connection:
        connection.execute(t.calls.update().where(t.calls.c.id == world.ids["call"]).values(recording_erased_at=NOW))
    assert jieun.get(audio).status_code == 404
    assert "녹음은 11월 24일 (화)에 지워졌습니다" in jieun.get("/cases/1").text


def test_only_wav_headers_are_mended() -> None:
    """Anything else is passed on as it is."""
    assert mended_header(b"not a wav at all", 100) == b""
    assert mended_header(b"", 0) == b""
    assert mended_header(wav_header()[:30], 100) == b""
    assert mended_header(wav_header() + b"xx", 144) == wav_header(100)
