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
