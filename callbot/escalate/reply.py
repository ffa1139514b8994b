"""What a worker answers to a page: 1 맡음, 2 못 맡음, 3 오경보; by SMS, link or telephone key."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class ReplyCode(StrEnum):
    """The key that stands for it."""

    TAKE = "1"
    DECLINE = "2"
    FALSE_ALARM = "3"


REPLY_KO: dict[ReplyCode, str] = {
    ReplyCode.TAKE: "맡음",
    ReplyCode.DECLINE: "못 맡음",
    ReplyCode.FALSE_ALARM: "오경보",
}
_WORDS: dict[str, ReplyCode] = {
    "맡음": ReplyCode.TAKE,
    "맡겠습니다": ReplyCode.TAKE,
    "확인": ReplyCode.TAKE,
    "출발": ReplyCode.TAKE,
    "못맡음": ReplyCode.DECLINE,
    "불가": ReplyCode.DECLINE,
    "오경보": ReplyCode.FALSE_ALARM,
    "오보": ReplyCode.FALSE_ALARM,
}
_NUMBERED = re.compile(r"([123])(?:번)?(?:$|[\s.,!#](?!\s*(?:시|분|명|층|일\s|호|차))(.*))", re.DOTALL)
"""A digit alone, or followed by words; `2시에 가요`, `1 시간 뒤` are no codes."""
_CASE = re.compile(r"#?(\d{1,9})(?!\d)")


@dataclass(frozen=True)
class Reply:
    """A reply as it was meant."""

    code: ReplyCode
    case_id: int | None = None
    """Named where the worker has several: `1 #12`."""


def read_reply(text: str) -> Reply | None:
    """None: it cannot be told what is meant, and nothing is done.

    >>> read_reply("１번 #12")
    Reply(code=<ReplyCode.TAKE: '1'>, case_id=12)
    >>> read_reply("못 맡음").code
    <ReplyCode.DECLINE: '2'>
    >>> read_reply("12시에 갈게요"), read_reply("119 불렀어요"), read_reply("2시에 가요")
    (None, None, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _NUMBERED.match(plain)
    if found:
        named = _CASE.search(found[2] or "")
        return Reply(ReplyCode(found[1]), int(named[1]) if named else None)
    head, _, rest = plain.partition("#")
    code = _WORDS.get(re.sub(r"[\s.!]", "", head))
    if code is None:
        return None
    named = _CASE.match(rest.strip())
    return Reply(code, int(named[1]) if named else None)
