"""A district's own rules: in force without a restart, tried in the shadow, taken back; and the analyses they are tried on."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from ledger_calls import at, dial
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import delete, select

from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.service_rules import RuleDuties
from callbot.store.analysis_rows import analysis_of, forget_analyses
from callbot.store.health_rows import facts
from callbot.store.own_rule_rows import moves_of, one_version, versions_of
from callbot.store.tables import audit, calls, turns
from callbot.store.tables_rules import OwnRuleState, analyses, own_rules
from callbot.understand.analysis import plain, unpack
from callbot.understand.meaning import AnswerValue, Category, Level, Topic
from callbot.understand.own_rules import BadChange, RuleChange
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT, forget_old_analyses
from callbot.workflows.finish_call import finish_call
from callbot.workflows.own_rules import NoLonger, discard, promote, save_own_rule

NOODLES = RuleChange(
    rule="food.own_a", category=Category.FOOD, level=Level.HIGH, means=("국수 .. 터지다",), reason="'{quote}'라고 하셨습니다.",
    fire=("국수가 불어 터졌어",), quiet=("국수 먹었어",),
)  # fmt: skip
SAID = (
    Turn(0, "bot", "식사는 잘 하세요?", topic=Topic.MEALS),
    Turn(1, "person", "국수가 다 불어 터졌어", topic=Topic.MEALS, confidence=0.9),
)


@pytest.fixture
def rules(town: Town, understander: Understander) -> RuleDuties:
    """The service's duties over an understander of its own."""
    mine = Understander.__new__(Understander)
    mine.__dict__.update(understander.__dict__)
    return RuleDuties(town.store, mine, lambda: at(60))


def level_of(rules: RuleDuties, text: str) -> Level:
    signals = rules._understander.hear(text, Topic.MEALS).signals
    return max((signal.level for signal in signals), key=lambda level: level.rank, default=Level.NONE)


def save(town: Town, rules: RuleDuties, change: RuleChange, state: OwnRuleState) -> int:
    files = rules._understander.files
    return save_own_rule(town.store, files, change, state, TUESDAY, why="현장 요청", by="boss", account_id=None)


def call(town: Town, rules: RuleDuties, said: Sequence[Turn] = SAID) -> int:
    """Held and finished, with the assessment that the understander gives."""
    line = dial(town).answer(at(1))
    for turn in said:
        line.say(turn, at(1))
    outcome = Outcome(WhoAnswered.PERSON, ContactResult.CONTACTED, {Topic.MEALS: AnswerValue.UNSURE}, completed=True)
    found = score_dialogue(said, rules._understander)
    finish_call(town.store, line.order.attempt_id, line.order.token, outcome, at(5), assessment=found)
    return line.call_id


def test_a_rule_is_in_force_without_a_restart(town: Town, rules: RuleDuties) -> None:
    """Saved, taken in at the next look, named in the assessment's version; taken back: as before. Every step in the audit."""
    before = rules._understander.lexicon.digest
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.NONE
    own_id = save(town, rules, NOODLES, OwnRuleState.LIVE)
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.HIGH
    [signal] = rules._understander.hear("국수가 다 불어 터졌어", Topic.MEALS).signals
    assert (signal.rule, signal.rule_version) == ("food.own_a", "0+1")
    assert rules._understander.lexicon.digest.startswith(f"{before}+")
    discard(town.store, own_id, at(1), by="boss", account_id=None)
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.NONE
    assert rules._understander.lexicon.digest == before
    with town.store.read() as connection:
        done = list(connection.scalars(select(audit.c.action).where(audit.c.subject == "own_rule")))
        [version] = versions_of(connection, "food.own_a")
    assert done == ["save_own_rule", "discard_own_rule"]
    assert (version.state, version.why) == (OwnRuleState.ENDED, "현장 요청")
    with pytest.raises(NoLonger):
        discard(town.store, own_id, at(2), by="boss", account_id=None)


def test_in_the_shadow_it_only_counts(town: Town, rules: RuleDuties) -> None:
    """The call's judgement is the live rules'; the shadow's difference is counted; promoted, it judges."""
    own_id = save(town, rules, NOODLES, OwnRuleState.SHADOW)
    asyncio.run(rules.look())
    call_id = call(town, rules)
    asyncio.run(rules._analyse())
    with town.store.read() as connection:
        assert connection.scalar(select(calls.c.level).where(calls.c.id == call_id)) in {"none", "unassessable"}
        row = one_version(connection, own_id)
        assert row is not None
        assert row.calls_seen == 1
        assert moves_of(connection, own_id) == {("none", "high"): 1}
    asyncio.run(rules._analyse())
    with town.store.read() as connection:
        assert one_version(connection, own_id).calls_seen == 1  # type: ignore[union-attr]
    promote(town.store, own_id, at(9), by="boss", account_id=None)
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.HIGH
    with pytest.raises(NoLonger):
        promote(town.store, own_id, at(9), by="boss", account_id=None)


def test_one_version_of_a_rule_is_live(town: Town, rules: RuleDuties) -> None:
    """A later one replaces it; versions count up and stay."""
    save(town, rules, NOODLES, OwnRuleState.LIVE)
    save(town, rules, NOODLES.model_copy(update={"level": Level.WATCH}), OwnRuleState.LIVE)
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.WATCH
    with town.store.read() as connection:
        states = [(row.version, row.state) for row in versions_of(connection, "food.own_a")]
    assert states == [(2, OwnRuleState.LIVE), (1, OwnRuleState.ENDED)]


@pytest.mark.parametrize("more", [{"level": Level.WATCH}, {"unless": ("어제",)}])
def test_suicide_is_never_heard_less(town: Town, rules: RuleDuties, more: dict[str, object]) -> None:
    """Neither a lower level nor an exception."""
    change = RuleChange(rule="suicide.intent", category=Category.SUICIDE, **more)  # type: ignore[arg-type]
    known = next(
        rule.id
        for file in rules._understander.files.signals
        if file.category is Category.SUICIDE
        for rule in file.rules
        if rule.level is Level.EMERGENCY
    )
    with pytest.raises(BadChange, match="자살 위험 규칙은"):
        save(town, rules, change.model_copy(update={"rule": known}), OwnRuleState.LIVE)
    with town.store.read() as connection:
        assert connection.execute(select(own_rules)).all() == []


def test_a_rule_that_a_new_lexicon_makes_unusable_is_left_out_and_told(town: Town, rules: RuleDuties) -> None:
    """A set that is gone: the others go on, and the watch and the console know."""
    save(town, rules, NOODLES, OwnRuleState.LIVE)
    bad = NOODLES.model_copy(update={"rule": "food.own_b", "means": ("@gone 먹다",)})
    own_id = save(town, rules, bad, OwnRuleState.LIVE)
    asyncio.run(rules.look())
    assert level_of(rules, "국수가 다 불어 터졌어") is Level.HIGH
    with town.store.read() as connection:
        assert [fact.name for fact in facts(connection)] == [f"own_rule_refused:{own_id}"]


def test_what_was_said_is_kept_sealed_and_goes_with_its_transcript(town: Town, rules: RuleDuties) -> None:
    """An analysis of every finished call; not readable in the database; gone after 90 days, with the turns, with the person."""
    asyncio.run(rules.look())
    call_id = call(town, rules)
    asyncio.run(rules._analyse())
    with town.store.read() as connection:
        packed = analysis_of(connection, call_id)
        raw = connection.exec_driver_sql("SELECT content FROM analyses").scalar()
    assert packed is not None
    [said] = unpack(plain(packed))
    assert (said.turn, said.text, said.confidence) == (1, "국수가 다 불어 터졌어", 0.9)
    assert bytes(raw) != packed
    assert plain(packed) not in bytes(raw)
    assert forget_old_analyses(town.store, at(0) + KEPT - (KEPT / 90)) == 0
    assert forget_old_analyses(town.store, at(10) + KEPT) == 1
    asyncio.run(rules._analyse())
    with town.store.write() as connection:
        connection.execute(delete(turns).where(turns.c.call_id == call_id))
    assert forget_old_analyses(town.store, at(10)) == 1
    asyncio.run(rules._analyse())
    with town.store.write() as connection:
        person = connection.scalar(select(calls.c.person_id).where(calls.c.id == call_id))
        assert forget_analyses(connection, person) == 1


def test_an_older_analyser_s_work_is_done_again(town: Town, rules: RuleDuties) -> None:
    """With another version of program or spelling tables; calls are not counted twice in a shadow."""
    own_id = save(town, rules, NOODLES, OwnRuleState.SHADOW)
    asyncio.run(rules.look())
    call(town, rules, [SAID[0], replace(SAID[1], text="밥 먹었어")])
    asyncio.run(rules._analyse())
    with town.store.write() as connection:
        connection.execute(analyses.update().values(analyser="old", content=b"old"))
    asyncio.run(rules._analyse())
    with town.store.read() as connection:
        row = connection.execute(select(analyses)).one()
        assert row.analyser.startswith("1 kiwi ")
        assert unpack(plain(row.content))[0].text == "밥 먹었어"
        assert one_version(connection, own_id).calls_seen == 1  # type: ignore[union-attr]
