"""What a demo shows in the terminal: one row a person, and what is being said."""

from collections import deque
from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from callbot.converse.transcript import Turn
from callbot.store.week_summary import DueSummary
from callbot.understand.meaning import Signal

LINES = 12

STATE_KO = {
    "planned": "예정", "open": "진행 중", "contacted": "통화함", "contacted_degraded": "버튼으로 응답", "refused": "오늘은 거절",
    "not_reached": "연락 안 됨", "reported": "전해 들음", "suspended": "보류", "failed_by_us": "우리 쪽 장애",
}  # fmt: skip
END_KO = {
    "claimed": "준비", "dialling": "거는 중", "ringing": "울리는 중", "answered": "통화 중", "person": "본인", "other_person": "다른 사람",
    "voicemail": "음성사서함", "announcement": "안내 방송", "busy": "통화 중(상대)", "no_answer": "안 받음", "rejected": "거절",
    "silent": "말 없음", "bad_number": "없는 번호", "network_failure": "통신 장애", "system_failure": "시스템 장애",
    "interrupted": "중단", "window_closed": "시간 종료", "planned": "예정",
}  # fmt: skip
LEVEL_KO = {"none": "이상 없음", "watch": "관심", "high": "높음", "emergency": "긴급", "unassessable": "판단 불가"}
LEVEL_STYLE = {"emergency": "bold white on red", "high": "bold red", "watch": "yellow"}
KIND_KO = {
    "missed": "미응답",
    "distress": "위험",
    "report": "전해 들음",
    "refusal": "거절",
    "review": "확인",
    "request": "요청",
}
PAGE_KO = {
    "unsent": "미발송",
    "pending": "대기",
    "claimed": "보내는 중",
    "sent": "발송",
    "delivered": "도착",
    "failed": "실패",
}


class DemoView:
    """Fed with turns as they happen; draws itself from the ledger."""

    def __init__(self) -> None:
        self._said: deque[Text] = deque(maxlen=LINES)
        self._bot_lines: dict[tuple[str, int], str] = {}

    def show(self, key: str, what: Turn | tuple[Signal, ...]) -> None:
        """A turn or a page, at once."""
        call = key.rpartition("-")[0][-4:] or key[-4:]
        if not isinstance(what, Turn):
            for signal in what:
                words = f"{call} ▲ 담당자 쪽지: {LEVEL_KO[signal.level]} “{signal.quote}”"
                self._said.append(Text(words, "bold red"))
            return
        if what.who == "bot":
            if what.said_until_s is None:
                self._said.append(Text(f"{call}   봇  {what.text}", "dim"))
            return
        self._said.append(Text(f"{call} ● 상대 {what.text or f'({what.rejected})'}"))

    def lines(self) -> list[str]:
        """What was said since the last time, as plain text."""
        taken = [text.plain for text in self._said]
        self._said.clear()
        return taken

    def draw(self, rows: Iterable[DueSummary], heading: str) -> Group:
        """The whole picture."""
        table = Table(expand=False)
        for title in ("이름", "상태", "전화", "위험도", "사건", "쪽지"):
            table.add_column(title)
        for row in rows:
            table.add_row(
                row.name,
                STATE_KO.get(row.disposition or row.state, row.state),
                " → ".join(END_KO.get(end, end) for end in row.attempt_states),
                Text(LEVEL_KO.get(row.level or "", ""), LEVEL_STYLE.get(row.level or "", "")),
                ", ".join(KIND_KO.get(kind, kind) for kind, _ in row.cases),
                ", ".join(PAGE_KO.get(state, state) for state in row.pages),
            )
        return Group(Text(heading, "bold"), table, *self._said)
