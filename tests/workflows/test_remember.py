"""From one week to the next: what a call leaves behind, what the next one knows, and what a worker changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_calls import OnTheLine, dial
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import func, select

from callbot.converse.background import Recall
from callbot.converse.memory import EVERYTHING, Heard, MemoryState
from callbot.converse.outcome import ContactResult, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.people.consent import ConsentKind
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.store.memory_rows import memories_of
from callbot.store.tables import audit, due_contacts, persons
from callbot.store.tables_memory import memories
from callbot.talk.which_dialogue import script_for
from callbot.understand.meaning import AnswerValue, MemoryKind, Mention, Topic
from callbot.workflows.change_numbers import edit_script
from callbot.workflows.change_programme import ProgrammeWish, edit_programme
from callbot.workflows.hold_person import give_consent, withdraw_consent
from callbot.workflows.place_due import callee_as_known
from callbot.workflows.plan_week import plan_week
from callbot.workflows.remember import (
    CannotBeAskedAbout,
    background_of,
    delete_memory,
    edit_memory,
    forget_old,
    note_memory,
    silence_memory,
)

WEEK = timedelta(weeks=1)
KNEE = Mention("knee", MemoryKind.CHRONIC, "무릎", "무릎이 쑤셔", 1)
COLD = Mention("cold", MemoryKind.ILLNESS, "감기", "감기 걸렸어", 1)


def spoken_with(town: Town, heard: Heard, week: int = 0, who: WhoAnswered = WhoAnswered.PERSON) -> OnTheLine:
    """One call of that week, to its end."""
    now = TUESDAY + week * WEEK
    call = dial(town, now).answer(now)
    call.say(Turn(0, "bot", "식사는 잘 챙겨 드세요?", Topic.MEALS, line_id="meals.ask"), now).say(now=now)
    result = ContactResult.CONTACTED if who is WhoAnswered.PERSON else ContactResult.NO_CONTACT
    call.finish(result, now, who, memory=heard)
    return call


def test_what_was_said_last_week_is_known_this_week(town: Town) -> None:
    """With its source, and in the order to dial: what is asked about, what was answered, and the words we used."""
    call = spoken_with(town, Heard((KNEE,)))

    with town.store.read() as connection:
        (memory,) = memories_of(connection, town.person_ids[0])
    before = dial(town, TUESDAY + WEEK).order.callee.background

    assert (memory.call_id, memory.quote) == (call.call_id, "무릎이 쑤셔")
    assert before.recall == Recall("knee", MemoryKind.CHRONIC, "무릎")
    assert before.said["meals.ask"] == ("식사는 잘 챙겨 드세요?",)
    assert before.answers == {Topic.HEALTH: AnswerValue.OK}
    assert before.memories == {"knee", "chronic"}
    assert ConsentKind.GENERAL in before.consents


def test_nothing_is_learnt_from_somebody_else(town: Town) -> None:
    """A son's knee is not hers."""
    spoken_with(town, Heard((KNEE,)), who=WhoAnswered.OTHER_PERSON)

    with town.store.read() as connection:
        assert memories_of(connection, town.person_ids[0]) == ()


def test_not_to_be_spoken_of_holds_from_the_end_of_that_call(town: Town) -> None:
    """The words are gone from the row, the next call does not ask, and the audit says that it was forgotten, not what."""
    spoken_with(town, Heard((KNEE,)))
    spoken_with(town, Heard(forget=frozenset({"knee"}), asked="knee", answered=True), week=1)

    with town.store.read() as connection:
        (memory,) = memories_of(connection, town.person_ids[0])
        told = connection.execute(select(audit).where(audit.c.action == "forget_memory")).one()
        assert background_of(connection, town.person_ids[0], TUESDAY + 2 * WEEK).recall is None
    assert (memory.state, memory.quote) == (MemoryState.SILENCED, "")
    assert told.detail is None


def test_everything_can_be_forgotten(town: Town) -> None:
    """ "잊어 주세요": no row is left."""
    spoken_with(town, Heard((KNEE, COLD)))
    spoken_with(town, Heard(forget=frozenset({EVERYTHING})), week=1)

    with town.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(memories)) == 0


def test_what_is_past_its_time_is_deleted(town: Town) -> None:
    """Not marked: gone. The knee is still there."""
    spoken_with(town, Heard((KNEE, COLD)))

    assert forget_old(town.store, TUESDAY + 2 * WEEK) == 0
    assert forget_old(town.store, TUESDAY + 4 * WEEK) == 1
    with town.store.read() as connection:
        assert [memory.topic for memory in memories_of(connection, town.person_ids[0])] == ["knee"]


def test_nothing_is_kept_of_whoever_has_left(town: Town) -> None:
    """The programme is over for them, and so is what we know."""
    spoken_with(town, Heard((KNEE,)))
    with town.store.write() as connection:
        connection.execute(persons.update().values(active=False))

    assert forget_old(town.store, TUESDAY + WEEK) == 1


def test_no_word_of_it_is_readable_in_the_file(town: Town) -> None:
    """Topic, words and quote are encrypted."""
    spoken_with(town, Heard((KNEE,)))

    with town.store.read() as connection:
        raw = connection.exec_driver_sql("SELECT topic, about, quote FROM memories").one()
    for value in raw:
        assert b"knee" not in bytes(value)
        assert "무릎".encode() not in bytes(value)


def test_a_worker_adds_edits_silences_and_deletes(town: Town) -> None:
    """Each with a line of audit, under the worker's name."""
    person, by = town.person_ids[0], "han"
    later = TUESDAY + timedelta(days=2)
    added = note_memory(town.store, person, MemoryKind.EVENT, "텃밭", None, TUESDAY, by=by)
    with town.store.read() as connection:
        assert background_of(connection, person, later).recall == Recall("own:텃밭", MemoryKind.EVENT, "텃밭")

    assert edit_memory(town.store, person, added, MemoryKind.CHRONIC, "손목", None, later, by=by)
    with town.store.read() as connection:
        assert memories_of(connection, person)[0].about == "손목"
    assert silence_memory(town.store, person, added, later, by=by)
    assert delete_memory(town.store, person, added, later, by=by)
    assert not delete_memory(town.store, person, added, later, by=by)

    with town.store.read() as connection:
        assert memories_of(connection, person) == ()
        done = connection.execute(select(audit).where(audit.c.actor == by).order_by(audit.c.id)).all()
    assert [row.action for row in done] == ["add_memory", "edit_memory", "silence_memory", "delete_memory"]


def test_a_worker_cannot_have_just_anything_asked(town: Town) -> None:
    """What stands in a spoken question passes the guards, whoever writes it."""
    with pytest.raises(CannotBeAskedAbout, match="계좌번호"):
        note_memory(town.store, town.person_ids[0], MemoryKind.EVENT, "계좌번호", None, TUESDAY, by="han")


def test_another_persons_memory_cannot_be_touched(make_town) -> None:
    """By its number."""
    town: Town = make_town(2)
    first, second = town.person_ids
    memory = note_memory(town.store, first, MemoryKind.EVENT, "텃밭", None, TUESDAY, by="han")

    assert not delete_memory(town.store, second, memory, TUESDAY, by="han")
    assert not silence_memory(town.store, second, memory, TUESDAY, by="han")
    assert not edit_memory(town.store, second, memory, MemoryKind.EVENT, "김장", None, TUESDAY, by="han")


def test_a_silenced_topic_is_not_learnt_again(town: Town) -> None:
    """Told by the way in the week after."""
    spoken_with(town, Heard((KNEE,)))
    spoken_with(town, Heard(forget=frozenset({"knee"})), week=1)
    spoken_with(town, Heard((replace(KNEE, quote="무릎이 또 아파"),)), week=2)

    with town.store.read() as connection:
        assert [memory.quote for memory in memories_of(connection, town.person_ids[0])] == [""]


# -- whose script -------------------------------------------------------------------------------------------------------


def script_of_next_call(town: Town) -> str:
    return dial(town, TUESDAY).order.callee.script_name


def test_a_person_has_the_programmes_script_unless_one_of_their_own(town: Town) -> None:
    """Person before programme, at the next call, without planning anew."""
    edit_script(town.store, town.person_ids[0], "weekly-disabled", TUESDAY, by="han")

    assert script_of_next_call(town) == "weekly-disabled"


def test_a_programmes_new_script_holds_for_what_is_planned(town: Town) -> None:
    """Planned on Monday, changed on Tuesday, held by the new one."""
    plan_week(town.store, TUESDAY, {})
    wish = ProgrammeWish("09:00", "18:00", "shift", (), None, script_name="weekly-middle-aged")
    edit_programme(town.store, town.programme_id, wish, TUESDAY, by="han")

    assert script_of_next_call(town) == "weekly-middle-aged"


def test_a_campaigns_script_is_nobodys_to_change(town: Town) -> None:
    """A heat wave is asked about in the words for it, whatever script the person has."""
    edit_script(town.store, town.person_ids[0], "weekly-disabled", TUESDAY, by="han")
    plan_week(town.store, TUESDAY, {})
    with town.store.write() as connection:
        connection.execute(due_contacts.update().values(script_name="heat-wave"))

    assert script_of_next_call(town) == "heat-wave"


def test_the_dementia_check_needs_consent_and_is_never_held_without(town: Town) -> None:
    """Recorded and not withdrawn; else the default script is held, and the call says so."""
    person = town.person_ids[0]
    edit_script(town.store, person, "dementia-check", TUESDAY, by="han")
    scripts = {
        name: load_script(ROOT / f"prompts/scripts/{name}.yaml").script for name in ("weekly-checkin", "dementia-check")
    }

    def held(now) -> str:  # type: ignore[no-untyped-def]
        with town.store.read() as connection:
            callee = callee_as_known(connection, person, "weekly-checkin", now)
        return script_for(scripts, callee.script_name, callee.background).script

    assert held(TUESDAY) == "weekly-checkin"
    give_consent(town.store, person, TUESDAY, [ConsentKind.COGNITION], by="han")
    assert held(TUESDAY) == "dementia-check"
    withdraw_consent(town.store, person, TUESDAY + WEEK, [ConsentKind.COGNITION], by="han")
    assert held(TUESDAY + WEEK) == "weekly-checkin"


def test_an_unknown_script_is_no_reason_not_to_call(town: Town) -> None:
    """A file that was deleted."""
    weekly = load_script(ROOT / "prompts/scripts/weekly-checkin.yaml").script
    with town.store.read() as connection:
        callee = callee_as_known(connection, town.person_ids[0], "gone", TUESDAY)

    assert script_for({"weekly-checkin": weekly}, callee.script_name, callee.background) is weekly
