"""`callbot rehearse`: a script tried by typing and by personas, with the understanding of a real call."""

import io
import json
from pathlib import Path

import pytest

from callbot.cli_rehearse import Typist, in_words, to_json, typed_as
from callbot.converse.addressee import Addressee, AddressForm
from callbot.rehearsal import Did, PersonaRecipient, Recipient, Rehearsal, rehearse
from callbot.script_files import load_script
from callbot.simulate.persona import Persona
from callbot.understand.understander import Understander

SCRIPT = load_script(Path(__file__).parents[1] / "prompts/scripts/weekly-checkin.yaml").script

FINE = "네\n네 괜찮아요\n아픈 데 없어요\n잘 먹어요\n잘 자요\n잘 먹어요\n편안해요\n네 나갔어요\n없어요\n"


def rehearsed(recipient: Recipient, understander: Understander, shown: list[str] | None = None) -> Rehearsal:
    kim = Addressee("김순자", AddressForm.ELDER)
    return rehearse(SCRIPT, kim, understander, recipient, lambda who, text: (shown or []).append(f"{who}: {text}"))


def typist(text: str) -> Typist:
    source = io.StringIO(text)

    def read() -> str:
        line = source.readline()
        if not line:
            raise EOFError
        return line

    return Typist(read)


def persona(calls: str = "answer", **says: object) -> Persona:
    me = {"says": says, "default": "네, 괜찮아요."}
    about = {"number": "010-0000-0001", "name": "김순자", "about": "시험"}
    return Persona.model_validate({**about, "calls": [calls], "me": me})


def test_a_typed_call_comes_to_an_assessment(understander: Understander) -> None:
    """A supervisor types a whole call and sees what it comes to."""
    rehearsal = rehearsed(typist(FINE), understander)

    assert in_words(rehearsal) == (
        "결과: 통화함\n위험: 없음\n"
        "대답: 건강 괜찮음, 식사 괜찮음, 잠 괜찮음, 약 괜찮음, 마음 괜찮음, 외출 괜찮음, 필요한 것 괜찮음\n"
        "통화 중 호출: 0번\n"
    )


def test_the_end_of_the_input_is_a_hang_up(understander: Understander) -> None:
    """A closed terminal ends the call, and the rest was not asked."""
    result = to_json(rehearsed(typist("네\n네 괜찮아요\n아픈 데 없어요\n"), understander))

    assert result["hung_up"] is True
    assert result["answers"]["health"] == "ok"
    assert result["answers"]["mood"] == "not_asked"
    assert json.loads(json.dumps(result, ensure_ascii=False))["turns"][-1]["text"] == "식사는 잘 챙겨 드세요?"


def test_a_crisis_is_shown_as_a_page_before_the_next_line(understander: Understander) -> None:
    """The supervisor sees when a human would be told."""
    shown: list[str] = [""]
    rehearsed(typist("네\n네\n가슴이 꽉 조이고 숨이 차요\n네\n"), understander, shown)

    page = next(number for number, text in enumerate(shown) if text.startswith("page: medical/emergency"))
    assert shown[page - 1] == "person: 가슴이 꽉 조이고 숨이 차요"
    assert any("119" in text for text in shown[page:] if text.startswith("bot:"))


@pytest.mark.parametrize(
    ("typed", "did"),
    [
        ("", Did()),
        ("네 괜찮아요", Did("네 괜찮아요")),
        ("/1", Did(key="1")),
        ("/#", Did(key="#")),
        ("/못들음", Did(unclear=True)),
        ("/작게 숨이 차요", Did("숨이 차요", confidence=0.3)),
        ("/끊기", Did(hangs_up=True)),
        ("/끊기 바빠요", Did("바빠요", hangs_up=True)),
    ],
)
def test_what_a_typed_line_does(typed: str, did: Did) -> None:
    """An empty line is silence, a slash does what words cannot."""
    assert typed_as(typed) == did


def test_a_persona_holds_the_call_by_itself(understander: Understander) -> None:
    """What a virtual recipient would say on the telephone, without one."""
    recipient = PersonaRecipient(persona(identity="네, 맞아요.", needs="쌀이 떨어졌어요."))

    result = to_json(rehearsed(recipient, understander))

    assert result["result"] == "contacted"
    assert [request["kind"] for request in result["requests"]] == ["rice"]


def test_a_persona_that_hangs_up_with_words_has_said_them(understander: Understander) -> None:
    """The answer given while hanging up counts."""
    recipient = PersonaRecipient(persona(identity="네, 맞아요.", meals={"say": "안 먹었어요.", "then_hang_up": True}))

    result = to_json(rehearsed(recipient, understander))

    assert result["hung_up"] is True
    assert result["answers"]["meals"] == "bad"


def test_a_voicemail_persona_is_a_machine(understander: Understander) -> None:
    """The greeting of the answering service ends the call before the name."""
    recipient = PersonaRecipient(persona("voicemail"))

    rehearsal = rehearsed(recipient, understander)

    assert to_json(rehearsal)["who"] == "voicemail"
    assert not any("김순자" in turn.text for turn in rehearsal.turns)
