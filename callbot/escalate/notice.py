"""SMS to the person themself: a word the day before, and after a call that was missed. Nothing about health in it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from jinja2 import TemplateError

from callbot.escalate.page import (
    CODEC,
    LMS_BYTES,
    SMS_BYTES,
    PageText,
    TemplateFault,
    compiled,
    cut,
    district_tag,
    size_of,
)
from callbot.schedule.window import EARLIEST, LATEST, SEOUL


class NoticeTemplate(StrEnum):
    """One file each in prompts/sms/."""

    DAY_BEFORE = "notice_day_before"
    MISSED = "notice_missed"
    OPTED_OUT = "notice_opted_out"


STOP_WORD = "거부"
_STOP = re.compile(r"(?:\[?수신거부\]?|거부|그만|stop)[\s.!]*", re.IGNORECASE)


@dataclass(frozen=True)
class NoticeFacts:
    """What a notice may name: never what the call is about."""

    district: str
    number: str
    """The stable caller number, as a Korean writes it: also the number to call back."""
    at: datetime
    """The call that it is about."""


def notice_text(template: str, facts: NoticeFacts) -> PageText:
    """Render; an LMS where it has to be one. Raises TemplateFault."""
    try:
        text = compiled(template).render(
            tag=facts.district,
            short_tag=district_tag(facts.district),
            number=facts.number,
            time=f"{facts.at.astimezone(SEOUL):%H:%M}",
            stop=STOP_WORD,
        )
    except TemplateError as error:
        raise TemplateFault(f"문자 서식을 쓸 수 없습니다: {error}") from error
    body = " ".join(text.split()).encode(CODEC, errors="replace").decode(CODEC)
    body = cut(body, LMS_BYTES)
    return PageText(body, size_of(body))


def is_long(text: PageText) -> bool:
    """It goes as an LMS, which costs more."""
    return text.size > SMS_BYTES


def wants_no_sms(text: str) -> bool:
    """A reply that means: no more text messages.

    >>> wants_no_sms("수신 거부"), wants_no_sms("거부합니다 말고 괜찮아요")
    (True, False)
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return _STOP.fullmatch(plain) is not None


def not_at_night(at: datetime) -> datetime:
    """`at`, or the next moment at which a person may be written to (08:00 to 21:00 in Seoul)."""
    local = at.astimezone(SEOUL)
    if EARLIEST <= local.time() < LATEST:
        return at
    day = local.date() + timedelta(days=1 if local.time() >= LATEST else 0)
    return datetime.combine(day, EARLIEST, SEOUL)


EVENING_BEFORE = time(17, 0)
"""When the notice of the day before goes out."""


def day_before(planned_at: datetime) -> tuple[datetime, datetime]:
    """(first, last) moment at which the notice of the day before may be written."""
    day = planned_at.astimezone(SEOUL).date() - timedelta(days=1)
    return datetime.combine(day, EVENING_BEFORE, SEOUL), datetime.combine(day, LATEST, SEOUL)
