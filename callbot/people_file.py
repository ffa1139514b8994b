"""People from a CSV file, as spreadsheets in Korea write it: UTF-8 (with or without BOM) or CP949, `,` or tab."""

import csv
import io
from pathlib import Path

from callbot.people.enrolment import Enrolment, Problem, columns_of, read_enrolment


class PeopleFileError(Exception):
    """The file cannot be read at all; the message is Korean."""


def read_people_file(path: Path) -> tuple[list[Enrolment], list[Problem]]:
    """Everybody, and everything that is wrong, in the order of the lines. Raises PeopleFileError."""
    text = _text(path)
    dialect = csv.excel_tab if "\t" in text.partition("\n")[0] else csv.excel
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect)
    headers = [header for header in reader.fieldnames or [] if header]
    if not headers:
        raise PeopleFileError(f"{path}: 비어 있습니다. 첫 줄에 이름,전화 같은 열 이름이 있어야 합니다.")
    columns, problems = columns_of(headers)
    if problems:
        return [], problems
    people: list[Enrolment] = []
    seen: dict[tuple[str, str], int] = {}
    for raw in reader:
        cells = {columns[header]: cell or "" for header, cell in raw.items() if header in columns}
        if not any(cell.strip() for cell in cells.values()):
            continue
        found = read_enrolment(cells, reader.line_num)
        if None in raw:
            problems.append(
                Problem(reader.line_num, "열", ",".join(raw[None]), "열 이름보다 칸이 많습니다. 쉼표를 확인해 주세요.")
            )
        if isinstance(found, list):
            problems += found
            continue
        problems += _twice(found, reader.line_num, seen)
        people.append(found)
    return people, problems


def _twice(person: Enrolment, line: int, seen: dict[tuple[str, str], int]) -> list[Problem]:
    mark = ("관리번호", person.reference) if person.reference else (person.name, person.numbers[0])
    if mark in seen:
        field, value = ("관리번호", mark[1]) if person.reference else ("이름", mark[0])
        return [Problem(line, field, value, f"{seen[mark]}번째 줄과 같은 사람입니다. 한 줄만 남겨 주세요.")]
    seen[mark] = line
    return []


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PeopleFileError(f"{path}: 파일을 읽을 수 없습니다 ({error.strerror}).") from error
    for codec in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise PeopleFileError(f"{path}: 글자를 읽을 수 없습니다. UTF-8 또는 CP949(엑셀 CSV)로 저장해 주세요.")
