"""A worker answers a page: 1, 2, 3, from a phone or by reference; on both databases."""

from datetime import timedelta

import pytest
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select

from callbot.escalate.case import CaseKind
from callbot.escalate.page import size_of
from callbot.escalate.reply import Reply, ReplyCode, read_reply
from callbot.store.tables import case_events, cases, pages
from callbot.store.tables_escalate import case_workers
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import acknowledge, climb
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.reply_to_page import Replied, ReplyResult, reply_to_page

MINUTE = timedelta(minutes=1)
CASEWORKER, LEAD = "010-0000-9001", "+821000009002"


def opened(town: Town, kind: CaseKind = CaseKind.DISTRESS, level: Level = Level.EMERGENCY) -> int:
    matter = Matter(town.person_ids[0], kind, level, Wording("응급증상"), "까닭입니다.", f"call/{kind}")
    return open_case(town.store, matter, TUESDAY).case_id


def rows(town: Town, table) -> list:  # type: ignore[no-untyped-def,type-arg]
    with town.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def reply(town: Town, code: str, minutes: float = 1, phone: str | None = CASEWORKER, **more: str) -> Replied:
    return reply_to_page(town.store, code=code, now=TUESDAY + minutes * MINUTE, worker_phone=phone, **more)


def test_one_takes_it_and_the_ladder_stops(town: Town) -> None:
    """The case is the worker's, by name, through SMS; nobody else is paged; a second delivery of the webhook is harmless."""
    case_id = opened(town)
    first = reply(town, "1")
    assert (first.result, first.case_ids, first.changed) == (ReplyResult.TAKEN, (case_id,), True)
    assert reply(town, "1").result is ReplyResult.ALREADY_YOURS
    assert reply(town, "1").changed is False
    assert climb(town.store, TUESDAY + 60 * MINUTE) == 0
    assert rows(town, cases)[0].state == "acknowledged"
    [taken] = rows(town, case_workers)
    assert (taken.worker_id, taken.what, taken.via) == (town.caseworker_id, "acknowledged", "sms")
    assert "한담당 · 문자 회신" in rows(town, case_events)[-1].detail


def test_two_moves_on_at_once_and_once(town: Town) -> None:
    """못 맡음: the lead is paged in the same moment, who has the whole gap; the same reply again pages nobody."""
    opened(town)
    assert reply(town, "2").result is ReplyResult.DECLINED
    assert reply(town, "2").result is ReplyResult.ALREADY_DECLINED
    assert [page.worker_id for page in rows(town, pages)] == [town.caseworker_id, town.lead_id]
    assert rows(town, pages)[1].created_at == TUESDAY + MINUTE
    assert rows(town, cases)[0].next_step_at == TUESDAY + 6 * MINUTE
    assert reply(town, "1", phone=LEAD).result is ReplyResult.TAKEN


def test_three_closes_as_a_false_alarm(town: Town) -> None:
    """With its outcome; afterwards every reply hears that it is closed."""
    opened(town)
    assert reply(town, "3").result is ReplyResult.FALSE_ALARM
    assert (rows(town, cases)[0].state, rows(town, cases)[0].outcome) == ("closed", "false_alarm")
    assert reply(town, "1").result is ReplyResult.CLOSED


def test_somebody_else_has_it(town: Town) -> None:
    """Whoever comes second is told so, and cannot decline or close what is not theirs."""
    case_id = opened(town)
    climb(town.store, TUESDAY + 5 * MINUTE)
    assert reply(town, "1", 6, phone=LEAD).result is ReplyResult.TAKEN
    for code in "123":
        assert reply(town, code, 7).result is ReplyResult.ALREADY_TAKEN
    assert reply(town, "2", 8, phone=LEAD).result is ReplyResult.DECLINED
    assert rows(town, cases)[0].id == case_id
    assert rows(town, cases)[0].state == "triggered"


def test_a_reference_names_the_page(town: Town) -> None:
    """As a provider or a voice page gives it; a page of another worker is not answered from a stranger's phone."""
    opened(town)
    page_id = rows(town, pages)[0].id
    assert reply(town, "1", phone=LEAD, page_reference=f"callbot-page-{page_id}").result is ReplyResult.NOT_FOUND
    assert reply(town, "1", phone=None, page_reference="callbot-page-999").result is ReplyResult.NOT_FOUND
    assert reply(town, "1", phone=None, page_reference="'; drop").result is ReplyResult.NOT_FOUND
    taken = reply(town, "1", phone=None, page_reference=f"callbot-page-{page_id}-2", via="voice")
    assert taken.result is ReplyResult.TAKEN


def test_a_number_names_the_case(town: Town) -> None:
    """Of several waiting cases the newest is meant, or the one that is named; the answer tells what is left."""
    distress, missed = opened(town), opened(town, CaseKind.MISSED, Level.WATCH)
    named = reply(town, f"1 #{distress}")
    assert named.case_ids == (distress,)
    assert f"#{missed}" in named.text
    assert reply(town, "1").case_ids == (missed,)
    assert reply(town, "1 #12345").result is ReplyResult.NOT_FOUND


def test_strangers_and_nonsense_change_nothing(town: Town) -> None:
    """No number of ours, no page, words that mean nothing."""
    opened(town)
    assert reply(town, "1", phone="010-0000-7777").result is ReplyResult.NOT_FOUND
    assert reply(town, "1", phone="not a number").result is ReplyResult.NOT_FOUND
    assert reply(town, "네 알겠습니다").result is ReplyResult.UNREADABLE
    assert reply(town, "1", minutes=60 * 24 * 8).result is ReplyResult.NOT_FOUND
    assert rows(town, cases)[0].state == "triggered"


def test_taken_in_the_console_is_taken(town: Town) -> None:
    """An account without a worker behind it: the phone hears that somebody has it."""
    case_id = opened(town)
    acknowledge(town.store, case_id, None, TUESDAY)
    assert reply(town, "1").result is ReplyResult.ALREADY_TAKEN


def test_answers_are_short(town: Town) -> None:
    """Every answer fits into one SMS."""
    opened(town)
    for code in ("?", "1", "1", "2", "1"):
        assert size_of(reply(town, code).text) <= 90


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", Reply(ReplyCode.TAKE)), (" １ ", Reply(ReplyCode.TAKE)), ("1번", Reply(ReplyCode.TAKE)), ("①", Reply(ReplyCode.TAKE)),
        ("1 출발합니다", Reply(ReplyCode.TAKE)), ("1. #12", Reply(ReplyCode.TAKE, 12)), ("2 12", Reply(ReplyCode.DECLINE, 12)),
        ("2번 #7", Reply(ReplyCode.DECLINE, 7)), ("맡음", Reply(ReplyCode.TAKE)), ("못 맡음", Reply(ReplyCode.DECLINE)),
        ("오경보 #9", Reply(ReplyCode.FALSE_ALARM, 9)), ("3", Reply(ReplyCode.FALSE_ALARM)),
        ("", None), ("4", None), ("12", None), ("119", None), ("2시에 가요", None), ("1 시간 뒤에", None), ("3명 갑니다", None),
        ("모르겠어요", None),
    ],
)  # fmt: skip
def test_what_a_reply_means(text: str, meant: Reply | None) -> None:
    """Only what is plain: a time or a count that begins with a digit is no code."""
    assert read_reply(text) == meant
