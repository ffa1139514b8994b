"""Rounds over a real database: what is noticed, paged, kept, and what still works when the database is dead."""

import asyncio
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledger_fixtures import TUESDAY, build_town
from starlette.testclient import TestClient

from callbot.console import accounts
from callbot.escalate.page_state import PageState
from callbot.store.database import DatabaseUnreachable, Store
from callbot.store.health_rows import beats, facts, write_beat
from callbot.store.keys import CannotOpen, new_keyring
from callbot.watch.look import Looker
from callbot.watch.pager import Pager
from callbot.watch.patrol import Patrol
from callbot.watch.screen import create_screen
from callbot.watch.sealed_copy import SealedCopy
from callbot.workflows.plan_week import plan_week
from callbot.workflows.send_pages import Message, SendResult

PASSWORD = "gwangju-dawn-9413"


@dataclass
class SentBox:
    """A sender that keeps what it was given."""

    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> SendResult:
        self.sent.append(message)
        return SendResult(PageState.SENT, "box", "{}")

    def ask(self, reference: str) -> SendResult | None:  # noqa: ARG002 - it is never in doubt
        return None


@dataclass
class Clock:
    now: datetime = TUESDAY

    def __call__(self) -> datetime:
        return self.now

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class Post:
    """A watch in a folder of its own."""

    store: Store
    directory: Path
    clock: Clock = field(default_factory=Clock)
    box: SentBox = field(default_factory=SentBox)
    dead: bool = False

    def looker(self) -> Looker:
        if self.dead:
            raise DatabaseUnreachable("gone")
        return Looker(self.store, self.clock.now, "광주광역시 동구청", 0.0, 4711)

    def patrol(self) -> Patrol:
        return Patrol(
            self.looker,
            SealedCopy(self.directory / "today.sealed", self.store.keys),
            Pager(self.box, numbers_in_sms=False, where="http://10.0.0.5:8471"),
            now=self.clock,
            directory=self.directory,
            more_numbers=("+821000009999",),
            district="광주광역시 동구청",
        )

    def beat(self) -> None:
        with self.store.write() as connection:
            write_beat(connection, "serve:line-1", pid=1, started_at=TUESDAY, now=self.clock.now, figures={})


@pytest.fixture
def post(store: Store, tmp_path: Path) -> Post:
    return Post(store, tmp_path)


def test_nobody_is_paged_while_all_is_well(post: Post) -> None:
    """A living service, nobody due: silence, and the watch says that it lives."""
    post.beat()
    round_ = asyncio.run(post.patrol().round())

    assert round_.alarms == ()
    assert post.box.sent == []
    with post.store.read() as connection:
        assert [beat.name for beat in beats(connection)] == ["serve:line-1", "watch"]


def test_a_killed_service_is_paged_with_the_list(post: Post) -> None:
    """No heartbeat for a minute: everybody on the list is told once, with how many people wait and who they are."""
    build_town(post.store, 3)
    plan_week(post.store, TUESDAY, frozenset())
    post.beat()
    patrol = post.patrol()
    asyncio.run(patrol.round())
    for _ in range(9):
        post.clock.later(seconds=10)
        asyncio.run(patrol.round())

    told = {message.to: message.body for message in reversed(post.box.sent)}
    assert set(told) == {"+821000009999", "+821000009002"}
    assert told["+821000009002"] == "[동구안부]10:01 전화 서비스가 멈춤. 오늘 못 한 전화 3명. http://10.0.0.5:8471"
    assert len(post.box.sent) == 4
    assert all(len(message.body.encode("cp949")) <= 90 for message in post.box.sent[::2])
    assert "박O수" in post.box.sent[1].body
    assert "박철수" not in "".join(message.body for message in post.box.sent)


def test_alarms_are_on_the_console_while_they_last(post: Post) -> None:
    """As health facts; the row goes with the alarm."""
    post.beat()
    patrol = post.patrol()
    post.clock.later(seconds=70)
    asyncio.run(patrol.round())
    with post.store.read() as connection:
        raised = [fact.name for fact in facts(connection)]
    post.beat()
    asyncio.run(patrol.round())

    assert raised == ["alarm:service_down"]
    with post.store.read() as connection:
        assert facts(connection) == ()


def test_the_list_outlives_the_database(post: Post) -> None:
    """A watch that starts while the database is dead pages those whom it knew, and still shows name, number, address."""
    build_town(post.store, 2)
    plan_week(post.store, TUESDAY, frozenset())
    post.beat()
    asyncio.run(post.patrol().round())
    post.dead = True
    patrol = post.patrol()
    post.clock.later(seconds=5)
    asyncio.run(patrol.round())
    post.clock.later(seconds=30)
    round_ = asyncio.run(patrol.round())

    assert [alarm.name for alarm in round_.alarms] == ["database_down"]
    assert {message.to for message in post.box.sent} == {"+821000009999", "+821000009002"}
    assert round_.today is not None
    assert [(one.name, one.numbers, one.address) for one in round_.today.people] == [
        ("박철수", ("010-0000-0001",), "광주 동구 가상로 1"),
        ("이영희", ("010-0000-0002",), "광주 동구 가상로 1"),
    ]


def test_the_copy_is_sealed(post: Post) -> None:
    """Nothing of it can be read without the key file, by nobody but its owner, and not with another key."""
    build_town(post.store, 1)
    plan_week(post.store, TUESDAY, frozenset())
    asyncio.run(post.patrol().round())
    path = post.directory / "today.sealed"

    assert "박철수".encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CannotOpen):
        SealedCopy(path, new_keyring()).read()


def test_a_restarted_watch_does_not_page_again(post: Post) -> None:
    """What was paged stands in the journal."""
    post.beat()
    post.clock.later(seconds=70)
    asyncio.run(post.patrol().round())
    told = len(post.box.sent)
    post.clock.later(seconds=10)
    asyncio.run(post.patrol().round())

    assert told == len(post.box.sent) == 1


def test_the_page_needs_a_console_log_in_and_no_database(post: Post) -> None:
    """Name and number for a caseworker of the programme; nothing for a stranger, an administrator or a wrong password."""
    build_town(post.store, 1)
    plan_week(post.store, TUESDAY, frozenset())
    accounts.add(post.store, "jieun", PASSWORD, "caseworker", TUESDAY, name="한지은", programme="안부전화")
    accounts.add(post.store, "root", PASSWORD, "admin", TUESDAY)
    patrol = post.patrol()
    post.beat()
    asyncio.run(patrol.round())
    post.dead = True
    patrol._looker = None
    asyncio.run(patrol.round())
    browser = TestClient(create_screen(lambda: patrol.last))

    assert browser.get("/").status_code == 401
    assert browser.get("/", auth=("root", PASSWORD)).status_code == 401
    assert browser.get("/", auth=("jieun", "wrong-password")).status_code == 401
    page = browser.get("/", auth=("jieun", PASSWORD))
    assert page.status_code == 200
    assert "박철수" in page.text
    assert "tel:010-0000-0001" in page.text
    assert browser.get("/list.csv", auth=("jieun", PASSWORD)).text.startswith("\ufeff성명")
    state = browser.get("/state")
    assert "박철수" not in state.text


def test_guessing_is_slow(post: Post) -> None:
    """After five wrong passwords not even the right one is looked at for a minute."""
    build_town(post.store, 1)
    accounts.add(post.store, "jieun", PASSWORD, "caseworker", TUESDAY, name="한지은", programme="안부전화")
    patrol = post.patrol()
    asyncio.run(patrol.round())
    patrol.last = asyncio.run(patrol.round())
    browser = TestClient(create_screen(lambda: patrol.last))
    for _ in range(5):
        assert browser.get("/", auth=("jieun", "guess")).status_code == 401
    assert browser.get("/", auth=("jieun", PASSWORD)).status_code == 429


def test_people_who_were_heard_are_not_on_the_list(post: Post) -> None:
    """Only those whom a human has to phone; an alarming case that nobody took is there even without a due contact."""
    from callbot.escalate.case import CaseKind
    from callbot.understand.meaning import Level
    from callbot.workflows.open_case import Matter, open_case
    from callbot.workflows.page_workers import Wording

    town = build_town(post.store, 2)
    matter = Matter(
        town.person_ids[1], CaseKind.DISTRESS, Level.EMERGENCY, Wording("응급증상"), "숨이 차다고 하심", "call/1"
    )
    open_case(post.store, matter, TUESDAY)
    found = asyncio.run(post.patrol().look_only())
    assert found.today is not None
    assert [(one.name, one.urgent) for one in found.today.people] == [("이영희", True)]
