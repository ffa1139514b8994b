"""Files of virtual recipients."""

from pathlib import Path

import pytest

from callbot.settings import ROOT
from callbot.simulate.persona import MACHINE_VOICE, Persona, PersonaError, Pickup, load_persona, load_personas

PERSONAS = ROOT / "prompts" / "personas"
MINIMAL = "number: 010-0000-0999\nname: 가나다\nabout: 시험\n"


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_the_demo_has_eight() -> None:
    """The demo calls eight recipients, each with a number of their own in the virtual range."""
    demo = load_personas(PERSONAS, demo_only=True)
    assert [persona.user for persona in demo] == [f"0100000010{n}" for n in range(1, 9)]
    assert len(load_personas(PERSONAS)) > 8


def test_short_forms(tmp_path: Path) -> None:
    """A sentence, a list, and null (silence) are all ways of writing what is said."""
    text = MINIMAL + "me:\n  says:\n    meals: 잘 먹어요.\n    sleep: [null, {say: 잘 자요., after_s: 3}]\n"
    says = load_persona(written(tmp_path / "a.yaml", text)).me.says
    assert [u.say for u in says["meals"]] == ["잘 먹어요."]
    assert [(u.say, u.after_s) for u in says["sleep"]] == [("", None), ("잘 자요.", 3)]


def test_calls_repeat_their_last() -> None:
    """The third call meets what the second met, where two are written."""
    persona = Persona(number="010-0000-0999", name="가", about="시험", calls=("busy", "answer"))
    assert [persona.met_by(n) for n in range(3)] == [Pickup.BUSY, Pickup.ANSWER, Pickup.ANSWER]


def test_clips_are_all_that_can_be_said() -> None:
    """Every voice and sentence is known before the first call, the machine's greeting too, silence not."""
    persona = Persona.model_validate(
        {"number": "010-0000-0999", "name": "가", "about": "시험", "calls": ["voicemail", "answer"],
         "me": {"pickup": "", "says": {"meals": [None, "네."]}, "default": "글쎄요."},
         "voicemail": {"greeting": "소리샘입니다."}}
    )  # fmt: skip
    assert {(voice, text) for voice, _, text in persona.clips()} == {
        ("jf_nezumi", "네."), ("jf_nezumi", "글쎄요."), (MACHINE_VOICE, "소리샘입니다."),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number: 010-1234-5678\nname: 가\nabout: 시험\n", "number.*010-1234-5678"),
        (MINIMAL + "voise: jf_alpha\n", "voise"),
        (MINIMAL + "calls: [sleeps]\n", r"calls\.0.*sleeps"),
        (MINIMAL + "calls: [other_answers]\n", "other"),
        (MINIMAL + "me: {says: {meals: '!!!'}}\n", "한글"),
        (MINIMAL + "me: {speed: 9}\n", r"me\.speed.*9"),
        ("number: [", "YAML"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, said: str) -> None:
    """One sentence with file, field and value; no persona can stand for a real telephone number."""
    with pytest.raises(PersonaError, match=said) as error:
        load_persona(written(tmp_path / "broken.yaml", text))
    assert "broken.yaml" in str(error.value)


def test_two_with_one_number(tmp_path: Path) -> None:
    """Two people cannot share a number."""
    written(tmp_path / "a.yaml", MINIMAL)
    written(tmp_path / "b.yaml", MINIMAL)
    with pytest.raises(PersonaError, match=r"b\.yaml.*010-0000-0999"):
        load_personas(tmp_path)


def test_missing_file(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(PersonaError, match=r"nobody\.yaml"):
        load_persona(tmp_path / "nobody.yaml")
