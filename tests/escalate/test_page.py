"""The text of a page: golden, within 90 bytes, masked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callbot.escalate.page import (
    CATEGORY_KO,
    PageFacts,
    PageTemplate,
    TemplateFault,
    cut,
    district_tag,
    page_text,
    size_of,
    unencodable,
)
from callbot.understand.meaning import Category

SMS = Path(__file__).resolve().parents[2] / "prompts" / "sms"
AT = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
LONGEST = PageFacts("강원특별자치도 양구군청", "남궁을지문덕", 101, AT, "학대·폭력·주거위험", 1_234_567, "미확인 ")

GOLDEN = {
    PageTemplate.CRITICAL: ("[동구안부]위기 김O자(82) 11:42통화 응급증상. 즉시확인 #12", 57),
    PageTemplate.HIGH: ("[동구안부]주의 김O자(82) 11:42통화 응급증상. 오늘확인 #12", 57),
    PageTemplate.MISSED: ("[동구안부]미응답 김O자(82) 응급증상, 11:42까지. 오늘확인 #12", 60),
    PageTemplate.REPORT: ("[동구안부]소식 김O자(82) 11:42 응급증상(전해들음). 오늘확인 #12", 63),
    PageTemplate.ROUTINE: ("[동구안부]김O자(82) 11:42 응급증상 #12", 38),
}


def text(template: PageTemplate) -> str:
    return (SMS / f"{template}.j2").read_text("utf-8")


@pytest.mark.parametrize("template", PageTemplate)
def test_golden(template: PageTemplate) -> None:
    """Each template's words and bytes."""
    facts = PageFacts("광주광역시 동구청", "김순자", 82, AT, "응급증상", 12)
    made = page_text(text(template), facts)
    assert (made.body, made.size) == GOLDEN[template]


@pytest.mark.parametrize("template", PageTemplate)
def test_longest_fits(template: PageTemplate) -> None:
    """The longest name, district and case number fit into 90 bytes, with the case's number at the end."""
    made = page_text(text(template), LONGEST)
    assert made.size <= 90
    assert made.body.endswith("#1234567")
    assert "을지" not in made.body


def test_every_template_file_is_known() -> None:
    """No file without a name, no name without a file."""
    assert {path.stem for path in SMS.glob("*.j2")} == set(PageTemplate)


def test_too_long_loses_the_least() -> None:
    """First the words of the cause give way, then the end is cut between characters: a page is never lost."""
    made = page_text(
        "위기 {{ who }} {{ what }} 즉시확인 #{{ case }}", PageFacts("동구", "김순자", 82, AT, "가" * 60, 12)
    )
    assert made.body == "위기 김O자(82) 위험신호 즉시확인 #12"
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


def test_words() -> None:
    """Every category has a short word; a district its tag."""
    assert set(CATEGORY_KO) == set(Category)
    assert [district_tag(each) for each in ("광주광역시 동구청", "세종특별자치시", "")] == ["동구", "세종특별", ""]
