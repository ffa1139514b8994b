"""`callbot score`."""

import io
import json

from callbot.cli_score import score_lines

GOOD = '{"id":"a","turns":[{"who":"bot","text":"식사는 하셨어요?"},{"who":"person","text":"밥맛이 통 없어"}]}'

BAD_TURN = '{"id":"b","turns":[%s]}'
BAD_TURNS = ('{"who":"robot","text":""}', '{"who":"bot","text":7}')


def _score(text: str, understander) -> tuple[list[dict], str, int]:
    out, err = io.StringIO(), io.StringIO()
    bad = score_lines(io.StringIO(text), out, err, understander)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), bad


def test_a_transcript_gives_one_line(understander):
    """With the keys of design.md, section 8."""
    (line,), err, bad = _score(GOOD, understander)
    assert (err, bad) == ("", 0)
    assert line["id"] == "a"
    assert line["level"] == "watch"
    assert line["categories"] == {"food": "watch"}
    assert line["answers"]["meals"] == "bad"
    assert line["answers"]["sleep"] == "not_asked"
    assert line["requests"] == []
    assert line["signals"][0]["quote"] == "밥맛이 통 없어"


def test_a_person_alone_is_scored(understander):
    """No bot turn is needed."""
    (line,), _, _ = _score('{"id":1,"turns":[{"who":"person","text":"가스미 꽉 조이고 수미 차요"}]}', understander)
    assert line["level"] == "emergency"
    assert set(line["answers"].values()) == {"not_asked"}


def test_bad_lines_are_named_and_the_others_scored(understander):
    """One clear sentence each, with the number of the line."""
    broken = ("{", "[]", '{"turns":[]}', '{"id":"b","turns":{}}', *(BAD_TURN % turn for turn in BAD_TURNS))
    text = "\n".join((GOOD, *broken, "", GOOD))
    lines, err, bad = _score(text, understander)
    assert len(lines) == 2
    assert bad == 6
    errors = err.splitlines()
    assert [error.split(":")[1].strip() for error in errors] == [f"line {number}" for number in range(2, 8)]
    assert '"robot"' in errors[4] or "'robot'" in errors[4]
