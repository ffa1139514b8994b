"""What an SMS can carry in Korea, checked before anything is sent. Every error is a Korean sentence that names the mend."""

import re
from enum import StrEnum

from callbot.escalate.page import SMS_BYTES, size_of, unencodable

LMS_BYTES = 2000
SUBJECT_BYTES = 40
_SENDER = re.compile(r"0(?:2|[3-6][0-9]|70|1[016789])[0-9]{7,8}|1[5-9][0-9]{6}")


class Unfit(ValueError):
    """Cannot be sent like this."""


class SmsKind(StrEnum):
    """By its bytes in cp949."""

    SMS = "SMS"
    LMS = "LMS"


def sms_kind(body: str) -> SmsKind:
    """Raises Unfit for an empty one, one that is too long, and one with a character that no phone in Korea would show."""
    if not body.strip():
        raise Unfit("문자 내용이 비어 있습니다.")
    if strange := unencodable(body):
        raise Unfit(f"문자에 쓸 수 없는 글자가 있습니다: {' '.join(strange)}. 다른 말로 바꿔 주세요.")
    size = size_of(body)
    if size > LMS_BYTES:
        raise Unfit(f"문자가 {size}바이트입니다. {LMS_BYTES}바이트까지 보낼 수 있습니다.")
    return SmsKind.SMS if size <= SMS_BYTES else SmsKind.LMS


def domestic(e164: str) -> str:
    """+82101234 -> 0101234: how Korean providers want it. Raises Unfit for another country."""
    if not re.fullmatch(r"\+82[1-9][0-9]{7,9}", e164):
        raise Unfit("국내 전화번호가 아니어서 문자를 보낼 수 없습니다.")
    return "0" + e164.removeprefix("+82")


def check_sender(number: str, registered: tuple[str, ...]) -> str:
    """The sender's digits. Since 2015 (전기통신사업법 84조의2) only a number registered with the provider is put through.

    Raises Unfit for a number of a form that carriers refuse, and for one that this installation has not registered.
    """
    digits = re.sub(r"[-\s()]", "", number)
    if digits.startswith("050"):
        raise Unfit(f"발신번호 {number}: 050 번호로는 문자를 보낼 수 없습니다. 지역번호나 대표번호를 쓰세요.")
    if not _SENDER.fullmatch(digits):
        raise Unfit(
            f"발신번호 {number}: 8~11자리 지역번호·대표번호·휴대전화 번호가 아닙니다. 예: 062-123-4567, 1588-1234."
        )
    if digits not in {re.sub(r"[-\s()]", "", one) for one in registered}:
        raise Unfit(
            f"발신번호 {number}: 사전 등록한 번호 목록(registered_senders)에 없습니다. 제공자에 등록한 뒤 목록에 넣어 주세요."
        )
    return digits
