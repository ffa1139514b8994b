"""What a rehearsal pretends to know from earlier calls: a memory, consents, a day, last week's answers."""

from collections.abc import Iterable
from datetime import date

from callbot.converse.background import Background, Recall
from callbot.people.consent import ConsentKind
from callbot.understand.lexicon import MemoryFile
from callbot.understand.meaning import ASKED_TOPICS, AnswerValue, Topic


class CannotPretend(ValueError):
    """An option of the rehearsal cannot be used; the message is Korean and names field, value and mend."""


def pretended(
    known: MemoryFile, remember: str | None, consents: Iterable[str], today: date, last: Iterable[str]
) -> Background:
    """`remember`: what it is about (`무릎`); `last`: `medicine=bad`. Raises CannotPretend."""
    rule = next((rule for rule in known.topics if remember in (rule.about, rule.topic)), None)
    if remember is not None and rule is None:
        words = ", ".join(rule.about for rule in known.topics)
        raise CannotPretend(f"--remember 값 {remember!r}: 모르는 기억입니다. 이 가운데에서 고르세요: {words}.")
    return Background(
        recall=Recall(rule.topic, rule.kind, rule.about) if rule is not None else None,
        memories=frozenset({rule.topic, rule.kind.value}) if rule is not None else frozenset(),
        answers=dict(_answer(each) for each in last),
        consents=frozenset(_consent(each) for each in consents),
        today=today,
    )


def _consent(word: str) -> ConsentKind:
    try:
        return ConsentKind(word)
    except ValueError as error:
        raise CannotPretend(
            f"--consent 값 {word!r}: 모르는 동의입니다. 쓸 수 있는 값: {', '.join(ConsentKind)}."
        ) from error


def _answer(text: str) -> tuple[Topic, AnswerValue]:
    topic, _, value = text.partition("=")
    if topic not in ASKED_TOPICS or value not in ("ok", "bad", "unsure"):
        mend = f"--last 값 {text!r}: '질문=대답'으로 적으세요 (예: medicine=bad). 질문: {', '.join(ASKED_TOPICS)}."
        raise CannotPretend(mend)
    return Topic(topic), AnswerValue(value)
