"""Every script of prompts/scripts: nothing to mend, can be held to its end, and branches as it says."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callbot.cli import build
from callbot.converse.addressee import Addressee
from callbot.converse.background import Background, Recall
from callbot.converse.commands import Line
from callbot.converse.condition import Condition, Season, is_asked, matches, season_of
from callbot.converse.lines import lines_for
from callbot.converse.orientation import judged
from callbot.converse.script import Script
from callbot.converse.script_issues import issues
from callbot.people.consent import ConsentKind
from callbot.rehearsal import Did, Rehearsal, rehearse
from callbot.script_files import ScriptError, load_script, parse_script
from callbot.understand.meaning import AnswerValue, MemoryKind, Topic
from callbot.understand.understander import Understander

PATHS = sorted((Path(__file__).parents[2] / "prompts/scripts").glob("*.yaml"))
SCRIPTS = {path.stem: load_script(path).script for path in PATHS}
DEMO = SCRIPTS["feature-demo"]
TUESDAY = date(2026, 11, 24)
NAMES = {
    "weekly-checkin", "weekly-middle-aged", "weekly-disabled", "heat-wave", "cold-wave", "after-hospital", "holiday", "dementia-check",
    "feature-demo",
}  # fmt: skip


class Person:
    """Answers each topic with a fixed sentence; whatever is asked of memory, by its own words."""

    def __init__(self, **says: str) -> None:
        self._says = {
            "identity": "네, 맞아요",
            "good_time": "네, 좋아요",
            "needs": "필요한 거 없어요",
            "mood": "편안해요",
        } | says
        self.asked: list[str] = []

    def pickup(self) -> str:
        return "여보세요"

    def over(self, line: Line, topic: Topic) -> Did | None:  # noqa: ARG002
        return None

    def answer(self, line: Line, topic: Topic) -> Did:
        self.asked.append(line.id)
        return Did(self._says.get(topic.value, "네, 괜찮아요"))


def held(script: Script, understander: Understander, before: Background, **says: str) -> tuple[Rehearsal, list[str]]:
    person = Person(**says)
    kim = Addressee("김순자", before=before)
    return rehearse(script, kim, understander, person, lambda _who, _text: None), person.asked


def test_they_are_all_there() -> None:
    """Three audiences, five occasions, one with consent, one that shows everything; named as their files."""
    assert {script.script for script in SCRIPTS.values()} == set(SCRIPTS) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_script_has_nothing_to_mend(name: str) -> None:
    """Not one error, not one warning."""
    assert issues(SCRIPTS[name]) == ()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_script_is_held_to_its_end(name: str, understander: Understander) -> None:
    """Every mandatory question is asked, only lines known before dialling are spoken, and it ends with the goodbye."""
    script = SCRIPTS[name]
    before = Background(Recall("knee", MemoryKind.CHRONIC, "무릎"), today=TUESDAY)

    rehearsal, asked = held(
        script, understander, before, weekday="화요일이에요", month="11월이지", water="네, 자주 마셔요"
    )

    outcome = rehearsal.outcome
    assert outcome is not None
    assert outcome.completed
    assert {f"{topic.value}.ask" for topic in script.mandatory} <= set(asked)
    spoken = {turn.text for turn in rehearsal.turns if turn.who == "bot"}
    assert spoken <= {line.text for line in lines_for(script, Addressee("김순자", before=before))}
    assert rehearsal.turns[-1].line_id == "closing.goodbye"
    assert "memory.ask" in asked


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_script_hears_a_crisis_wherever_it_is_said(name: str, understander: Understander) -> None:
    """The crisis lines are inherited, and come first."""
    rehearsal, _ = held(SCRIPTS[name], understander, Background(today=TUESDAY), health="가슴이 조이고 숨을 못 쉬겠어요")

    assert rehearsal.pages
    assert any((turn.line_id or "").startswith("crisis.medical.") for turn in rehearsal.turns)


# -- conditions ---------------------------------------------------------------------------------------------------------


def asked_of(before: Background, answers: dict[Topic, AnswerValue]) -> set[Topic]:
    return {each.id for each in DEMO.questions if is_asked(each.only_if, each.unless, answers, before)}


def test_the_branches_of_the_demo() -> None:
    """One question by what was answered, by last week, season, memory and consent each; its opposite by `unless`."""
    bad = {Topic.HEALTH: AnswerValue.BAD}
    plain = asked_of(Background(), {Topic.HEALTH: AnswerValue.OK})
    full = asked_of(
        Background(
            memories=frozenset({"visit", "grandchild"}),
            answers={Topic.MEDICINE: AnswerValue.BAD},
            consents=frozenset({ConsentKind.COGNITION}),
            today=date(2026, 7, 20),
        ),
        bad,
    )

    assert plain == {Topic.HEALTH, Topic.MEALS, Topic.OUTING, Topic.MOOD, Topic.NEEDS}
    extra = {Topic.MEDICINE, Topic.SLEEP, Topic.COOLING, Topic.COMPANY, Topic.WEEKDAY}
    assert full == (plain - {Topic.OUTING}) | extra


def test_all_that_a_condition_names_must_hold() -> None:
    """In summer, and only where the last answer was bad."""
    both = Condition.model_validate({"season": ["summer"], "last_time": {"question": "meals", "answer": "bad"}})
    last = {Topic.MEALS: AnswerValue.BAD}

    assert matches(both, {}, Background(answers=last, today=date(2026, 7, 1)))
    assert not matches(both, {}, Background(answers=last, today=date(2026, 1, 1)))
    assert not matches(both, {}, Background(today=date(2026, 7, 1)))
    assert not matches(both, {}, Background(answers=last))


@pytest.mark.parametrize(
    ("month", "season"), [(2, "winter"), (3, "spring"), (8, "summer"), (11, "autumn"), (12, "winter")]
)
def test_the_season_by_month(month: int, season: str) -> None:
    """At its edges."""
    assert season_of(date(2026, month, 15)) is Season(season)


TEXT = (PATHS[0].parent / "feature-demo.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("season: [summer]", "season: [rainy]", "쓸 수 없는 값입니다"),
        ("season: [summer]", "seson: [summer]", "모르는 이름입니다"),
        ("{memory: visit}", "{memory: knee > 3}", "쓸 수 없는 값입니다"),
        ("{consent: cognition}", "{consent: yes}", "쓸 수 없는 값입니다"),
        ("only_if: {question: health, answer: bad}", "only_if: {question: health}", "함께 적어야 합니다"),
        ("only_if: {memory: visit}", "only_if: {}", "조건이 비어 있습니다"),
        ("only_if: {last_time: {question: medicine, answer: bad}}", "only_if: {last_time: {question: medicine}}", "꼭 있어야 하는데 없습니다"),
        ("extends: weekly-checkin", "extends: weekly-chekin", "읽을 수 없습니다"),
        ("extends: weekly-checkin", "extends: heat-wave", "물려받는 대본은"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_in_korean(old: str, new: str, says: str) -> None:
    """With file, line, field, value and mend."""
    assert old in TEXT

    with pytest.raises(ScriptError) as caught:
        parse_script(TEXT.replace(old, new, 1), PATHS[0].parent / "feature-demo.yaml")

    assert says in str(caught.value)
    assert "feature-demo.yaml:" in str(caught.value)


def test_what_a_script_does_not_say_is_the_others() -> None:
    """Section by section, and question by question of the same name."""
    weekly, heat = SCRIPTS["weekly-checkin"], SCRIPTS["heat-wave"]

    assert heat.crisis == weekly.crisis
    assert heat.closing.reported == weekly.closing.reported
    assert heat.closing.thanks != weekly.closing.thanks
    needs = {
        script.script: next(each for each in script.questions if each.id is Topic.NEEDS) for script in (weekly, heat)
    }
    assert needs["heat-wave"] == needs["weekly-checkin"]


# -- the dementia check -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "text", "value"),
    [
        (Topic.WEEKDAY, "오늘 화요일이지", "ok"),
        (Topic.WEEKDAY, "화", "ok"),
        (Topic.WEEKDAY, "금요일", "bad"),
        (Topic.WEEKDAY, "월요일인가 화요일인가", "ok"),
        (Topic.WEEKDAY, "모르겠어", "unsure"),
        (Topic.WEEKDAY, "화가 나네", "unsure"),
        (Topic.MONTH, "십일월", "ok"),
        (Topic.MONTH, "11월", "ok"),
        (Topic.MONTH, "시월이지, 음력으로", "ok"),
        (Topic.MONTH, "오월", "bad"),
        (Topic.MONTH, "글쎄", "unsure"),
    ],
)
def test_the_day_is_judged_by_the_calendar(topic: Topic, text: str, value: str) -> None:
    """On a Tuesday in November; the old calendar is right as well, and no day named is no answer."""
    assert judged(topic, text, TUESDAY) == value
    assert judged(topic, text, None) is AnswerValue.UNSURE


def test_a_wrong_day_is_a_hint_for_a_human_and_nothing_is_said_of_it(understander: Understander) -> None:
    """A watch signal with the words; the person hears only thanks."""
    rehearsal, _ = held(
        SCRIPTS["dementia-check"], understander, Background(today=TUESDAY), weekday="금요일", month="11월"
    )

    outcome = rehearsal.outcome
    assert outcome is not None
    assert outcome.answers[Topic.WEEKDAY] is AnswerValue.BAD
    assert outcome.answers[Topic.MONTH] is AnswerValue.OK
    assert [(one.rule, one.level.value, one.quote) for one in outcome.signals] == [
        ("cognition.weekday", "watch", "금요일")
    ]
    said = [turn.text for turn in rehearsal.turns if (turn.line_id or "").startswith("weekday.bad")]
    assert said == ["네, 괜찮습니다. 말씀해 주셔서 고맙습니다."]


def test_nobodys_memory_is_checked_without_their_consent() -> None:
    """The script itself says so."""
    assert SCRIPTS["dementia-check"].needs_consent is ConsentKind.COGNITION


# -- rehearse -----------------------------------------------------------------------------------------------------------


def test_a_script_is_rehearsed_by_its_name() -> None:
    """`callbot rehearse --script NAME`, with a memory, a consent and a day to pretend."""
    given = "네\n네 괜찮아요\n아픈 데 없어요\n좀 나아졌어요\n/끊기\n"
    options = [
        "--script",
        "feature-demo",
        "--remember",
        "무릎",
        "--consent",
        "cognition",
        "--on",
        "2026-07-20",
        "--json",
    ]
    result = CliRunner().invoke(build(["rehearse"]), ["rehearse", *options], input=given)

    assert result.exit_code == 0, result.output
    assert "무릎은 지난번보다" in result.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--script", "none-such"], "그런 대본이 없습니다"),
        ([], "하나를 적으세요"),
        (["--script", "holiday", "--remember", "자동차"], "모르는 기억입니다"),
        (["--script", "holiday", "--consent", "all"], "모르는 동의입니다"),
        (["--script", "holiday", "--last", "meals"], "'질문=대답'으로"),
    ],
)
def test_a_rehearsal_that_cannot_be_says_why(options: list[str], says: str) -> None:
    """Field, value and mend."""
    result = CliRunner().invoke(build(["rehearse"]), ["rehearse", *options], input="")

    assert result.exit_code == 1
    assert says in result.output
