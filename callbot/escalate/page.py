"""The text of one page: an SMS of at most 90 bytes, the critical words first, the name masked."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from callbot.people.person import masked_name
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import Category, Reported

SMS_BYTES = 90
LMS_BYTES = 2000
CODEC = "cp949"
"""Not `euc-kr`: Python's codec of that name writes 똠 as 8 bytes (facts/nlp.md, section 5)."""


class PageTemplate(StrEnum):
    """One file each in prompts/sms/."""

    CRITICAL = "critical"
    HIGH = "high"
    MISSED = "missed"
    REPORT = "report"
    ROUTINE = "routine"
    DIGEST = "digest"
    STORM = "storm"
    STORM_OVER = "storm_over"
    FOLLOW_UP = "follow_up"


class TemplateFault(ValueError):
    """A template cannot be used; the message names it and the mend, in Korean."""


CATEGORY_KO: dict[Category, str] = {
    Category.SUICIDE: "자살위험",
    Category.MEDICAL: "응급증상",
    Category.FALL: "낙상",
    Category.FOOD: "식사못함",
    Category.MEDICINE: "약문제",
    Category.PAIN: "통증",
    Category.SLEEP: "수면",
    Category.MOOD: "우울",
    Category.COGNITION: "인지",
    Category.ABUSE: "학대·폭력",
    Category.FRAUD: "사기",
    Category.HOUSING: "주거위험",
    Category.ALCOHOL: "음주",
    Category.MONEY: "생계",
    Category.SERVICE: "서비스",
}

REPORTED_KO: dict[Reported, str] = {Reported.DEAD: "사망", Reported.IN_HOSPITAL: "입원", Reported.MOVED: "이사"}

DISCREET = "위험신호"
"""Stands for the category where the programme wants no clinical words in an SMS."""


@dataclass(frozen=True)
class PageFacts:
    """What a template may name."""

    district: str
    name: str
    """The full name; only its masked form is rendered."""
    age: int | None
    at: datetime
    what: str
    case_id: int
    mark: str = ""
    """`미확인 `, `확인됨 `, or nothing."""
    count: int = 1
    """Of a digest or a storm: how many people."""
    link: str = ""
    """Where the worker can take it with one more touch; empty: the console has no address of its own."""


REPLY_HINT = "회신1맡음2불가3오보"


@dataclass(frozen=True)
class PageText:
    """Ready to send."""

    body: str
    size: int
    """Bytes in cp949."""


def district_tag(district: str) -> str:
    """광주광역시 동구청 -> 동구; at most four syllables, so that the rest of the message keeps its room."""
    words = district.split()
    return words[-1].removesuffix("청")[:4] if words else ""


def size_of(text: str) -> int:
    """Bytes of an SMS. What cp949 cannot write counts as the `?` that it becomes."""
    return len(text.encode(CODEC, errors="replace"))


def unencodable(text: str) -> tuple[str, ...]:
    """Characters that no Korean SMS can carry (emoji): refused when a template is edited."""
    return tuple(sorted({character for character in text if not _fits_codec(character)}))


def _fits_codec(character: str) -> bool:
    try:
        character.encode(CODEC)
    except UnicodeEncodeError:
        return False
    return True


def page_text(template: str, facts: PageFacts, *, long: bool = False) -> PageText:
    """Render. What does not fit gives way in this order: the hint how to reply, the link, the words of the cause; in the
    end it is cut: a page is never lost for its length. `long`: an LMS is allowed where the whole needs one; the text then
    begins with what an SMS would have said.

    Raises TemplateFault for a template that names something unknown.
    """
    plain = replace(facts, link="")
    bare = _rendered(template, plain, hint="")
    if size_of(bare) > SMS_BYTES:
        bare = cut(_rendered(template, replace(plain, what=DISCREET), hint=""), SMS_BYTES)
        return PageText(bare, size_of(bare))
    fuller = [
        _rendered(template, facts, hint=REPLY_HINT),
        _rendered(template, facts, hint=""),
        _rendered(template, plain, hint=REPLY_HINT),
        bare,
    ]
    if long and facts.link:
        return (
            PageText(fuller[0], size_of(fuller[0]))
            if size_of(fuller[0]) <= LMS_BYTES
            else PageText(bare, size_of(bare))
        )
    return next(PageText(text, size_of(text)) for text in fuller if size_of(text) <= SMS_BYTES)


def whole_text(template: str, facts: PageFacts) -> str:
    """Rendered without link and hint, however long: what the template itself asks for. Raises TemplateFault."""
    return _rendered(template, facts, hint="")


def _rendered(template: str, facts: PageFacts, *, hint: str) -> str:
    age = f"({facts.age})" if facts.age is not None else ""
    try:
        text = compiled(template).render(
            tag=district_tag(facts.district),
            who=masked_name(facts.name) + age,
            time=f"{facts.at.astimezone(SEOUL):%H:%M}",
            what=facts.what,
            case=facts.case_id,
            mark=facts.mark,
            count=facts.count,
            link=facts.link,
            reply=hint,
        )
    except TemplateError as error:
        raise TemplateFault(f"문자 서식을 쓸 수 없습니다: {error}") from error
    return " ".join(text.split()).encode(CODEC, errors="replace").decode(CODEC)


TEMPLATES = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)  # an SMS is no HTML


@lru_cache(64)
def compiled(template: str) -> Template:
    """Compiled once: a page is written while somebody is on the line. Raises jinja2's TemplateError."""
    return TEMPLATES.from_string(template)


def cut(text: str, most: int) -> str:
    """As many whole characters as fit into that many bytes."""
    return text.encode(CODEC, errors="replace")[:most].decode(CODEC, errors="ignore")
