"""What the bot may say: sentences that must pass, and sentences that must not."""

import pytest

from callbot.converse import guards

GLAD = [
    "네, 다행이에요.",
    "참 좋네요.",
    "잘하고 계세요.",
    "건강하시다니 기쁩니다.",
    "안심이 되네요.",
    "잘됐네요.",
    "마음이 놓이네요.",
]
NOT_GLAD = [
    "기분이 좋으세요?",
    "몸이 안 좋으시군요.",
    "병원에 가 보시면 좋겠어요.",
    "네, 그러시군요.",
    "지금도 많이 안 좋으세요?",
]
PROMISES = [
    "쌀을 보내 드릴게요.",
    "담당자가 곧 찾아뵐 거예요.",
    "제가 해결해 드리겠습니다.",
    "보일러를 고쳐 드릴게요.",
    "구급차가 출동하고 있습니다.",
    "걱정하지 마세요.",
    "금방 괜찮아지실 거예요.",
    "내일 방문하겠습니다.",
    "제가 신청해 드릴게요.",
    "약속드릴게요.",
]
NO_PROMISES = [
    "말씀하신 내용을 담당자에게 전하겠습니다.",
    "담당자에게 바로 알리고 있습니다.",
    "이따 다시 전화드리겠습니다.",
    "담당자에게 꼭 필요한 말씀이네요.",
    "담당자에게 전해 드리겠습니다.",
]


@pytest.mark.parametrize("text", GLAD)
def test_gladness_is_caught(text: str) -> None:
    """The 다행 family and its kin."""
    assert guards.relief(text)


@pytest.mark.parametrize("text", NOT_GLAD)
def test_asking_about_good_is_not_gladness(text: str) -> None:
    """좋으세요?, 안 좋으시군요, 좋겠어요."""
    assert guards.relief(text) is None


@pytest.mark.parametrize("text", PROMISES)
def test_promises_are_caught(text: str) -> None:
    """Nothing that somebody else would have to keep, and no comfort that nobody can know."""
    assert guards.promise(text)


@pytest.mark.parametrize("text", NO_PROMISES)
def test_passing_on_is_no_promise(text: str) -> None:
    """What the bot does at this moment may be said."""
    assert guards.promise(text) is None


@pytest.mark.parametrize("text", ["밥 먹었어?", "응, 알았다.", "그래."])
def test_plain_speech_is_caught(text: str) -> None:
    """반말 to nobody."""
    assert guards.register(text)


@pytest.mark.parametrize(
    "text", ["네, 알겠습니다.", "여보세요? 들리세요?", "아이고, 힘드셨겠어요.", "그러셨군요.", "전화하세요."]
)
def test_polite_speech_passes(text: str) -> None:
    """존댓말 in all its endings."""
    assert guards.register(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "통장 비밀번호가 뭐예요?",
        "주민등록번호를 말씀해 주세요.",
        "약을 끊으세요.",
        "진통제를 드세요.",
        "저도 아파요.",
        "이번 선거에 나가세요.",
    ],
)
def test_forbidden_subjects_are_caught(text: str) -> None:
    """Money, numbers, medical advice, politics, a body."""
    assert guards.forbidden(text)


def test_saying_that_we_never_ask_for_money_is_allowed() -> None:
    """The anti-phishing sentence itself."""
    assert guards.forbidden("저희는 돈이나 계좌번호는 여쭙지 않습니다.") is None


@pytest.mark.parametrize("text", ["네, OK입니다.", "健康하세요.", "ㅎㅎ 네요.", "네😀요."])
def test_letters_without_a_sound_are_caught(text: str) -> None:
    """Latin, Hanja, single jamo and pictures cannot be read aloud."""
    assert guards.characters(text)


def test_a_long_sentence_is_caught_but_not_two_short_ones() -> None:
    """A breath is a sentence."""
    assert guards.length("가" * 33 + "요.")
    assert guards.length("가" * 20 + "요. " + "나" * 20 + "요.") is None
    assert guards.length(("가" * 24 + "요. ") * 2)


def test_check_allows_gladness_only_where_told() -> None:
    """The same sentence passes as an `ok` acknowledgement and nowhere else."""
    assert guards.check("네, 다행이에요.", may_be_glad=True) == ()
    assert [blocked.guard for blocked in guards.check("네, 다행이에요.", may_be_glad=False)] == ["relief"]
