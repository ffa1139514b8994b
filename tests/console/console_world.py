"""An invented neighbourhood in a real database: what the console's tests look at."""

import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from callbot.console.passwords import Passwords
from callbot.line.recording import wav_header
from callbot.store import tables as t
from callbot.store.database import Store
from callbot.store.migrate import migrate
from callbot.store.sealed_file import SealedWriter, new_data_key

NOW = datetime(2026, 11, 24, 1, 24, tzinfo=UTC)
"""Tuesday, 10:24 in Seoul."""
PASSWORD = "kkachi-bada-2026"
QUICK = Passwords(time_cost=1, memory_kib=64)
MINUTE = timedelta(minutes=1)
POLICY = {"name": "기본", "steps": {}}
LADDER = {"rungs": []}

TALK = [
    ("bot", "안녕하세요, 김순자 어르신. 저는 동구청의 인공지능 상담원입니다. 이 통화는 녹음됩니다. 지금 통화 괜찮으세요?", "good_time", 0.4),
    ("person", "어, 그래. 괜찮아.", "good_time", 9.2),
    ("bot", "요즘 몸은 좀 어떠세요? 아픈 데는 없으세요?", "health", 11.6),
    ("person", "아니 그게, 아침부터 가슴이 조이고 숨이 차요.", "health", 16.1),
    ("bot", "지금도 가슴이 조이거나 숨이 차세요?", "confirm", 20.8),
    ("person", "지금도 그래. 누워 있어도 숨이 차.", "confirm", 25.0),
    ("bot", "많이 힘드시겠어요. 지금 바로 119에 전화하시는 것이 좋겠습니다. 담당자에게도 바로 알렸습니다.", None, 28.9),
    ("person", "", "notice", 37.5),
    ("bot", "식사는 하셨어요?", "meals", 40.2),
    ("person", "아침은 못 먹었어. 어제 저녁에 죽 조금.", "meals", 43.0),
    ("bot", "네, 말씀 잘 들었습니다. 담당자가 곧 연락드리겠습니다. 다시 거실 번호는 062-000-0000입니다.", None, 48.1),
]  # fmt: skip
SECONDS = 56


@dataclass
class World:
    """What the tests need to know."""

    store: Store
    recordings: Path
    ids: dict[str, int]

    def add(self, table: sa.Table, **values: Any) -> int:
        with self.store.write() as connection:
            return int(connection.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())

    def rows(self, table: sa.Table, *conditions: Any) -> list[Any]:
        with self.store.read() as connection:
            return list(connection.execute(sa.select(table).where(*conditions)))

    def person(self, name: str, number: int, birth_year: int, address: str, form: str = "님", **more: Any) -> int:
        person_id = self.add(
            t.persons, **{"programme_id": self.ids["programme"], "worker_id": self.ids["worker"], "name": name} | more,
            address=address, birth_year=birth_year, address_form=form, created_at=NOW - timedelta(days=400),
        )  # fmt: skip
        e164 = f"+82100000{number:04d}"
        self.add(t.person_numbers, person_id=person_id, e164=e164, number_index=self.store.keys.blind(e164))
        for kind in ("general", "sensitive", "recording"):
            self.add(t.consents, person_id=person_id, kind=kind, given=True, at=NOW - timedelta(days=399))
        return person_id

    def due(self, person_id: int, state: str = "ended", *, weeks_ago: int = 0, **more: Any) -> int:
        planned = NOW.replace(hour=1, minute=0) - timedelta(weeks=weeks_ago)
        return self.add(
            t.due_contacts, **{
                "person_id": person_id, "slot": f"{weeks_ago}", "state": state, "planned_at": planned,
                "expires_at": planned + timedelta(hours=8), "window_from": "09:00", "window_until": "18:00",
                "ladder": LADDER, "created_at": planned - timedelta(days=1),
            } | more,
        )  # fmt: skip

    def attempt(self, due_id: int, number: int, end: str | None, at: datetime, **more: Any) -> int:
        times = {"dialling_at": at, "ringing_at": at + timedelta(seconds=2)}
        if end is not None:
            times["ended_at"] = at + timedelta(seconds=34)
        row = {"state": "ended" if end else "ringing", "key": f"{due_id}-{number}"} | times | more
        return self.add(t.attempts, due_contact_id=due_id, number=number, end=end, **row)

    def call(self, attempt_id: int, person_id: int, at: datetime, **more: Any) -> int:
        row = {"who": "person", "level": "none", "ended_at": at + timedelta(seconds=SECONDS)} | more
        return self.add(t.calls, attempt_id=attempt_id, person_id=person_id, answered_at=at, **row)

    def past(self, person_id: int, ends: list[str], *, last_week: int = 1) -> None:
        """Ended due contacts, oldest first, the last of them a week ago."""
        for place, end in enumerate(reversed(ends)):
            weeks_ago = place + last_week
            disposition, _, level = end.partition("/")
            due_id = self.due(person_id, weeks_ago=weeks_ago, disposition=disposition)
            at = NOW - timedelta(weeks=weeks_ago) + 4 * MINUTE
            if disposition == "contacted":
                attempt_id = self.attempt(due_id, 1, "person", at)
                self.call(attempt_id, person_id, at, level=level or "none")
            else:
                self.attempt(due_id, 1, "no_answer", at, cause=19, tech_cause=480)

    def case(self, person_id: int, kind: str, level: str, minutes_ago: int, summary: str, **more: Any) -> int:
        at = NOW - minutes_ago * MINUTE
        row = {"state": "triggered", "policy": POLICY, "summary": summary} | more
        case_id = self.add(t.cases, person_id=person_id, kind=kind, level=level, opened_at=at, **row)
        self.add(t.case_events, case_id=case_id, what="opened", at=at, level=level, detail=summary)
        return case_id

    def page(self, case_id: int, body: str, severity: str, minutes_ago: int, **more: Any) -> int:
        row = {"state": "unsent", "template": "case", "dedup_key": f"{case_id}/{severity}/{minutes_ago}"} | more
        return self.add(
            t.pages, case_id=case_id, worker_id=self.ids["worker"], severity=severity, body=body,
            body_bytes=len(body.encode("cp949")), created_at=NOW - minutes_ago * MINUTE, **row,
        )  # fmt: skip

    def signal(self, call_id: int, person_id: int, case_id: int, **more: Any) -> None:
        row = {"rule_version": "1", "detector": "morphology", "guards": [], "at": NOW - 5 * MINUTE} | more
        self.add(t.signals, call_id=call_id, person_id=person_id, case_id=case_id, **row)

    def record(self, call_id: int) -> Path:
        """A sealed recording: a tone whose pitch rises with every spoken turn, the person left, the bot right."""
        plain, wrapped = new_data_key(self.store.keys, call_id)
        path = self.recordings / f"call-{call_id}.cbr"
        with SealedWriter(path, plain) as writer:
            writer.write(wav_header())
            writer.write(_tones())
        with self.store.write() as connection:
            values = {"recording_path": path.name, "recording_key": wrapped, "recording_seconds": SECONDS}
            connection.execute(t.calls.update().where(t.calls.c.id == call_id).values(**values))
        return path


def _tones() -> bytes:
    samples = bytearray()
    starts = [(offset, who) for who, _, _, offset in TALK]
    table = [round(6000 * math.sin(2 * math.pi * n / 40)) for n in range(40)]
    for second in range(SECONDS):
        who = [name for offset, name in starts if offset <= second]
        left = table if who and who[-1] == "person" else [0] * 40
        right = table if who and who[-1] == "bot" else [0] * 40
        cycle = b"".join(struct.pack("<2h", a, b) for a, b in zip(left, right, strict=True))
        samples += cycle * 200
    return bytes(samples)


def empty_world(directory: Path) -> World:
    """A programme, a worker, three accounts, nobody to call."""
    store = migrate(f"sqlite:///{directory}/callbot.db", directory / "keys.json", NOW).store
    (directory / "recordings").mkdir()
    world = World(store, directory / "recordings", {})
    ids = world.ids
    ids["programme"] = world.add(t.programmes, name="주간 안부", district="동구", caller_number="062-000-0000")
    ids["elsewhere"] = world.add(t.programmes, name="다른 구", district="서구", caller_number="062-000-0001")
    ids["worker"] = world.add(t.workers, programme_id=ids["programme"], name="이지은", role="caseworker")
    ids["far_worker"] = world.add(t.workers, programme_id=ids["elsewhere"], name="남은우", role="caseworker")
    hashed = QUICK.hash(PASSWORD)
    for login, role, worker in (
        ("jieun", "caseworker", "worker"), ("far", "caseworker", "far_worker"), ("boss", "supervisor", None),
        ("root", "admin", None), ("loose", "caseworker", None),
    ):  # fmt: skip
        ids[login] = world.add(
            t.accounts, login=login, role=role, password_hash=hashed, created_at=NOW,
            worker_id=ids[worker] if worker else None,
        )  # fmt: skip
    return world


def furnish(world: World) -> World:
    """A Tuesday morning with something of everything."""
    _distressed(world)
    _weary(world)
    _unreached(world)
    _wishing(world)
    _on_the_line(world)
    _done_and_planned(world)
    return world


def _distressed(world: World) -> None:
    ids = world.ids
    soonja = ids["soonja"] = world.person("김순자", 1, 1944, "광주 동구 계림로 00-1, 201호", "어르신")
    world.past(
        soonja, ["contacted", "contacted", "contacted/watch", "not_reached", "contacted", "contacted", "contacted"]
    )
    at = NOW - 6 * MINUTE
    due = world.due(soonja, disposition="contacted", ended_at=at + MINUTE)
    attempt = world.attempt(due, 1, "person", at - timedelta(seconds=9), answered_at=at, cause=16)
    call = ids["call"] = world.call(attempt, soonja, at, level="emergency")
    for position, (who, text, topic, offset) in enumerate(TALK):
        world.add(
            t.turns, call_id=call, position=position, who=who, text=text, topic=topic, audio_offset_s=offset, at=at,
            rejected=None if text else "no_speech", confidence=0.82 if who == "person" else None,
            has_words=who == "person" and bool(text),
        )  # fmt: skip
    for topic, value in (
        ("health", "bad"), ("meals", "bad"), ("sleep", "not_asked"), ("medicine", "not_asked"), ("mood", "unsure"),
        ("outing", "not_asked"), ("needs", "ok"),
    ):  # fmt: skip
        world.add(t.answers, call_id=call, topic=topic, value=value)
    case = ids["case"] = world.case(
        soonja,
        "distress",
        "emergency",
        5,
        "지금 가슴이 조이고 숨이 차다고 하셨습니다.",
        due_contact_id=due,
        call_id=call,
    )
    world.signal(
        call, soonja, case, category="medical", level="emergency", rule="medical.chest_pain", turn=3, audio_offset_s=16.1,
        quote="가슴이 조이고 숨이 차요", reason="지금 가슴이 조이고 숨이 차다고 하셨습니다.",
    )  # fmt: skip
    world.signal(
        call, soonja, case, category="food", level="watch", rule="food.skipped_meal", turn=9, audio_offset_s=43.0,
        quote="아침은 못 먹었어", reason="끼니를 거르셨습니다.",
    )  # fmt: skip
    world.page(case, "[동구안부]긴급 김O자(82) 10:18통화 가슴 통증·호흡곤란. 즉시 확인", "critical", 5)
    world.record(call)


def _weary(world: World) -> None:
    ids = world.ids
    youngho = ids["youngho"] = world.person("박영호", 2, 1969, "광주 동구 산수로 00-7")
    world.past(youngho, ["contacted", "contacted", "not_reached", "contacted/watch", "contacted/watch"])
    at = NOW - 47 * MINUTE
    due = world.due(youngho, disposition="contacted", ended_at=at + 2 * MINUTE)
    attempt = world.attempt(due, 1, "person", at, answered_at=at)
    call = world.call(attempt, youngho, at, level="high")
    case = ids["taken"] = world.case(
        youngho, "distress", "high", 45, "자고 일어나지 않았으면 좋겠다고 하셨습니다.", due_contact_id=due, call_id=call,
        state="acknowledged", acknowledged_at=NOW - 40 * MINUTE, acknowledged_by=ids["jieun"],
    )  # fmt: skip
    world.add(
        t.case_events, case_id=case, what="acknowledged", at=NOW - 40 * MINUTE, account_id=ids["jieun"], detail=None
    )
    world.signal(
        call, youngho, case, category="suicide", level="high", rule="suicide.passive", turn=5, audio_offset_s=30.2,
        quote="그냥 자다가 안 깼으면 좋겠어요", reason="자고 일어나지 않았으면 좋겠다고 하셨습니다.",
    )  # fmt: skip
    world.page(case, "[동구안부]높음 박O호(57) 09:37통화 삶에 대한 절망. 오늘 확인", "high", 45)


def _unreached(world: World) -> None:
    ids = world.ids
    jeongsu = ids["jeongsu"] = world.person("이정수", 3, 1963, "광주 동구 지산로 00-3")
    world.past(jeongsu, ["contacted", "contacted", "not_reached", "contacted", "not_reached", "not_reached"])
    due = world.due(jeongsu, disposition="not_reached", ended_at=NOW - 12 * MINUTE)
    for number, (end, ago, sip) in enumerate((("no_answer", 72, 480), ("busy", 42, 486), ("no_answer", 13, 480)), 1):
        world.attempt(due, number, end, NOW - ago * MINUTE, cause=17 if end == "busy" else 19, tech_cause=sip)
    case = ids["missed"] = world.case(
        jeongsu, "missed", "high", 12, "세 번 전화했으나 연결되지 않았습니다.", due_contact_id=due
    )
    world.page(case, "[동구안부]미응답 이O수(63) 3회 연결 안 됨. 확인 바랍니다", "missed", 12)
    eunhye = world.person("조은혜", 4, 1951, "광주 동구 학동 00-12", "선생님")
    due = world.due(eunhye, disposition="not_reached", ended_at=NOW - 30 * MINUTE)
    world.attempt(due, 1, "voicemail", NOW - 31 * MINUTE)
    world.case(eunhye, "missed", "watch", 30, "음성사서함으로만 넘어갔습니다.", due_contact_id=due)


def _wishing(world: World) -> None:
    malsoon = world.person("최말순", 5, 1947, "광주 동구 서남로 00-2", "어르신")
    world.past(malsoon, ["contacted"] * 8)
    due = world.due(malsoon, disposition="contacted", ended_at=NOW - 20 * MINUTE)
    attempt = world.attempt(due, 1, "person", NOW - 23 * MINUTE, answered_at=NOW - 23 * MINUTE)
    call = world.call(attempt, malsoon, NOW - 23 * MINUTE, level="watch")
    case = world.case(malsoon, "request", "watch", 20, "쌀·식료품 요청", due_contact_id=due, call_id=call)
    world.add(
        t.requests, call_id=call, person_id=malsoon, case_id=case, kind="rice", quote="쌀이 다 떨어졌는데 좀 보내 줄 수 있나",
        turn=13, at=NOW - 21 * MINUTE,
    )  # fmt: skip


def _on_the_line(world: World) -> None:
    for name, number, year, state in (("정해금", 6, 1952, "answered"), ("오남식", 7, 1958, "ringing")):
        person = world.person(name, number, year, f"광주 동구 동명로 00-{number}")
        due = world.due(person, "open")
        at = NOW - (2 * MINUTE if state == "answered" else timedelta(seconds=8))
        world.attempt(due, 1, None, at, state=state, answered_at=at if state == "answered" else None)


def _done_and_planned(world: World) -> None:
    fine = (("한금례", 1946, "none"), ("윤복동", 1950, "watch"), ("서춘자", 1943, "none"), ("임채원", 1968, "none"))
    for place, (name, year, level) in enumerate(fine):
        person = world.person(name, 10 + place, year, f"광주 동구 충장로 00-{place}", "선생님")
        world.past(person, ["contacted"] * (place + 3))
        at = NOW - (50 - place * 9) * MINUTE
        due = world.due(person, disposition="contacted", ended_at=at + 3 * MINUTE)
        world.call(world.attempt(due, 1, "person", at, answered_at=at), person, at, level=level)
    held = world.ids["held"] = world.person("배옥자", 20, 1940, "광주 동구 백서로 00-4", "어르신")
    world.add(
        t.holds, person_id=held, reason="hospital", starts_at=NOW - timedelta(days=3), until=NOW + timedelta(days=11)
    )
    world.due(held, disposition="suspended", ended_at=NOW - 80 * MINUTE)
    again = world.person("강대식", 21, 1961, "광주 동구 제봉로 00-9")
    due = world.due(again, "open", next_attempt_at=NOW + 18 * MINUTE)
    world.attempt(due, 1, "busy", NOW - 9 * MINUTE, tech_cause=486)
    for place, (name, year) in enumerate((("문정례", 1949), ("송기철", 1966), ("권영자", 1945))):
        person = world.person(name, 30 + place, year, f"광주 동구 남문로 00-{place}", "어르신" if year < 1950 else "님")
        world.due(
            person,
            "planned",
            next_attempt_at=NOW + (40 + 30 * place) * MINUTE,
            planned_at=NOW + (40 + 30 * place) * MINUTE,
        )
