"""A model's sentence is spoken only if it is kind, short, polite, about what was said, and nothing else."""

import pytest

from callbot.converse.sentence_guards import GUARDS, SentenceGuards
from callbot.understand.understander import Understander

SAID = "무릎이 아파서 밤에 잠을 통 못 자요 지훈이도 요즘 안 오고"
QUESTION = "요즘 몸은 좀 어떠세요? 아픈 데는 없으세요?"

MAY_BE_SAID = (
    "무릎이 그렇게 아프시군요.",
    "밤새 많이 고단하셨겠어요.",
    "밤이면 참 고단하시지요.",
    "마음이 많이 답답하시겠어요.",
    "말씀해 주셔서 고맙습니다.",
    "얼마나 힘드셨어요.",
    "혼자 많이 적적하시겠네요.",
    "그동안 고생이 많으셨겠어요.",
)
MAY_BE_ASKED = (
    "언제부터 그러셨어요?",
    "무릎은 언제 제일 아프세요?",
    "밤에 몇 번이나 깨세요?",
    "걸으실 때도 아프세요?",
    "요즘 잠은 어떻게 주무세요?",
    "어떤 때 마음이 제일 힘드세요?",
    "무슨 일이 있으셨나요?",
    "식사는 하셨어요?",
)
MUST_NOT_BE_SAID = {
    "relief": ("다행이에요.", "그래도 괜찮으시니 좋네요.", "잘 지내신다니 기쁩니다.", "밤에 잘 주무시는군요.", "건강하시군요.", "그래도 잘 계셨군요.", "즐거우셨겠어요.", "안심이 되네요."),
    "promise": ("바로 약을 보내 드릴게요.", "금방 좋아지실 거예요.", "구급차를 부르겠습니다.", "제가 알아볼게요.", "담당자에게 연락하겠습니다.", "꼭 도와드리겠습니다."),
    "advice": ("병원에 꼭 가 보세요.", "약을 두 알 드셔도 돼요.", "운동을 하시는 게 좋아요.", "푹 쉬셔야 해요.", "힘내세요.", "무릎은 쉬시면 나아요."),
    "body": ("저도 무릎이 아파요.", "제 마음이 아프네요.", "저는 사람이라서 알지요.", "우리 같이 걸어요.", "제가 나이가 많아서 알아요."),
    "name": ("순자 님, 힘드시겠어요.", "지훈이가 보고 싶으시겠어요.", "[이름1]이 그리우시겠어요.", "서울에 계시는군요."),
    "number": ("3일이나 못 주무셨군요.", "열 번은 깨셨겠어요.", "공일공으로 전화하셨군요."),
    "crisis": ("죽고 싶으시겠어요.", "그러다 위험하실 수도 있겠어요.", "109에 전화해 보셨군요."),
    "money": ("통장은 어디 있으신지요.", "병원비 돈이 걱정이시겠어요.", "계좌번호를 아시는군요."),
    "register": ("무릎이 아프구나.", "많이 힘들었겠다.", "무릎이 아파서 그래.", "당신 많이 힘드셨군요.", "아픕니다.", "무릎이 아프네요."),
    "length": ("네.", "무릎이 그렇게 아프셔서 밤새도록 잠도 통 못 주무시고 정말 너무너무 많이 고단하고 힘드셨겠어요."),
    "question_count": ("많이 아프셨군요. 힘드셨겠어요.", "많이 아프세요?"),
    "recall": ("지난주에도 그러셨군요.", "항상 그러시군요.", "저번에 말씀하셨지요."),
    "minimising": ("누구나 그렇지요.", "나이 들면 그러시지요.", "별일 아니시겠지요."),
    "forbidden": ("대통령 때문에 힘드시겠어요.", "교회에 다니시는군요."),
    "ungrounded": ("며느리가 많이 서운하게 하셨군요.", "허리가 많이 아프시겠어요.", "치매가 무서우시겠어요.", "요양원에 계시는군요."),
    "contradiction": ("무릎이 안 아프시군요.", "지금은 나아지셨군요.", "잠을 자셨군요.", "마음이 편해지셨군요.", "힘이 나시겠어요.", "무척 반가우셨겠어요.", "아프지 않으시군요."),
    "characters": ("ㅋㅋ 힘드시겠어요.", "knee가 아프시군요.", "😊 힘드시겠어요."),
}  # fmt: skip
MUST_NOT_BE_ASKED = (
    "계좌번호가 어떻게 되세요?",
    "연세가 어떻게 되세요?",
    "담당자를 보내 드릴까요?",
    "병원에 가 보시겠어요?",
    "약을 줄여 보셨어요?",
    "어디가 아파?",
    "무릎이 아프세요? 허리도 아프세요?",
    "선거에서 누구를 뽑으셨어요?",
    "제가 가 볼까요?",
    "죽고 싶으세요?",
    "무릎이 아프시군요.",
    "지훈이는 언제 오세요?",
    "잘 지내시죠?",
    "돈은 있으세요?",
    "며느리하고는 어떠세요?",
)


@pytest.fixture(scope="module")
def guards(understander: Understander) -> SentenceGuards:
    return SentenceGuards(understander.analyser)


@pytest.mark.parametrize("text", MAY_BE_SAID)
def test_sympathy_passes(text: str, guards: SentenceGuards) -> None:
    """Guards that let nothing through would make a model useless."""
    assert guards.blocks_sympathy(text, SAID, question=QUESTION, name="김순자") is None


@pytest.mark.parametrize("text", MAY_BE_ASKED)
def test_questions_pass(text: str, guards: SentenceGuards) -> None:
    """One question about what was said."""
    assert guards.blocks_question(text, SAID, question=QUESTION, name="김순자") is None


@pytest.mark.parametrize(
    ("guard", "text"), [(guard, text) for guard, texts in MUST_NOT_BE_SAID.items() for text in texts]
)
def test_what_must_not_be_said_is_blocked(guard: str, text: str, guards: SentenceGuards) -> None:
    """By some guard; which one is counted first does not matter, but its own knows it too."""
    assert guards.blocks_sympathy(text, SAID, question=QUESTION, name="김순자") is not None, guard


@pytest.mark.parametrize("text", MUST_NOT_BE_ASKED)
def test_what_must_not_be_asked_is_blocked(text: str, guards: SentenceGuards) -> None:
    """Nor is a statement taken for a question."""
    assert guards.blocks_question(text, SAID, question=QUESTION, name="김순자") is not None


def test_every_guard_is_needed_by_some_sentence(guards: SentenceGuards) -> None:
    """Each guard is the first to block something of this table: none is dead."""
    first = {
        guards.blocks_sympathy(text, SAID, question=QUESTION, name="김순자")
        for texts in MUST_NOT_BE_SAID.values()
        for text in texts
    }
    assert set(GUARDS) - first == set()
