"""Korean telephone numbers: written in any way, kept as E.164, shown with hyphens."""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

VIRTUAL_PREFIX = "+82100000"
"""E.164 of 010-0000-NNNN: never assigned to a subscriber, so it may always be dialled."""
VIRTUAL = re.compile(r"\+82100000\d{4}")
SHORT_CODES = frozenset({"112", "119", "109", "129", "120", "110", "1339"})
"""Public services; never a person's number, and never to be dialled by a robot."""
REPRESENTATIVE = re.compile(r"(?:15|16|18)\d{6}")
"""Representative numbers (1588-0000): a company's switchboard, not a person."""
MOBILE = re.compile(r"\+8210\d{8}")
"""Eight digits after 010, always; the library still takes seven, from the years of 011 and 019."""
PAID = re.compile(r"0(?:60|30|50\d?)\d+")


class Relation(StrEnum):
    """Whose number it is."""

    SELF = "self"
    GUARDIAN = "guardian"
    NEIGHBOUR = "neighbour"


class BadNumber(ValueError):
    """This cannot be a telephone number of a person in Korea; the message is Korean, for whoever typed it."""


def parse_number(text: str) -> str:
    """E.164 of a Korean subscriber's number.

    >>> parse_number("010-0000-0001"), parse_number("062 123 4567"), parse_number("+82 10 1234 5678")
    ('+821000000001', '+82621234567', '+821012345678')

    Raises BadNumber.
    """
    digits = re.sub(r"[^\d+]", "", text)
    if not digits:
        raise BadNumber(f"전화번호가 비어 있거나 숫자가 없습니다: {text!r}. 010-1234-5678처럼 적어 주세요.")
    if re.search(r"[^\d\s+().\-]", text):
        raise BadNumber(f"전화번호에 숫자가 아닌 글자가 있습니다: {text!r}. 010-1234-5678처럼 적어 주세요.")
    if digits in SHORT_CODES:
        raise BadNumber(f"{digits}은(는) 긴급·공공 번호라서 등록할 수 없습니다.")
    if REPRESENTATIVE.fullmatch(digits):
        raise BadNumber(f"{text!r}은(는) 대표번호입니다. 본인이 받는 번호를 적어 주세요.")
    e164 = _e164(digits, text)
    if VIRTUAL.fullmatch(e164):
        return e164
    if PAID.fullmatch("0" + e164.removeprefix("+82")):
        raise BadNumber(f"{text!r}은(는) 안심·유료 번호(030, 050, 060)라서 등록할 수 없습니다.")
    short_mobile = e164.startswith("+8210") and not MOBILE.fullmatch(e164)
    if short_mobile or not phonenumbers.is_valid_number(phonenumbers.parse(e164)):
        raise BadNumber(f"{text!r}은(는) 없는 형식의 번호입니다. 자릿수를 확인해 주세요 (예: 010-1234-5678).")
    return e164


def _e164(digits: str, text: str) -> str:
    try:
        parsed = phonenumbers.parse(digits, "KR")
    except NumberParseException as error:
        raise BadNumber(f"{text!r}은(는) 전화번호로 읽을 수 없습니다. 010-1234-5678처럼 적어 주세요.") from error
    if parsed.country_code != 82:  # noqa: PLR2004 - Korea
        raise BadNumber(f"{text!r}은(는) 국외 번호입니다. 한국 번호만 등록할 수 있습니다.")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def is_virtual(e164: str) -> bool:
    """In the range that no subscriber has: the only one that may be dialled before a trunk is configured."""
    return VIRTUAL.fullmatch(e164) is not None


def national(e164: str) -> str:
    """As a Korean writes it: 010-0000-0001, 062-123-4567."""
    if is_virtual(e164):
        return f"010-0000-{e164[-4:]}"
    return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.NATIONAL)


def dialled(e164: str) -> str:
    """Digits as a Korean exchange expects them: 01000000001."""
    return "0" + e164.removeprefix("+82")


def masked(e164: str) -> str:
    """010-****-0001: enough to tell two numbers of one person apart."""
    head, *_, tail = national(e164).split("-")
    return f"{head}-****-{tail}"
