"""Whisper's inventions are named and dropped; what people say is kept. Texts from facts/speech.md, section 4."""

import pytest

from callbot.listen.gates import RawTranscript, confidence, judge


def raw(
    text: str, nsp: float = 0.05, *, seconds: float = 3.0, logprob: float = -0.5, **more: tuple[str, ...]
) -> RawTranscript:
    return RawTranscript(text, logprob, nsp, seconds, 0.6, **more)


@pytest.mark.parametrize(
    ("text", "nsp", "reason"),
    [
        ("MBC 뉴스 김혜연입니다.", 0.92, "no_speech"),
        ("고마워요.", 0.90, "no_speech"),
        ("오야, 지금 뭐 하세요?", 0.41, "no_speech"),
        ("이 정도는 더 이상은 것 같아요.", 0.61, "no_speech"),
        ("MBC 뉴스 김혜연입니다.", 0.1, "phrase"),
        ("시청해 주셔서 감사합니다.", 0.1, "phrase"),
        ("구독과 좋아요 부탁드립니다", 0.1, "phrase"),
        ("다음 영상에서 만나요.", 0.1, "phrase"),
        ("이 영상은 또 다른 영상에서 만나요.", 0.1, "phrase"),
        ("지금까지 김철수 기자입니다.", 0.1, "phrase"),
        ("한글 자막 제공", 0.1, "phrase"),
        ("고마워요.", 0.3, "phrase"),
        ("네.", 0.35, "phrase"),
        ("아", 0.3, "phrase"),
        ("아, 아, 아, 아, 아, 아", 0.1, "loop"),
        ("이 시원한 시원한 시원한 시원한 시원한", 0.1, "loop"),
        ("이 자리에 있는 자리에 있는 자리에 있는 자리에 있는", 0.1, "loop"),
        ("이곳은 이곳은 이곳은 이곳은 이곳은", 0.1, "loop"),
        ("네네네네", 0.35, "loop"),
        ("네" * 20, 0.1, "loop"),
        ("", 0.1, "too_short"),
        ("...", 0.1, "too_short"),
        ("음악 ♪", 0.5, "no_speech"),
    ],
)
def test_inventions_are_rejected_by_name(text: str, nsp: float, reason: str) -> None:
    """No words come out, and the reason says why."""
    heard = judge(raw(text, nsp))
    assert (heard.text, heard.rejected, heard.alternatives) == ("", reason, ())


@pytest.mark.parametrize(
    ("text", "nsp"),
    [
        ("네.", 0.2),
        ("네, 네, 네, 네.", 0.1),
        ("아니 아니 아니 아니", 0.1),
        ("고마워요.", 0.1),
        ("살려줘 살려줘 살려줘 살려줘 살려줘", 0.1),
        ("아파 아파 아파 아파", 0.2),
        ("감사합니다. 잘 지내고 있어요.", 0.35),
        ("밥 먹고 약 먹고 잤어요.", 0.30),
        ("119 불러 주세요.", 0.1),
        ("뉴스 봐요.", 0.1),
        ("영상 통화했어요", 0.1),
    ],
)
def test_what_people_say_is_kept(text: str, nsp: float) -> None:
    """Short yes and no, thanks, and cries said over and over pass."""
    heard = judge(raw(text, nsp))
    assert (heard.text, heard.rejected) == (text, None)


def test_a_whole_sentence_repeated_is_a_loop() -> None:
    """A unit longer than six syllables is caught by its compression."""
    text = "오늘 하루도 정말 수고 많으셨습니다. " * 6
    assert judge(raw(text, seconds=20.0)).rejected == "loop"


def test_more_syllables_than_can_be_spoken_are_rejected() -> None:
    """40 syllables in one second are invented."""
    text = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호"
    assert judge(raw(text, seconds=1.0)).rejected == "too_fast"
    assert judge(raw(text, seconds=6.0)).rejected is None


def test_words_the_recogniser_does_not_believe_itself_are_rejected() -> None:
    """A mean token probability below 0.18: a fluent sentence that was not said ("네, 저는 이만한다고 생각해요", 0.12)."""
    assert judge(raw("네, 저는 이만한다고 생각해요.", logprob=-2.1)).rejected == "unlikely"
    assert judge(raw("누구세요", logprob=-1.4)).rejected is None


def test_alternatives_pass_the_same_gates() -> None:
    """An invention among the other hypotheses is dropped too."""
    heard = judge(raw("밥 먹었어요", alternatives=("밤 먹었어요", "MBC 뉴스 김혜연입니다.", "")))
    assert heard.alternatives == ("밤 먹었어요",)


@pytest.mark.parametrize(("logprob", "expected"), [(0.0, 1.0), (-0.693, 0.5), (-1.9, 0.15), (0.2, 1.0)])
def test_confidence_is_the_mean_probability_of_a_token(logprob: float, expected: float) -> None:
    """Between 0 and 1 whatever the recogniser reports."""
    assert confidence(logprob) == pytest.approx(expected, abs=0.01)


def test_the_measures_are_kept() -> None:
    """Length, cost and probabilities of the decode are on the transcript, accepted or not."""
    heard = judge(raw("밥 먹었어요", 0.2))
    assert (heard.seconds, heard.cpu_seconds, heard.no_speech_prob) == (3.0, 0.6, 0.2)
