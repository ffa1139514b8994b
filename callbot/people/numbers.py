"""Korean telephone numbers: written in any way, kept as E.164, shown with hyphens."""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

VIRTUAL_PREFIX = "+82100000"
"""E.164 of 010-0000-NNNN: never assigned to a subscriber, so it may always be dialled."""
VIRTUAL = re.compile(r"\+82100000\d{4}")
SHORT_CODE = re.compile(r"1\d{1,3}")
"""112, 119, 109, 129, 120, 110, 1339, 1366, 13 ...: public services; never a person's number, and never dialled by a robot.
No subscriber's number in Korea begins with 1 but the representative ones, which have eight digits."""
REPRESENTATIVE = re.compile(r"(?:15|16|18)\d{6}")
"""Representative numbers (1588-0000): a company's switchboard, not a person."""
MOBILE = re.compile(r"\+8210\d{8}")
"""Eight digits after 010, always; the library still takes seven, from the years of 011 and 019."""
PAID = re.compile(r"0(?:60|80|30|50\d?)\d+")
AREA = re.compile(r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4])")
CALLER = re.compile(
    r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4])\d{7,8}"  # a fixed line, always with its area code
    r"|070\d{8}|080\d{7,8}|01[016789]\d{7,8}|1[568]\d{6}"
)
"""What may be shown to the person called (발신번호): 8 to 11 digits; 050 and 060 are not allowed, a representative number
stands without an area code (facts: 전기통신사업법 84조의2 and the message providers' rules)."""


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
    if SHORT_CODE.fullmatch(digits) or _behind_area_code(digits):
        raise BadNumber(f"{digits}은(는) 긴급·공공 번호라서 등록할 수 없습니다.")
    e164 = _e164(digits, text)
    if REPRESENTATIVE.fullmatch(e164.removeprefix("+82")):
        raise BadNumber(f"{text!r}은(는) 대표번호입니다. 본인이 받는 번호를 적어 주세요.")
    if VIRTUAL.fullmatch(e164):
        return e164
    if PAID.fullmatch("0" + e164.removeprefix("+82")):
        raise BadNumber(f"{text!r}은(는) 안심·유료 번호(030, 050, 060, 080)라서 등록할 수 없습니다.")
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


def _behind_area_code(digits: str) -> bool:
    """02-119 is the fire brigade of Seoul."""
    area = AREA.match(digits)
    return area is not None and SHORT_CODE.fullmatch(digits[area.end() :]) is not None


def may_be_dialled(e164: str) -> bool:
    """A number of a person in Korea: asked once more where a call is placed, whatever the ledger holds.

    It says nothing about the carrier: numbers are portable, and a prefix is no longer anybody's.
    """
    if is_virtual(e164):
        return True
    try:
        return parse_number(e164) == e164
    except BadNumber:
        return False


def digits_of(text: str) -> str:
    """062-000-0000 as 0620000000."""
    return "".join(character for character in text if character in "0123456789")


def caller_digits(text: str) -> str:
    """Digits of a number that may be shown to the person called.

    >>> caller_digits("062-000-0000"), caller_digits("1588-0000"), caller_digits("070-0000-0000")
    ('0620000000', '15880000', '07000000000')

    Its form only: that it is registered in the organisation's name, the carrier knows. Raises BadNumber.
    """
    digits = digits_of(text)
    if not digits or re.search(r"[^\d\s().\-]", text):
        raise BadNumber(f"발신번호 {text!r}을(를) 읽을 수 없습니다. 062-123-4567처럼 적어 주세요.")
    if re.match(r"0(?:50|30|60)", digits):
        raise BadNumber(
            f"발신번호 {text!r}: 030·050·060 번호는 발신번호로 쓸 수 없습니다. 지역번호가 있는 번호를 적어 주세요."
        )
    if not CALLER.fullmatch(digits):
        raise BadNumber(
            f"발신번호 {text!r}: 지역번호를 포함한 8~11자리여야 합니다 (예: 062-123-4567, 070-1234-5678, 1588-1234)."
        )
    return digits


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
