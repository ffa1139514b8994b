"""Korean numbers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.people.numbers import (
    BadNumber,
    caller_digits,
    dialled,
    is_virtual,
    masked,
    may_be_dialled,
    national,
    parse_number,
)


@pytest.mark.parametrize(
    ("written", "e164", "shown"),
    [
        ("010-0000-0001", "+821000000001", "010-0000-0001"),
        ("01000000001", "+821000000001", "010-0000-0001"),
        ("+82 10-1234-5678", "+821012345678", "010-1234-5678"),
        ("82-10-1234-5678", "+821012345678", "010-1234-5678"),
        ("(062) 123 4567", "+82621234567", "062-123-4567"),
        ("02-123-4567", "+8221234567", "02-123-4567"),
        ("070.1234.5678", "+827012345678", "070-1234-5678"),
    ],
)
def test_any_way_of_writing(written: str, e164: str, shown: str) -> None:
    """One number, however it is written."""
    assert parse_number(written) == e164
    assert national(e164) == shown
    assert parse_number(dialled(e164)) == e164


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "비어"),
        ("없음", "비어"),
        ("010-1234-567", "자릿수"),
        ("010-12345-6789", "자릿수|읽을 수 없"),
        ("119", "긴급"),
        ("109", "긴급"),
        ("112", "긴급"),
        ("110", "긴급"),
        ("1366", "긴급"),
        ("131", "긴급"),
        ("02-119", "긴급"),
        ("062-120", "긴급"),
        ("1588-1234", "대표번호"),
        ("1661-1234", "대표번호"),
        ("1811-1234", "대표번호"),
        ("030-1234-5678", "030|없는 형식|읽을 수"),
        ("0507-1234-5678", "050"),
        ("080-123-4567", "080|유료"),
        ("0505-123-4567", "050"),
        ("060-700-1234", "060"),
        ("+1 202 555 0100", "국외"),
        ("010-1234-abcd", "글자"),
    ],
)
def test_what_is_no_number(written: str, why: str) -> None:
    """Refused in Korean, with the reason."""
    with pytest.raises(BadNumber, match=why):
        parse_number(written)


@pytest.mark.parametrize(
    ("e164", "may"),
    [
        ("+821000000001", True),
        ("+821012345678", True),
        ("+8221234567", True),
        ("+82621234567", True),
        ("+827012345678", True),
        ("+82119", False),
        ("+822119", False),
        ("+8215881234", False),
        ("+825051234567", False),
        ("+82607001234", False),
        ("+82801234567", False),
        ("+8210123456", False),
        ("+12025550100", False),
        ("+", False),
        ("", False),
    ],
)
def test_what_may_be_dialled(e164: str, *, may: bool) -> None:
    """Mobile, fixed and internet lines; never a service, a company's switchboard, a paid or forwarded number, or abroad."""
    assert may_be_dialled(e164) is may


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("062-000-0000", "0620000000"),
        ("02-123-4567", "021234567"),
        ("02-1234-5678", "0212345678"),
        ("070-0000-0000", "07000000000"),
        ("010-1234-5678", "01012345678"),
        ("1588-1234", "15881234"),
        ("1666-1234", "16661234"),
        ("080-123-4567", "0801234567"),
    ],
)
def test_a_number_to_show(written: str, digits: str) -> None:
    """The forms that may be shown as the caller's."""
    assert caller_digits(written) == digits


@pytest.mark.parametrize(
    "written",
    [
        "",
        "없음",
        "119",
        "123-4567",
        "02-1588-1234-5",
        "0505-123-4567",
        "060-700-1234",
        "+82 62 000 0000",
        "062-00-000",
        "1999-1234",
    ],
)
def test_a_number_that_may_not_be_shown(written: str) -> None:
    """Refused in Korean: no area code, too short or long, 050 and 060, another country's form."""
    with pytest.raises(BadNumber, match="발신번호"):
        caller_digits(written)


@given(st.integers(0, 9999))
def test_virtual_range(number: int) -> None:
    """The whole range, and only with four digits behind it."""
    e164 = parse_number(f"010-0000-{number:04}")
    assert is_virtual(e164)
    assert not is_virtual(e164 + "0")
    assert masked(e164) == f"010-****-{number:04}"


@given(st.text(max_size=20))
def test_any_text(text: str) -> None:
    """Whatever is typed: a number or a refusal, never anything else."""
    with contextlib.suppress(BadNumber):
        assert parse_number(text).startswith("+82")
