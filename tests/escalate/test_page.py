"""The text of a page: golden, within 90 bytes, masked, the critical words first."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from callbot.escalate.bundling import CAUSE_KO
from callbot.escalate.notice import NoticeFacts, NoticeTemplate, is_long, not_at_night, notice_text, wants_no_sms
from callbot.escalate.page import (
    CATEGORY_KO,
    REPLY_HINT,
    PageFacts,
    PageTemplate,
    TemplateFault,
    cut,
    district_tag,
    page_text,
    size_of,
    unencodable,
)
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import Category

SMS = Path(__file__).resolve().parents[2] / "prompts" / "sms"
GOLDEN = yaml.safe_load((Path(__file__).parent / "golden" / "sms.yaml").read_text("utf-8"))
AT = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
USUAL = PageFacts("광주광역시 동구청", "김순자", 82, AT, "응급증상", 12, count=7)
LONGEST = PageFacts(
    "강원특별자치도 양구군청", "남궁을지문덕", 101, AT, "학대·폭력·주거위험", 1_234_567, "미확인 ", count=3000
)
SHORT_LINK = "https://ab.go.kr/p/1a2Xy3kP0aQ"
LONG_LINK = "https://ansim-call.donggu.gwangju.kr/p/1a2Xy3kP0aQ"
NOTICE = NoticeFacts("광주광역시 동구청", "062-000-0000", AT)
LONGEST_NOTICE = NoticeFacts("강원특별자치도 양구군청", "1533-0000-000", AT)


def text(template: str) -> str:
    return (SMS / f"{template}.j2").read_text("utf-8")


def made(template: PageTemplate, facts: PageFacts, *, long: bool = False) -> list[object]:
    page = page_text(text(template), facts, long=long)
    return [page.body, page.size]


@pytest.mark.parametrize("template", PageTemplate)
def test_golden(template: PageTemplate) -> None:
    """Each template's words and bytes: as usual, with the longest of everything, with a short link, as an LMS."""
    assert {
        "usual": made(template, USUAL),
        "longest": made(template, LONGEST),
        "linked": made(template, replace(USUAL, link=SHORT_LINK)),
        "lms": made(template, replace(LONGEST, link=LONG_LINK), long=True),
    } == GOLDEN[template]


@pytest.mark.parametrize("template", NoticeTemplate)
def test_golden_notices(template: NoticeTemplate) -> None:
    """What a person reads: who calls, when, from which number, how to stop it; nothing about health."""
    usual, longest = notice_text(text(template), NOTICE), notice_text(text(template), LONGEST_NOTICE)
    assert {"usual": [usual.body, usual.size], "longest": [longest.body, longest.size]} == GOLDEN[template]
    assert not is_long(usual)
    assert unencodable(usual.body) == ()
    assert "광주광역시 동구청" in usual.body
    assert "062-000-0000" in usual.body


@pytest.mark.parametrize("template", PageTemplate)
def test_longest_fits(template: PageTemplate) -> None:
    """The longest name, district and case number fit into 90 bytes, with the case's number and masked."""
    page = page_text(text(template), LONGEST)
    assert page.size <= 90
    assert "#1234567" in page.body
    assert "을지" not in page.body


@pytest.mark.parametrize("template", [PageTemplate.CRITICAL, PageTemplate.HIGH, PageTemplate.MISSED])
def test_the_critical_words_come_first(template: PageTemplate) -> None:
    """In a preview of 30 bytes, and in the first 90 of an LMS, stands what it is and about whom."""
    page = page_text(text(template), replace(LONGEST, link=LONG_LINK), long=True)
    assert page.size > 90
    begins = cut(page.body, 40)
    assert any(word in begins for word in ("위기", "주의", "미응답"))
    assert "남OO" in begins
    assert "#1234567" in cut(page.body, 90)


def test_what_gives_way_first() -> None:
    """The hint how to reply before the link, the link before the words of the cause, those before the case's number."""
    template = "위기 {{ who }} {{ what }} #{{ case }} {{ link }} {{ reply }}"
    facts = replace(USUAL, link=SHORT_LINK)
    assert page_text(template, facts).body.endswith(REPLY_HINT)
    longer = page_text(template, replace(facts, what="가" * 12)).body
    assert SHORT_LINK in longer
    assert REPLY_HINT not in longer
    longer = page_text(template, replace(facts, what="가" * 25)).body
    assert SHORT_LINK not in longer
    assert "가" * 25 in longer


def test_every_template_file_is_known() -> None:
    """No file without a name, no name without a file."""
    assert {path.stem for path in SMS.glob("*.j2")} == {*PageTemplate, *NoticeTemplate}


def test_too_long_loses_the_least() -> None:
    """First the words of the cause give way, then the end is cut between characters: a page is never lost."""
    page = page_text(
        "위기 {{ who }} {{ what }} 즉시확인 #{{ case }}", PageFacts("동구", "김순자", 82, AT, "가" * 60, 12)
    )
    assert page.body == "위기 김O자(82) 위험신호 즉시확인 #12"
    assert page_text("가" * 60, LONGEST).body == "가" * 45
    assert cut("가나다", 5) == "가나"


def test_bytes_are_cp949() -> None:
    """Rare syllables count two bytes; emoji cannot be sent and are named."""
    assert size_of("똠펲") == 4
    assert unencodable("안부☎🚑") == ("🚑",)
    assert page_text("위기 🚑 {{ who }}", LONGEST).body.startswith("위기 ? 남")


def test_unknown_name_in_a_template() -> None:
    """A template that names something unknown, or is broken, is a fault and not an empty text."""
    for broken in ("{{ phone }}", "{{ who", "{% for %}"):
        with pytest.raises(TemplateFault):
            page_text(broken, LONGEST)
        with pytest.raises(TemplateFault):
            notice_text(broken, NOTICE)


def test_words() -> None:
    """Every category has a short word; a district its tag; the causes of storms are short too."""
    assert set(CATEGORY_KO) == set(Category)
    assert [district_tag(each) for each in ("광주광역시 동구청", "세종특별자치시", "")] == ["동구", "세종특별", ""]
    assert all(size_of(words) <= 20 for words in CAUSE_KO.values())


@pytest.mark.parametrize(
    ("at", "then"),
    [("24 20:59", "24 20:59"), ("24 21:00", "25 08:00"), ("24 23:30", "25 08:00"), ("25 03:00", "25 08:00"),
     ("25 07:59", "25 08:00"), ("25 08:00", "25 08:00")],
)  # fmt: skip
def test_nobody_is_written_to_at_night(at: str, then: str) -> None:
    """From 21:00 to 08:00 a notice waits for the morning."""
    moment, expected = (
        datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SEOUL) for text in (at, then)
    )
    assert not_at_night(moment.astimezone(UTC)) == expected


@pytest.mark.parametrize(
    ("reply", "stop"),
    [("수신거부", True), ("수신 거부.", True), ("거부", True), ("그만", True), ("STOP", True), ("네", False),
     ("거부감은 없어요", False), ("", False)],
)  # fmt: skip
def test_opting_out_in_words(reply: str, stop: bool) -> None:
    """Only a message that is nothing but a refusal."""
    assert wants_no_sms(reply) is stop
