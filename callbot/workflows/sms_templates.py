"""The SMS templates of prompts/sms, read once."""

from functools import cache

from callbot.escalate.case import CaseKind
from callbot.escalate.page import PageTemplate
from callbot.escalate.policy import Severity
from callbot.settings import ROOT

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


@cache
def template_text(template: PageTemplate) -> str:
    """The file's text."""
    return (ROOT / "prompts" / "sms" / f"{template}.j2").read_text("utf-8")
