"""What a small recogniser makes of "못" and "안" is never taken for fine (heard in real calls, docs/measurements.md)."""

import pytest

from callbot.understand.meaning import AnswerValue, Topic
from callbot.understand.understander import Understander


@pytest.mark.parametrize(
    ("topic", "said", "heard"),
    [
        (Topic.OUTING, "힘들어서 밖에 못 나가요.", "핸드로서 바퀵 온 나가요."),
        (Topic.OUTING, "못 나가요.", "몸나가요"),
        (Topic.OUTING, "나가기가 겁나요.", "나가기가 곰 나요."),
        (Topic.OUTING, "안 나간 지 한참 됐어요.", "안 나간 지 한참 됐어요."),
        (Topic.SLEEP, "자다가 자꾸 깨요.", "자다가 적을게요."),
        (Topic.SLEEP, "통 못 자요.", "목 자요."),
        (Topic.MEDICINE, "귀찮아서 안 먹을 때가 많아요.", "그 잊지 않아, 소아 목, 대가 많아요."),
        (Topic.MEDICINE, "어제는 빼먹었어요.", "어제는 태먹었어요."),
        (Topic.MEDICINE, "요즘은 잘 안 먹어요.", "요즘은 자란 먹어요."),
        (Topic.MEDICINE, "먹다 말다 해요.", "먹다 말다 해요."),
        (Topic.MEALS, "입맛이 없어서 잘 못 먹어요.", "젊은 먹어요."),
        (Topic.HEALTH, "기운이 하나도 없어요.", "유니하나도 없어요."),
    ],
)
def test_a_misheard_complaint_is_not_fine(understander: Understander, topic: Topic, said: str, heard: str) -> None:
    """Bad or unsure, as heard and as said: both, because better ears will hear what was said."""
    assert understander.hear(heard, topic).answer is not AnswerValue.OK
    assert understander.hear(said, topic).answer is not AnswerValue.OK


@pytest.mark.parametrize(
    ("topic", "said", "heard"),
    [
        (Topic.NEEDS, "겨울옷이 하나도 없어요.", "요로시 하나도 없어요."),
        (Topic.NEEDS, "도와주는 사람이 없어요.", "도와주는 사람이 없어요."),
        (Topic.MEALS, "안 먹은 지 이틀 됐어요.", "난 먹은지 퉁도 했어요."),
        (Topic.MEALS, "한 끼도 안 먹었어요.", "간기도아 먹었어요."),
        (Topic.MEALS, "아침은 안 먹고 점심만 먹어요.", "아침을 난 먹고 점심만 먹어요."),
        (Topic.MEALS, "요즘 밥을 안 해 먹어요.", "요즘 밭에 먹어요."),
        (Topic.OUTING, "만날 사람도 없고 안 다녀요.", "만날 사람도 고한다녀요."),
        (Topic.OUTING, "문밖에도 안 나가 봤어요.", "문 바퀴로 아나가 보소요."),
        (Topic.HEALTH, "다른 데는 괜찮은데 허리가 문제예요.", "다른 데는 괜찮은데 허리가 문제예요."),
        (Topic.MOOD, "혼자 있으니까 심심해 죽겠어요.", "혼자 있으니까 심심해 죽겠어요."),
    ],
)
def test_every_word_of_a_fine_answer_is_accounted_for(
    understander: Understander, topic: Topic, said: str, heard: str
) -> None:
    """Heard through ears: what is left of a misheard denial belongs nowhere, so it is not fine."""
    assert understander.hear(heard, topic, by_ear=True).answer is not AnswerValue.OK
    assert understander.hear(said, topic, by_ear=True).answer is not AnswerValue.OK


@pytest.mark.parametrize(
    ("topic", "heard"),
    [
        (Topic.OUTING, "산 갔다 왔어요."),
        (Topic.OUTING, "어제 장 보러 나갔어요."),
        (Topic.SLEEP, "밤에 잠 잘 자고 있어요."),
        (Topic.SLEEP, "잘 자고 잘 먹어요."),
        (Topic.MEDICINE, "밥 먹고 약 먹어요."),
        (Topic.MEALS, "세 끼 꼬박꼬박 챙겨 먹어요."),
        (Topic.HEALTH, "괜찮아요, 고맙습니다."),
    ],
)
def test_fine_is_still_fine(understander: Understander, topic: Topic, heard: str) -> None:
    """Nouns that may stand before the verb, auxiliaries, thanks and a second good answer leave it fine."""
    assert understander.hear(heard, topic).answer is AnswerValue.OK
