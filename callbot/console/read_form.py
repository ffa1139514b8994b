"""Reading the fields of a long form: each mistake is one Korean sentence that names field, value and mend."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from callbot.console.times import SEOUL
from callbot.schedule.window import BadWindow, Window, read_time

Form = Mapping[str, Sequence[str]]


class BadForm(ValueError):
    """The form cannot be used as it is; the message is Korean."""


def text(form: Form, name: str, label: str = "", *, most: int = 200) -> str:
    """The last value, or empty. `label`: it must not be empty."""
    value = form.get(name, ("",))[-1]
    if label and not value:
        raise BadForm(f"‘{label}’이(가) 비어 있습니다. 적어 주세요.")
    if len(value) > most:
        raise BadForm(f"‘{label or name}’이(가) {len(value)}자입니다. {most}자 안으로 줄여 주세요.")
    return value


def number(form: Form, name: str, label: str, low: float, high: float, *, default: float | None = None) -> float:
    """Between two bounds. Empty: the default, where there is one."""
    value = text(form, name)
    if not value and default is not None:
        return default
    try:
        read = float(value)
    except ValueError:
        read = float("nan")
    if not low <= read <= high:
        raise BadForm(f"‘{label}’ 값 {value!r}을(를) 쓸 수 없습니다. {low:g}에서 {high:g} 사이의 숫자로 적어 주세요.")
    return read


def whole(form: Form, name: str, label: str, low: int, high: int, *, default: int | None = None) -> int:
    """The same, whole."""
    read = number(form, name, label, low, high, default=default)
    if read != int(read):
        raise BadForm(f"‘{label}’은(는) 소수점 없이 적어 주세요 ({low}~{high}).")
    return int(read)


def day(form: Form, name: str, label: str) -> date | None:
    """2026-12-01; empty: None."""
    value = text(form, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise BadForm(f"‘{label}’ 값 {value!r}을(를) 읽을 수 없습니다. 2026-12-01처럼 적어 주세요.") from error


def clock(form: Form, name: str, label: str) -> time:
    """09:30."""
    value = text(form, name, label)
    try:
        return read_time(value)
    except BadWindow as error:
        raise BadForm(
            f"‘{label}’ 값 {value!r}을(를) 읽을 수 없습니다. 24시간 방식으로 적어 주세요 (예: 14:30)."
        ) from error


def window(form: Form, prefix: str, label: str, inside: Window | None = None) -> Window | None:
    """`<prefix>_from` and `<prefix>_until`; both empty: None. Something of it must be in the daytime, and inside `inside`."""
    if not text(form, f"{prefix}_from") and not text(form, f"{prefix}_until"):
        return None
    opens, closes = clock(form, f"{prefix}_from", f"{label} 시작"), clock(form, f"{prefix}_until", f"{label} 끝")
    if opens >= closes:
        raise BadForm(f"‘{label}’의 끝({closes:%H:%M})이 시작({opens:%H:%M})보다 늦어야 합니다.")
    found = Window(opens, closes)
    if found.within_hard_stop() is None:
        raise BadForm(f"‘{label}’이(가) 모두 밤(21:00~08:00)입니다. 밤에는 아무에게도 전화하지 않습니다.")
    if inside is not None and inside.overlap(opens, closes) is None:
        allowed = f"{inside.opens:%H:%M}~{inside.closes:%H:%M}"
        raise BadForm(
            f"‘{label}’이(가) 사업의 통화 시간대({allowed})와 겹치지 않습니다. 그러면 한 번도 전화하지 못합니다."
        )
    return found


def start_of(on: date) -> datetime:
    """Midnight in Seoul."""
    return datetime.combine(on, time(), SEOUL)


def chosen(form: Form, name: str, label: str, known: Sequence[str]) -> str:
    """One of a list."""
    value = text(form, name)
    if value not in known:
        raise BadForm(f"‘{label}’을(를) 하나 골라 주세요.")
    return value
