"""A policy in words, as whoever edits it reads it before it is in force."""

from callbot.escalate.hours import HOURS_KO, Hours
from callbot.escalate.policy import EscalationPolicy, Severity, Steps
from callbot.escalate.roster_import import ROLE_KO

SEVERITY_KO: dict[Severity, str] = {
    Severity.CRITICAL: "긴급",
    Severity.HIGH: "높음",
    Severity.MISSED: "미응답",
    Severity.ROUTINE: "일반",
}
CHANNEL_KO = {"sms": "문자", "voice": "전화"}


def span(seconds: float) -> str:
    """`5분`, `1시간 30분`, `40초`."""
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:g}초"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}시간" if hours else "", f"{minutes}분" if minutes else "") if part)


def steps_in_words(steps: Steps) -> str:
    """`바로 담당자에게 문자 → 5분 뒤 팀장에게 전화(2분 간격 2번 더)`."""
    words = []
    for step in steps:
        when = "바로" if not step.after else f"{span(step.after)} 뒤"
        again = f"({span(step.every)} 간격 {step.repeats}번 더)" if step.repeats else ""
        words.append(f"{when} {ROLE_KO[step.to]}에게 {CHANNEL_KO[step.channel]}{again}")
    return " → ".join(words)


def in_words(policy: EscalationPolicy, hours: Hours) -> tuple[str, ...]:
    """One sentence a severity."""
    found = []
    for severity in Severity:
        text = f"{SEVERITY_KO[severity]}: {steps_in_words(policy.steps_for(severity, hours))}."
        again = policy.again_after(severity)
        if again is not None:
            text += f" 그래도 아무도 맡지 않으면 {span(again.total_seconds())} 뒤 처음부터 다시."
        if severity is Severity.ROUTINE:
            text += " 문자는 정해진 시각에 모아서 보냅니다."
        found.append(
            f"{text} 맡은 뒤 {span(policy.deadline(severity).total_seconds())} 안에 결과가 없으면 다시 올라옵니다."
        )
    return tuple(found)


def hours_in_words(policy: EscalationPolicy) -> dict[Hours, tuple[str, ...]]:
    """For every kind of hours, named in HOURS_KO."""
    return {hours: in_words(policy, hours) for hours in HOURS_KO}
