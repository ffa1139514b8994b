"""Whether an edited SMS template may be used: rendered with the usual and with the longest of everything."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callbot.escalate.notice import NoticeFacts, NoticeTemplate, notice_text
from callbot.escalate.page import (
    LMS_BYTES,
    SMS_BYTES,
    PageFacts,
    PageTemplate,
    TemplateFault,
    page_text,
    size_of,
    unencodable,
    whole_text,
)

AT = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
USUAL = PageFacts("광주광역시 동구청", "김순자", 82, AT, "응급증상", 12, count=7)
LONGEST = PageFacts(
    "강원특별자치도 양구군청", "남궁을지문덕", 101, AT, "학대·폭력·주거위험", 1_234_567, "미확인 ", count=3000
)
NUMBER = "062-000-0000"
TEXT_KO: dict[PageTemplate | NoticeTemplate, str] = {
    PageTemplate.CRITICAL: "긴급",
    PageTemplate.HIGH: "높음",
    PageTemplate.MISSED: "미응답",
    PageTemplate.REPORT: "소식(입원·사망·이사)",
    PageTemplate.ROUTINE: "일반(다음 단계)",
    PageTemplate.DIGEST: "모아 보내기",
    PageTemplate.STORM: "한꺼번에 생긴 미응답",
    PageTemplate.STORM_OVER: "한꺼번에 생긴 미응답이 끝남",
    PageTemplate.FOLLOW_UP: "다시 볼 날",
    NoticeTemplate.DAY_BEFORE: "대상자에게: 하루 전 안내",
    NoticeTemplate.MISSED: "대상자에게: 못 받은 전화",
    NoticeTemplate.OPTED_OUT: "대상자에게: 수신거부 확인",
}
URGENT = frozenset({PageTemplate.CRITICAL, PageTemplate.HIGH, PageTemplate.MISSED, PageTemplate.REPORT})


@dataclass(frozen=True)
class Checked:
    """What an editor is shown."""

    usual: str
    usual_bytes: int
    longest: str
    longest_bytes: int
    """Before anything gave way: what the template itself asks for, without link and hint."""
    problems: tuple[str, ...]
    """Why it cannot be saved, in Korean; empty: it can."""
    remarks: tuple[str, ...]
    """What will happen to it all the same."""


def check_text(template: PageTemplate | NoticeTemplate, text: str) -> Checked:
    """Everything about one edited template."""
    problems: list[str] = []
    wrong = unencodable(text)
    if wrong:
        problems.append(f"문자로 보낼 수 없는 글자가 있습니다: {' '.join(wrong)}. 지우거나 다른 글자로 바꿔 주세요.")
    if not text.strip():
        problems.append("문구가 비어 있습니다.")
    try:
        usual, longest, asked = _rendered(template, text)
    except TemplateFault as error:
        return Checked("", 0, "", 0, (*problems, f"{error} 쓸 수 있는 이름만 {{{{ }}}} 안에 적어 주세요."), ())
    remarks = []
    if asked > LMS_BYTES:
        problems.append(f"가장 긴 경우 {asked}바이트입니다. {LMS_BYTES}바이트 안으로 줄여 주세요.")
    elif asked > SMS_BYTES and isinstance(template, PageTemplate):
        remarks.append(f"가장 긴 경우 {asked}바이트여서, 그때는 내용이 ‘위험신호’로 짧아지거나 끝이 잘립니다.")
    elif asked > SMS_BYTES:
        remarks.append(f"가장 긴 경우 {asked}바이트여서 그때는 긴 문자(LMS)로 나갑니다.")
    problems += _missing(template, text, usual)
    return Checked(usual, size_of(usual), longest, asked, tuple(problems), tuple(remarks))


def _rendered(template: PageTemplate | NoticeTemplate, text: str) -> tuple[str, str, int]:
    if isinstance(template, NoticeTemplate):
        usual = notice_text(text, NoticeFacts(USUAL.district, NUMBER, AT))
        longest = notice_text(text, NoticeFacts(LONGEST.district, NUMBER, AT))
        return usual.body, longest.body, longest.size
    asked = size_of(whole_text(text, LONGEST))
    # With a link, so that a template that names it is tried too.
    page_text(text, replace(USUAL, link="https://a.kr/p/1aaaaaaaa"))
    return page_text(text, USUAL).body, page_text(text, LONGEST).body, asked


def _missing(template: PageTemplate | NoticeTemplate, text: str, usual: str) -> list[str]:
    missing = []
    if template in URGENT and "김O자" not in usual:
        missing.append("누구인지({{ who }})가 들어가야 합니다.")
    if isinstance(template, PageTemplate) and "#12" not in usual:
        missing.append("사건 번호(#{{ case }})가 들어가야 합니다. 회신할 때 씁니다.")
    if template is PageTemplate.CRITICAL and "위기" not in usual[:20] and "긴급" not in usual[:20]:
        missing.append("앞 20자 안에 ‘위기’나 ‘긴급’이 들어가야 합니다.")
    if isinstance(template, NoticeTemplate) and NUMBER not in usual:
        missing.append("발신 번호({{ number }})가 들어가야 합니다.")
    if isinstance(template, NoticeTemplate) and template is not NoticeTemplate.OPTED_OUT and "stop" not in text:
        missing.append("거부하는 방법({{ stop }})이 들어가야 합니다.")
    return missing
