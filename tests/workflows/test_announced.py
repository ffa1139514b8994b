"""What a machine says decides how an attempt ends, when it is tried again, and whether a human corrects a number."""

import pytest
from ledger_calls import MINUTES, at, dial, ledger
from ledger_fixtures import Town
from sqlalchemy import select

from callbot.converse.outcome import ContactResult, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.dial.announced import end_announced
from callbot.dial.attempt_end import AttemptEnd
from callbot.store.people_rows import add_number
from callbot.store.tables import attempts, cases
from callbot.understand.meaning import Topic
from callbot.workflows.finish_call import finish_attempt


def announced(town: Town, kind: str, by_network: AttemptEnd = AttemptEnd.NO_ANSWER) -> None:
    """An attempt that ends in early media with this announcement."""
    line = dial(town)
    end = end_announced(kind, by_network)
    finish_attempt(
        town.store, line.order.attempt_id, line.order.token, end, at(1), cause=19, tech_cause=480, detail=kind
    )


@pytest.mark.parametrize(
    ("kind", "end", "after"),
    [
        ("off", "announcement", 60),
        ("out_of_area", "announcement", 60),
        ("busy", "announcement", 10),
        ("no_answer", "announcement", 30),
        ("connecting", "no_answer", 30),
        ("voicemail", "voicemail", 60),
    ],
)
def test_the_kind_of_announcement_sets_end_and_delay(town: Town, kind: str, end: str, after: int) -> None:
    """A telephone that is off is tried again later than one that is busy; a voice while it rings is only ringing."""
    announced(town, kind)
    found = ledger(town.store, at(2))
    assert found["ends"] == [end]
    assert found["next"] == at(1) + after * MINUTES
    with town.store.read() as connection:
        assert connection.scalar(select(attempts.c.detail)) == kind


@pytest.mark.parametrize("kind", ["no_such_number", "suspended", "fax"])
def test_a_number_that_is_of_no_use_is_not_called_again_and_somebody_corrects_it(town: Town, kind: str) -> None:
    """With no other number the contact ends at once, and the case says what is wrong with the number."""
    announced(town, kind)
    found = ledger(town.store, at(2))
    assert (found["disposition"], found["next"]) == ("not_reached", None)
    assert found["cases"] == [("missed", "watch")]
    with town.store.read() as connection:
        assert "번호" in (connection.scalar(select(cases.c.summary)) or "")


def test_the_other_number_is_tried_and_the_bad_one_is_told(town: Town) -> None:
    """The ladder goes on with the next number within minutes, and the case about the first one does not wait for its end."""
    with town.store.write() as connection:
        add_number(connection, town.store.keys, town.person_ids[0], "+821000000777")
    announced(town, "no_such_number")
    found = ledger(town.store, at(2))
    assert found["next"] == at(2)
    assert found["cases"] == [("review", "watch")]
    with town.store.read() as connection:
        summary = connection.scalar(select(cases.c.summary)) or ""
    assert "없는 번호" in summary
    assert "0000-0001" not in summary


def test_who_says_that_the_number_is_theirs_ends_it_for_today(town: Town) -> None:
    """ "그런 사람 없어요": the attempt is a bad number, nobody is rung there again, and a human hears of it at once."""
    line = dial(town).answer(at(0.1)).say(Turn(1, "person", "그런 사람 없어요", topic=Topic.HEALTH))
    done = line.finish(ContactResult.NO_CONTACT, at(1), who=WhoAnswered.OTHER_PERSON, told="wrong_number")
    assert (done.end, done.settled.disposition) == (AttemptEnd.BAD_NUMBER, "not_reached")
    found = ledger(town.store, at(2))
    assert found["cases"] == [("missed", "watch")]
    assert found["pages"] == 1


def test_our_own_failure_is_not_blamed_on_a_machine() -> None:
    """A bot that died while an announcement played has failed."""
    assert end_announced("off", AttemptEnd.SYSTEM_FAILURE) is AttemptEnd.SYSTEM_FAILURE


def test_what_the_network_says_plainly_stands_against_a_vague_voice() -> None:
    """486 and "지금은 연결되지 않습니다": busy."""
    assert end_announced("no_answer", AttemptEnd.BUSY) is AttemptEnd.BUSY
    assert end_announced("off", AttemptEnd.BAD_NUMBER) is AttemptEnd.ANNOUNCEMENT
