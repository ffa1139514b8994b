"""Hearing one utterance."""

import pytest

from callbot.understand.meaning import AnswerValue, Category, Intent, Level, Topic
from callbot.understand.understander import Understander


def _top(meaning) -> Level:
    return max((signal.level for signal in meaning.signals), key=lambda level: level.rank, default=Level.NONE)


@pytest.mark.parametrize(
    ("question", "answer", "topic", "value"),
    [
        ("어디 아픈 데는 없으세요?", "네", Topic.HEALTH, AnswerValue.UNSURE),
        ("어디 아픈 데는 없으세요?", "없어", Topic.HEALTH, AnswerValue.OK),
        ("어디 아픈 데는 없으세요?", "있어", Topic.HEALTH, AnswerValue.BAD),
        ("어디 아픈 데 있으세요?", "네", Topic.HEALTH, AnswerValue.BAD),
        ("어디 아픈 데 있으세요?", "아니요", Topic.HEALTH, AnswerValue.OK),
        ("식사는 잘 하고 계세요?", "네", Topic.MEALS, AnswerValue.OK),
        ("식사는 잘 하고 계세요?", "아니", Topic.MEALS, AnswerValue.BAD),
        ("식사를 거르지는 않으세요?", "네", Topic.MEALS, AnswerValue.UNSURE),
        ("입맛은 있으세요?", "없어", Topic.MEALS, AnswerValue.BAD),
        ("잠은 잘 주무시고요?", "네 네", Topic.SLEEP, AnswerValue.OK),
        ("필요하신 게 있으세요?", "없어요", Topic.NEEDS, AnswerValue.OK),
        ("지금은 괜찮으세요?", "네", Topic.CONFIRM, AnswerValue.OK),
        ("지금도 그러세요?", "네", Topic.CONFIRM, AnswerValue.BAD),
    ],
)
def test_the_question_decides_what_a_short_answer_means(understander, question, answer, topic, value):
    """A bare "네" to a negative question is ambiguous in Korean, so it is unsure."""
    assert understander.hear(answer, topic, question=question).answer is value


@pytest.mark.parametrize(
    "text",
    [
        "죽고 싶지 않아 오래 살아야지",
        "텔레비전에서 자살 이야기를 하더라고",
        "옆집 할머니가 죽고 싶대",
        "죽고 싶은 생각은 없어",
    ],
)
def test_a_suicidal_word_never_falls_below_watch(understander, text):
    """Whatever guards hold, the finding and the guards are kept."""
    signals = [s for s in understander.hear(text, Topic.MOOD).signals if s.category is Category.SUICIDE]
    assert signals
    assert all(signal.level is Level.WATCH for signal in signals)
    assert any(signal.guards for signal in signals)


@pytest.mark.parametrize("text", ["배고파 죽겠네", "웃겨 죽겠어", "손주가 보고 싶어 죽겠어", "심심해 죽겠네"])
def test_a_figure_of_speech_is_no_ideation(understander, text):
    """-어 죽겠다."""
    meaning = understander.hear(text, Topic.MOOD)
    assert not any(signal.category is Category.SUICIDE for signal in meaning.signals)
    assert _top(meaning) is Level.NONE


def test_a_guard_lowers_and_is_named(understander):
    """The caseworker can see why something was not taken for an emergency."""
    signal = understander.hear("친구가 가슴이 꽉 조인대", Topic.HEALTH).signals[0]
    assert signal.rule == "medical.chest"
    assert signal.level.rank < Level.EMERGENCY.rank
    assert "third_person" in signal.guards
    assert "다른 사람 이야기" in signal.reason


def test_a_misheard_emergency_is_found_by_sound_and_unconfirmed(understander):
    """Only the second net catches it; a human confirms."""
    meaning = understander.hear("가슴미 꼭 조요요", Topic.HEALTH)
    signal = next(signal for signal in meaning.signals if signal.level is Level.EMERGENCY)
    assert signal.detector == "jamo"
    assert signal.unconfirmed


def test_another_hypothesis_of_the_recogniser_can_raise_an_emergency(understander):
    """n-best is searched, and what is found there is unconfirmed."""
    meaning = understander.hear("가서 먹고 줘요", Topic.HEALTH, alternatives=("가슴이 꽉 조여요",))
    assert [s.unconfirmed for s in meaning.signals if s.level is Level.EMERGENCY] == [True]


def test_an_emergency_heard_with_low_confidence_is_unconfirmed(understander):
    """Paged at once as 미확인."""
    meaning = understander.hear("죽고 싶어", Topic.MOOD, confidence=0.3)
    assert meaning.signals[0].unconfirmed
    assert not understander.hear("죽고 싶어", Topic.MOOD, confidence=0.9).signals[0].unconfirmed


def test_yes_to_a_direct_question_is_evidence(understander):
    """The quote holds the question and the answer."""
    meaning = understander.hear("네", Topic.CONFIRM, question="혹시 지금 가슴이 아프세요?")
    signal = meaning.signals[0]
    assert (signal.level, signal.detector) == (Level.EMERGENCY, "context")
    assert "가슴이 아프세요" in signal.quote


def test_yes_to_a_denied_question_is_no_evidence(understander):
    """ "가슴 아픈 데는 없으시죠?" "네"."""
    assert _top(understander.hear("네", Topic.CONFIRM, question="가슴 아픈 데는 없으시죠?")) is Level.NONE


def test_a_grave_answer_is_never_fine(understander):
    """The bot must not be glad."""
    meaning = understander.hear("괜찮아 그냥 죽고 싶어서 그래", Topic.HEALTH, question="건강은 괜찮으세요?")
    assert meaning.answer is not AnswerValue.OK


def test_quote_turn_and_offset_travel_with_the_signal(understander):
    """So that the audio plays from there."""
    signal = understander.hear("인자 죽어불고 싶당께", Topic.MOOD, turn=7, audio_offset_s=12.5).signals[0]
    assert signal.quote in "인자 죽어불고 싶당께"
    assert (signal.turn, signal.audio_offset_s) == (7, 12.5)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("네 김순자예요", "김순자", True),
        ("순자요", "김순자", True),
        ("김순잔데요", "김순자", True),
        ("네 접니다", "김순자", True),
        ("네", "김순자", False),
        ("혼자요", "김순자", False),
        ("김순자 어머니 지금 안 계세요", "김순자", False),
        ("누구세요", "김순자", False),
        ("어 나야", "김순자", True),
        ("왜 전화하셨나요", "김순자", False),
        ("열이 나요", "김순자", False),
        ("누나야", "김순자", False),
    ],
)
def test_the_name_is_noticed_when_the_person_says_it(understander, text, name, said):
    """Not when another person does."""
    assert understander.hear(text, Topic.IDENTITY, name=name).said_name is said


def test_a_widow_does_not_report_herself_dead(understander):
    """Only who answers for the person can report."""
    assert understander.hear("영감이 작년에 돌아가셨어", Topic.MOOD).reported is None
    assert understander.hear("남편 돌아가시고 나서는 혼자 먹지", Topic.IDENTITY).reported is None


def test_a_machine_answers_nothing(understander):
    """A voicemail greeting to the identity question is no answer."""
    meaning = understander.hear("연결이 되지 않아 삐 소리 후 소리샘으로 연결됩니다", Topic.IDENTITY)
    assert meaning.intents == {Intent.MACHINE}
    assert meaning.answer is AnswerValue.UNSURE
    assert meaning.announcement == "voicemail"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("식사는 잘 챙겨 드시고 계세요?", Topic.MEALS),
        ("요즘 입맛은 어떠세요?", Topic.MEALS),
        ("밤에 잠은 잘 주무세요?", Topic.SLEEP),
        ("혈압약은 빠뜨리지 않고 드세요?", Topic.MEDICINE),
        ("요즘 기분은 좀 어떠세요?", Topic.MOOD),
        ("외롭거나 우울하지는 않으세요?", Topic.MOOD),
        ("바깥 나들이는 좀 하셨어요?", Topic.OUTING),
        ("경로당에는 나가세요?", Topic.OUTING),
        ("혹시 필요하신 게 있으세요?", Topic.NEEDS),
        ("어디 불편하신 데는 없으세요?", Topic.HEALTH),
        ("그동안 어떻게 지내셨어요?", Topic.HEALTH),
        ("김순자 어르신 맞으세요?", Topic.IDENTITY),
        ("지금 잠깐 통화 괜찮으세요?", Topic.GOOD_TIME),
        ("네, 그러시군요. 그럼 약은 잘 드시고 계세요?", Topic.MEDICINE),
        ("안녕히 계세요.", Topic.NOTICE),
    ],
)
def test_a_question_is_known_by_its_words(understander, text, topic):
    """Any bot's wording; the last question counts."""
    assert understander.topic_of(text) is topic


@pytest.mark.parametrize("text", ["", "   ", "...", "ㅋㅋㅋ", "hello", "1234", "👍", "가" * 3000])
def test_any_text_can_be_heard(understander, text):
    """Nothing raises, nothing is fine."""
    meaning = understander.hear(text, Topic.HEALTH, question="건강은 괜찮으세요?")
    assert meaning.answer is AnswerValue.UNSURE


_ASKED = "김순자 어르신 맞으세요?"


@pytest.mark.parametrize("text", ["네 그런데요", "예 그런데요", "예 말씀하세요", "내", "네 마자요"])
def test_people_say_yes_to_their_name_in_many_ways(understander, text):
    """As spoken and as heard ("내")."""
    assert Intent.YES in understander.hear(text, Topic.IDENTITY, question=_ASKED).intents


@pytest.mark.parametrize(
    "text", ["괜찮아요", "네 잠깐만요", "네 여보세요", "경로당이에요", "어머니는 지금 안 계세요", "계세요"]
)
def test_what_is_no_yes_confirms_nobody(understander, text):
    """The name and what follows are for the person only."""
    meaning = understander.hear(text, Topic.IDENTITY, question=_ASKED, name="김순자")
    assert Intent.YES not in meaning.intents
    assert not meaning.said_name
    assert meaning.answer is AnswerValue.UNSURE


@pytest.mark.parametrize("text", ["네 잠깐만요", "바꿔 드릴게요", "잠깐만요 바꿔 드릴게요", "아들인데요 바꿔 드릴게요"])
def test_the_person_is_being_fetched(understander, text):
    """Yes to "본인을 바꿔 주실 수 있을까요?"."""
    assert Intent.YES in understander.hear(text, Topic.NOTICE).intents


@pytest.mark.parametrize(
    ("text", "topic", "wanted"),
    [
        ("살이 다 떨어졌어요", Topic.NEEDS, True),
        ("살 좀 갖다 주세요", Topic.NEEDS, True),
        ("살이 없어요", Topic.NEEDS, True),
        ("살이 다 떨어졌어요", Topic.MEALS, True),
        ("살이 없어요", Topic.HEALTH, False),
        ("살이 빠졌어요", Topic.NEEDS, False),
        ("살이 떨어져 나가는 것 같아요", Topic.HEALTH, False),
    ],
)
def test_rice_heard_as_flesh_is_rice_where_the_sentence_says_so(understander, text, topic, wanted):
    """Tense ㅆ is lost at 8 kHz; the words quoted stay as heard."""
    requests = understander.hear(text, topic).requests
    assert bool(requests) is wanted
    assert all(request.quote in text for request in requests)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("기온이 없어요", Topic.HEALTH),
        ("입을 게 없어요", Topic.NEEDS),
        ("청소해 줄 사람이 없어요", Topic.NEEDS),
        ("어제는 태먹었어요", Topic.MEDICINE),
        ("매줘요", Topic.MEALS),
        ("봄에 절자요", Topic.SLEEP),
    ],
)
def test_words_that_may_be_misheard_are_never_fine(understander, text, topic):
    """Unsure is asked again; fine is not."""
    assert understander.hear(text, topic).answer is not AnswerValue.OK


def test_yes_and_words_not_understood_is_still_so(understander):
    """In clarifying a crisis the yes decides, but never that all is well."""
    still = "혹시 지금도 죽고 싶다는 생각이 드세요?"
    assert understander.hear("네, 지금독 런생각이 드려요", Topic.CONFIRM, question=still).answer is AnswerValue.BAD
    fine = understander.hear("네, 지금독 런", Topic.CONFIRM, question="지금은 괜찮으세요?")
    assert fine.answer is AnswerValue.UNSURE


def test_who_tells_of_a_death_later_in_the_call_is_the_person(understander):
    """A widow, a daughter-in-law."""
    assert understander.hear("시어머니가 돌아가셨어요", Topic.MOOD).reported is None
    assert understander.hear("어머니 돌아가셨어요", Topic.IDENTITY).reported is not None


def test_a_garbled_fine_is_asked_again(understander: Understander) -> None:
    """Heard with little confidence, a good answer is no answer; a bad one stays bad, and words well heard are believed."""

    def heard(text: str, confidence: float) -> AnswerValue:
        return understander.hear(text, Topic.SLEEP, question="밤에 잠은 잘 주무세요?", confidence=confidence).answer

    assert heard("네, 잘 자요", 0.39) is AnswerValue.UNSURE
    assert heard("네, 잘 자요", 0.41) is AnswerValue.OK
    assert heard("통 못 자요", 0.2) is AnswerValue.BAD
