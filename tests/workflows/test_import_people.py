"""Enrolling people: `callbot migrate`, `callbot import`."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from callbot.cli import build
from callbot.people.consent import ConsentKind
from callbot.people.enrolment import Enrolment, Problem, columns_of, read_enrolment, read_weekdays
from callbot.people_file import PeopleFileError, read_people_file
from callbot.store.migrate import open_store
from callbot.store.people_rows import consent_to_call, consents_of, contact_numbers, own_numbers
from callbot.store.schedule_rows import ScheduleRow, schedule_of, tags_of
from callbot.store.tables import person_numbers, persons, schedules

GOOD = """\
관리번호,이름,전화,전화2,주소,출생연도,호칭,요일,시간,통화가능시간,동의,보호자,보호자전화,메모
A-1,김순자,010-0000-0001,062-123-4567,광주 동구 가상로 1,1944,어르신,"화,목",10:30,09:00-12:00,예,김철수,010-0000-0901,약 드심
A-2,박영호,01000000002,,,,,수,,,,,,
"""
BAD = """\
이름,전화,출생연도,요일,시간,동의
김순자,010-0000-0001,44년,화,10:30,예
,119,1944,불,25:00,글쎄
박영호,010-0000-0001,1950,수,9시,
박영호,010-0000-0001,1950,수,09:00,
"""


@pytest.fixture
def callbot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The program, in a directory of its own."""
    for name in [name for name in os.environ if name.startswith("CALLBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CALLBOT_DATA_DIR", str(tmp_path / "state"))
    app = build(["migrate", "import"])
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


def file(path: Path, text: str, codec: str = "utf-8") -> Path:
    path.write_bytes(text.encode(codec))
    return path


def test_migrate_then_import(callbot: Callable[..., Result], tmp_path: Path) -> None:
    """Two commands: keys and database are made (once, with the warning), everybody is enrolled, twice is the same."""
    first, second = callbot("migrate"), callbot("migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "BACK UP THE KEY FILE" in first.stderr
    assert "BACK UP" not in second.stderr
    assert "이미 최신" in second.stderr
    people = file(tmp_path / "people.csv", GOOD)
    done, again = callbot("import", people), callbot("import", people)
    assert "새로 등록 2명" in done.stderr
    assert "동의가 없는 1명" in done.stderr
    assert "새로 등록 0명, 정보 갱신 2명" in again.stderr
    store = open_store(f"sqlite:///{tmp_path}/state/callbot.db", tmp_path / "state" / "keys.json")
    with store.read() as connection:
        first_row, _ = connection.execute(select(persons).order_by(persons.c.id)).all()
        assert (first_row.name, first_row.address_form, first_row.memo) == ("김순자", "어르신", "약 드심")
        assert [number.e164 for number in own_numbers(connection, first_row.id)] == ["+821000000001", "+82621234567"]
        assert connection.scalar(select(func.count()).select_from(person_numbers)) == 4
        schedule = connection.execute(select(schedules).where(schedules.c.person_id == first_row.id)).one()
        assert (schedule.weekdays, schedule.preferred_time, schedule.window_until) == ([2, 4], "10:30", "12:00")
        assert consent_to_call(connection, first_row.id, first_row.created_at)
    store.close()


def test_one_bad_row_and_nobody_is_enrolled(callbot: Callable[..., Result], tmp_path: Path) -> None:
    """Every bad cell is named with line, field, value and mend; nothing is written."""
    callbot("migrate")
    done = callbot("import", file(tmp_path / "bad.csv", BAD))
    assert done.exit_code == 1
    for words in (
        "2번째 줄 '출생연도': '44년'", "3번째 줄 '이름': ''", "3번째 줄 '전화': '119'", "3번째 줄 '요일': '불'",
        "3번째 줄 '시간': '25:00'", "3번째 줄 '동의': '글쎄'", "4번째 줄 '시간': '9시'", "문제 7건", "아무도 등록하지 않았습니다",
    ):  # fmt: skip
        assert words in done.stderr
    store = open_store(f"sqlite:///{tmp_path}/state/callbot.db", tmp_path / "state" / "keys.json")
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(persons)) == 0
    store.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("이름,전화,나이\n김순자,010-0000-0001,82\n", "알 수 없는 열"),
        ("이름\n김순자\n", "이 열이 있어야"),
        ("이름,성명,전화\na,b,010-0000-0001\n", "같은 뜻의 열"),
        ("이름,전화\n김순자,010-0000-0001,덤\n", "칸이 많습니다"),
        ("이름,전화\n김순자,010-0000-0001\n김순자,010-0000-0001\n", "2번째 줄과 같은 사람"),
        ("관리번호,이름,전화\n1,김순자,010-0000-0001\n1,박영호,010-0000-0002\n", "2번째 줄과 같은 사람"),
    ],
)
def test_mistakes_of_the_table(tmp_path: Path, text: str, words: str) -> None:
    """Columns and rows that contradict each other."""
    _, problems = read_people_file(file(tmp_path / "x.csv", text))
    assert words in "\n".join(map(str, problems))


def test_files_as_spreadsheets_write_them(tmp_path: Path) -> None:
    """BOM, CP949, tabs, English headers, empty lines."""
    text = "Name,Phone\n김순자,010-0000-0001\n,\n"
    for codec in ("utf-8", "utf-8-sig", "cp949"):
        people, problems = read_people_file(file(tmp_path / codec, text, codec))
        assert (problems, [person.name for person in people]) == ([], ["김순자"])
    assert read_people_file(file(tmp_path / "tabs", text.replace(",", "\t")))[0][0].numbers == ("+821000000001",)


@pytest.mark.parametrize(("raw", "words"), [(b"", "비어"), (b"\xff\xfe\x00\x81", "글자를 읽을 수 없")])
def test_unreadable_file(tmp_path: Path, raw: bytes, words: str) -> None:
    """Refused in one sentence."""
    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(PeopleFileError, match=words):
        read_people_file(tmp_path / "x")
    with pytest.raises(PeopleFileError, match="읽을 수 없습니다"):
        read_people_file(tmp_path / "missing")


def test_import_before_migrate_and_unknown_worker(callbot: Callable[..., Result], tmp_path: Path) -> None:
    """Each mistake is one sentence and exit 1."""
    early = callbot("import", file(tmp_path / "people.csv", GOOD))
    assert (early.exit_code, "callbot migrate" in early.stderr) == (1, True)
    callbot("migrate")
    done = callbot("import", file(tmp_path / "w.csv", "이름,전화,담당자\n김순자,010-0000-0001,홍길동\n"))
    assert (done.exit_code, "홍길동" in done.stderr) == (1, True)


def test_database_out_of_reach(callbot: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable or impossible database is one sentence without its password."""
    for url, words in [
        ("postgresql://callbot:geheim@127.0.0.1:15599/x", "cannot be opened"),
        ("mysql://root:geheim@db/x", "only sqlite"),
        ("nonsense", "no URL"),
    ]:
        monkeypatch.setenv("CALLBOT_DATABASE_URL", url)
        done = callbot("migrate")
        assert (done.exit_code, words in done.stderr, "geheim" in done.stderr) == (1, True, False)


def test_reading_cells() -> None:
    """Weekdays in any spelling; an empty row gives what must be there; header spaces do not count."""
    assert [read_weekdays(each) for each in ("월,목", "목월", "화요일", "토·일")] == [(1, 4), (1, 4), (2,), (6, 7)]
    problems = read_enrolment({}, 5)
    assert isinstance(problems, list)
    assert {problem.field for problem in problems} == {"관리번호", "이름", "전화"} - {"관리번호"}
    assert columns_of(["전화 번호", "이 름"])[1] == []
    assert str(Problem(5, "이름", "", "적어 주세요.")) == "5번째 줄 '이름': '' - 적어 주세요."
    found = read_enrolment({"name": "김순자", "phone": "010-0000-0001"}, 2)
    assert found == Enrolment("김순자", ("+821000000001",))


FULL = """\
이름,전화,주기,요일,시작일,종료일,꼬리표,동의,문자동의,제3자동의,보호자,보호자전화,이웃,이웃전화
김순자,010-0000-0001,격주,화,2026-12-01,2027.3.31,"폭염취약,독거",예,예,예,김철수,010-0000-0901,박이웃,010-0000-0902
박영호,010-0000-0002,10일마다,,2026/12/5,,,예,,,,,,
"""


def test_rhythm_dates_tags_and_whom_else_to_call(callbot: Callable[..., Result], tmp_path: Path) -> None:
    """Everything that a schedule and a ladder need, from one file; twice is the same."""
    callbot("migrate")
    people = file(tmp_path / "people.csv", FULL)
    assert callbot("import", people).exit_code == 0
    assert "정보 갱신 2명" in callbot("import", people).stderr
    store = open_store(f"sqlite:///{tmp_path}/state/callbot.db", tmp_path / "state" / "keys.json")
    with store.read() as connection:
        first, second = connection.execute(select(persons).order_by(persons.c.id)).all()
        now = first.created_at + timedelta(seconds=1)
        assert schedule_of(connection, first.id) == ScheduleRow(
            1, (2,), 2, counted_from=date(2026, 12, 1), starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 31)
        )
        assert schedule_of(connection, second.id).every_days == 10
        assert tags_of(connection, first.id) == ("독거", "폭염취약")
        assert [each.relation for each in contact_numbers(connection, first.id, now)] == ["guardian", "neighbour"]
        assert contact_numbers(connection, second.id, now) == ()
        assert ConsentKind.SMS in consents_of(connection, first.id, now)
        assert ConsentKind.SMS not in consents_of(connection, second.id, now)
    store.close()


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("주기", "가끔", "매주, 격주, 3주마다"), ("주기", "9주마다", "4주까지"), ("주기", "90일마다", "60일까지"),
        ("시작일", "다음 주", "2026-12-01처럼"), ("시작일", "2026-02-30", "2026-12-01처럼"), ("꼬리표", "가" * 21, "20자까지"),
        ("문자동의", "글쎄", "예 또는 아니오"), ("이웃전화", "119", "긴급·공공"),
    ],
)  # fmt: skip
def test_new_columns_name_their_mistakes(tmp_path: Path, column: str, value: str, says: str) -> None:
    """Line, field, value, mend."""
    text = f"이름,전화,{column}\n김순자,010-0000-0001,{value}\n"
    _, [problem] = read_people_file(file(tmp_path / "x.csv", text))
    assert (problem.line, problem.field, problem.value) == (2, column, value)
    assert says in problem.mend


def test_the_end_before_the_start(tmp_path: Path) -> None:
    """Two cells that contradict each other."""
    text = "이름,전화,시작일,종료일\n김순자,010-0000-0001,2026-12-01,2026-11-01\n"
    _, [problem] = read_people_file(file(tmp_path / "x.csv", text))
    assert "시작일보다 늦어야" in str(problem)
