"""Korean numbers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.people.numbers import BadNumber, dialled, is_virtual, masked, national, parse_number


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
        ("1588-1234", "대표번호"),
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
