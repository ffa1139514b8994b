"""Write the pages of one escalation step into the outbox; always inside the transaction of their cause."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.escalate.page import DISCREET, PageFacts, page_text
from callbot.escalate.policy import severity_of
from callbot.people.person import age_in
from callbot.people.team import meant
from callbot.schedule.window import SEOUL
from callbot.store.case_rows import Case, add_event
from callbot.store.page_rows import insert_page
from callbot.store.people_rows import name_and_team_facts
from callbot.store.policy_rows import Programme, team_of
from callbot.workflows.sms_templates import template_for, template_text


@dataclass(frozen=True)
class Wording:
    """The words of an SMS that depend on its cause."""

    what: str
    clinical: bool = False
    """`what` names an illness or an act; replaced where the programme wants no such words in an SMS."""
    mark: str = ""
    """`미확인 `, `확인됨 `, or nothing."""
    amends_page_id: int | None = None


def page_step(
    connection: Connection,
    case: Case,
    programme: Programme,
    wording: Wording,
    *,
    step: int,
    cause: str,
    now: datetime,
) -> int:
    """One page to everybody whom the step means; how many are new. Nobody on duty is itself recorded and unsent."""
    severity = severity_of(case.kind, case.level)
    steps = case.policy.steps_for(severity)
    to = steps[min(step, len(steps) - 1)]
    name, birth_year, assigned = name_and_team_facts(connection, case.person_id)
    recipients: tuple[int | None, ...] = meant(to.to, assigned, team_of(connection, programme.id))
    if not recipients:
        add_event(connection, case.id, "nobody_on_duty", now, detail=f"{to.to}")
        recipients = (None,)
    what = DISCREET if wording.clinical and not programme.clinical_words_in_sms else wording.what
    facts = PageFacts(
        district=programme.district,
        name=name,
        age=age_in(birth_year, now.astimezone(SEOUL).year),
        at=now,
        what=what,
        case_id=case.id,
        mark=wording.mark,
    )
    template = template_for(case.kind, severity)
    text = page_text(template_text(template), facts)
    row = {
        "case_id": case.id,
        "step": step,
        "template": template,
        "channel": to.channel,
        "severity": severity,
        "created_at": now,
        "amends_page_id": wording.amends_page_id,
    }
    keys = {recipient: f"{case.id}/{cause}/{step}/{recipient or 0}" for recipient in recipients}
    new = (
        insert_page(connection, row | {"worker_id": recipient, "dedup_key": key}, text)
        for recipient, key in keys.items()
    )
    return sum(page is not None for page in new)
