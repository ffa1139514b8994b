"""The SMS templates: the files of prompts/sms, or what a supervisor has made of them."""

from functools import cache

from sqlalchemy import Connection

from callbot.escalate.case import CaseKind
from callbot.escalate.notice import NoticeTemplate
from callbot.escalate.page import PageTemplate
from callbot.escalate.policy import Severity
from callbot.settings import ROOT
from callbot.store.paging_rows import edited_text

_BY_KIND = {CaseKind.REPORT: PageTemplate.REPORT, CaseKind.MISSED: PageTemplate.MISSED}
_BY_SEVERITY = {
    Severity.CRITICAL: PageTemplate.CRITICAL,
    Severity.HIGH: PageTemplate.HIGH,
    Severity.MISSED: PageTemplate.MISSED,
    Severity.ROUTINE: PageTemplate.ROUTINE,
}


def template_for(kind: CaseKind, severity: Severity) -> PageTemplate:
    """Which text a page of this case takes."""
    return _BY_KIND.get(kind) or _BY_SEVERITY[severity]


def text_in_force(connection: Connection, template: PageTemplate | NoticeTemplate) -> str:
    """As edited, else as shipped."""
    return edited_text(connection, template) or template_text(template)


@cache
def template_text(template: PageTemplate | NoticeTemplate) -> str:
    """The file's text."""
    return (ROOT / "prompts" / "sms" / f"{template}.j2").read_text("utf-8")
