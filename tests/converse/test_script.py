"""Scripts as supervisors write them: what is accepted, and what is said about what is not."""

from pathlib import Path

import pytest

from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.condition import Condition, matches
from callbot.converse.lines import UnknownPlaceholder, fill, lines_for
from callbot.script_files import ScriptError, load_script, parse_script
from callbot.understand.meaning import CHECK_IN_TOPICS, AnswerValue, Topic

PATH = Path(__file__).parents[2] / "prompts/scripts/weekly-checkin.yaml"
TEXT = PATH.read_text("utf-8")


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def line_of(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


def fault(text: str) -> str:
    with pytest.raises(ScriptError) as raised:
        parse_script(text, Path("s.yaml"))
    return str(raised.value)


def test_the_weekly_check_in_asks_everything() -> None:
    """Health, meals, sleep, medicine, mood, outing, needs, in this order; all but the outing are mandatory."""
    script = load_script(PATH).script

    assert script.topics == CHECK_IN_TOPICS
    assert set(CHECK_IN_TOPICS) - script.mandatory == {Topic.OUTING}


def test_an_unknown_key_is_refused_with_its_line() -> None:
    """A misspelt key is named with file, line, value and mend."""
    text = changed("    reprompt: 요즘 밥은", "    repromt: 요즘 밥은")

    assert f"s.yaml:{line_of(text, 'repromt')}: questions.1.repromt: 값 '요즘 밥은 잘 드시는지 여쭤봤어요.'" in fault(
        text
    )
    assert "모르는 이름입니다" in fault(text)


def test_a_missing_line_is_named() -> None:
    """What is missing is named at the line of what it belongs to."""
    text = changed("    simpler: 밥은 잘 드세요?\n", "")

    assert f"s.yaml:{line_of(text, '- id: meals')}: questions.1.simpler: 꼭 있어야 하는데 없습니다" in fault(text)


def test_a_wrong_value_says_what_is_possible() -> None:
    """`kind: closde` is answered with the possible values."""
    text = changed("    kind: closed", "    kind: closde")

    assert "questions.1.kind: 값 'closde': 쓸 수 없는 값입니다. 쓸 수 있는 값: 'closed' or 'open'" in fault(text)


def test_a_number_out_of_range_says_the_limit() -> None:
    """Somebody is not given 200 seconds to answer."""
    assert "60.0 이하로 적어 주세요" in fault(changed("at_most: 25", "at_most: 200"))


def test_a_topic_that_is_no_question_is_refused() -> None:
    """Identity is asked by the opening, not by a question."""
    assert "질문 이름은 health, meals" in fault(changed("  - id: meals", "  - id: identity"))


def test_broken_yaml_is_said_in_korean_with_its_line() -> None:
    """Broken indentation is a fault of the file, at a line."""
    text = changed("  recording: 이 통화는", "   recording: 이 통화는")

    assert fault(text).startswith(f"s.yaml:{line_of(text, 'recording')}: YAML 문법이 맞지 않습니다")


@pytest.mark.parametrize("text", ["", "- 안녕", "안녕하세요"])
def test_what_is_no_script_at_all_is_refused(text: str) -> None:
    """An empty file, a list, a sentence."""
    assert "'이름: 값' 목록이어야 합니다" in fault(text)


def test_a_file_that_is_not_there_is_said() -> None:
    """No traceback for a wrong file name."""
    with pytest.raises(ScriptError, match="대본을 읽을 수 없습니다"):
        load_script(Path("/nirgends/x.yaml"))


@pytest.mark.parametrize("form", AddressForm)
def test_every_line_is_complete_for_every_form_of_address(form: AddressForm) -> None:
    """No placeholder is left, and the name is in three lines only."""
    lines = lines_for(load_script(PATH).script, Addressee("박정호", form))

    assert not any("{" in line.text for line in lines)
    assert {line.id for line in lines if "박정호" in line.text} == {
        "opening.identity.ask",
        "opening.identity.simpler",
        "opening.identity.keys",
    }


def test_lines_without_the_name_are_the_same_for_everybody() -> None:
    """All but three clips are shared by everyone in a district."""
    script = load_script(PATH).script
    kim, park = (
        set(lines_for(script, Addressee(name, form))) for name, form in (("김순자", "어르신"), ("박정호", "님"))
    )

    assert len(kim - park) == 3


def test_every_simpler_line_is_slow() -> None:
    """After "뭐라고?" the words are simpler and slower."""
    lines = lines_for(load_script(PATH).script, Addressee("김순자"))

    assert all(line.slow == line.id.endswith((".simpler", ".keys")) for line in lines)


def test_an_unknown_placeholder_is_never_spoken() -> None:
    """A misspelt placeholder raises instead of being read aloud."""
    with pytest.raises(UnknownPlaceholder):
        fill("{{ nmae }} 맞으세요?", Addressee("김순자"))


def test_a_condition_looks_at_an_earlier_answer() -> None:
    """`only_if` holds for exactly the answer it names."""
    condition = Condition(question=Topic.MEALS, answer="bad")

    assert matches(None, {})
    assert matches(condition, {Topic.MEALS: AnswerValue.BAD})
    assert not matches(condition, {Topic.MEALS: AnswerValue.UNSURE})
    assert not matches(condition, {})
