"""What is wrong with a script that can be parsed: one function an issue. Shown by `callbot check` and before publishing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from callbot.converse import guards
from callbot.converse.lines import ABOUT, PLACEHOLDER, PLACEHOLDERS, fill_about
from callbot.converse.orientation import ORIENTATION
from callbot.converse.script import Script
from callbot.people.consent import ConsentKind
from callbot.understand.meaning import Topic


class Severity(StrEnum):
    """An error keeps a script from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Issue:
    """One fault."""

    issue: str
    """Name of the check."""
    severity: Severity
    place: str
    """Line id or key: `meals.bad.say`, `questions`."""
    text: str
    """Korean, with the mend."""


Check = Callable[[Script], Iterator[Issue]]

REQUIRED_TOPICS = (Topic.HEALTH, Topic.MEALS, Topic.MOOD)
"""No welfare call is one without these, whatever else it asks."""
_TYPICAL = {"call_name": "김순자 어르신", "district": "광주광역시 동구청", "callback": "062-000-0000"}
"""Stand-ins, so that a line is judged at the length at which it is spoken."""
_CRISIS_NUMBERS = {"suicide": "109", "medical": "119", "abuse": "112", "generic": "119"}
_PHONE_NUMBERS = re.compile(r"109|119|112|129|062-000-0000")
_PERSONAL = re.compile(r"아프|아픈|건강|병원|입원|수급|기초생활|혼자\s?(사|계)|우울|독거|약(?:을|은|도)")
_SAID_TO_ANYBODY = ("opening.", "closing.not_here", "closing.wrong_number", "closing.silent", "closing.unheard", "closing.busy",
                    "closing.refused", "closing.do_not_call")  # fmt: skip


def issues(script: Script) -> tuple[Issue, ...]:
    """All issues, errors first."""
    found = [issue for check in CHECKS for issue in check(script)]
    return tuple(sorted(found, key=lambda issue: issue.severity is not Severity.ERROR))


def _error(issue: str, place: str, text: str) -> Issue:
    return Issue(issue, Severity.ERROR, place, text)


def _filled(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: _TYPICAL.get(match[1], ""), fill_about(text, "손주분"))


def missing_topic(script: Script) -> Iterator[Issue]:
    """A topic that every welfare call asks about."""
    for topic in REQUIRED_TOPICS if script.kind == "check_in" else REQUIRED_TOPICS[:1]:
        if topic not in script.mandatory:
            yield _error(
                "missing_topic", "questions", f"꼭 물어야 하는 '{topic}' 질문이 없습니다. mandatory: true 로 넣으세요."
            )


def ai_notice(script: Script) -> Iterator[Issue]:
    """The law: an AI says so at once."""
    first = guards.sentences(script.opening.hello)[0]
    if "인공지능" not in first:
        yield _error(
            "ai_notice",
            "opening.hello",
            "첫 문장에 '인공지능'이라는 말이 없습니다. 법에 따라 첫 문장에서 밝혀야 합니다.",
        )
    if "{{ district }}" not in _spaced(first):
        yield _error("ai_notice", "opening.hello", "첫 문장에 누가 거는지 없습니다. {{ district }} 를 넣으세요.")


def recording_notice(script: Script) -> Iterator[Issue]:
    """A party may record, and says so."""
    if "녹음" not in script.opening.recording:
        yield _error(
            "recording_notice", "opening.recording", "녹음한다는 말이 없습니다. '이 통화는 녹음됩니다.'처럼 알리세요."
        )


def crisis_numbers(script: Script) -> Iterator[Issue]:
    """Each kind of crisis names where help is."""
    for kind, number in _CRISIS_NUMBERS.items():
        if number not in getattr(script.crisis, kind).number:
            yield _error(
                "crisis_numbers", f"crisis.{kind}.number", f"{number} 번호가 없습니다. 위기 문장에 꼭 넣으세요."
            )


def crisis_tells_a_human(script: Script) -> Iterator[Issue]:
    """The person learns that a human is being told."""
    for kind in _CRISIS_NUMBERS:
        for name in ("heard", "serious"):
            if "알리고 있" not in getattr(getattr(script.crisis, kind), name):
                mend = "사람에게 알리고 있다는 말이 없습니다. '담당자에게 바로 알리고 있습니다.'를 넣으세요."
                yield _error("crisis_tells_a_human", f"crisis.{kind}.{name}", mend)
    if "알리고 있" not in script.repair.help_wanted:
        mend = "도움을 청한 사람에게, 담당자에게 알리고 있다는 말이 없습니다. '담당자에게 바로 알리고 있습니다.'를 넣으세요."
        yield _error("crisis_tells_a_human", "repair.help_wanted", mend)


def call_back_number(script: Script) -> Iterator[Issue]:
    """People want to call back (facts/korea.md, 0.7)."""
    if "{{ callback }}" not in _spaced(script.closing.callback):
        yield _error("call_back_number", "closing.callback", "다시 걸 번호가 없습니다. {{ callback }} 을 넣으세요.")


def phishing_notice(script: Script) -> Iterator[Issue]:
    """The call says that it never asks for money, an account or a resident number: at its end, and whenever somebody
    asks who we are."""
    places = {"closing.phishing": script.closing.phishing, "opening.who": script.opening.who}
    if script.incoming is not None:
        places["incoming.unknown"] = script.incoming.unknown
    for place, text in places.items():
        for word in ("돈", "계좌", "주민"):
            if not re.search(rf"{word}.*않", text):
                mend = f"'{word}'을 묻지 않는다는 말이 없습니다. '돈, 계좌, 주민번호는 여쭙지 않습니다.'처럼 넣으세요."
                yield _error("phishing_notice", place, mend)


def keys_are_explained(script: Script) -> Iterator[Issue]:
    """Key 1 and key 2 mean something only if they are named."""
    for place, text, wanted in (
        ("repair.keys", script.repair.keys, ("일 번", "이 번")),
        ("opening.identity.keys", script.opening.identity.keys, ("일 번",)),
    ):
        for key in wanted:
            if key not in text:
                yield _error("keys_are_explained", place, f"'{key}'을 누르라는 말이 없습니다. 번호 안내를 넣으세요.")


def identity_by_name(script: Script) -> Iterator[Issue]:
    """A yes or a key is worth something only where the name was in the question."""
    for name in ("ask", "simpler", "keys"):
        if "{{ call_name }}" not in _spaced(getattr(script.opening.identity, name)):
            yield _error(
                "identity_by_name", f"opening.identity.{name}", "이름이 없습니다. {{ call_name }} 을 넣으세요."
            )


def name_elsewhere(script: Script) -> Iterator[Issue]:
    """The name is said to nobody but the person, and in few lines: each costs a clip per person."""
    for place, text in script.every_text().items():
        if "{{ call_name }}" in _spaced(text) and not place.startswith(("opening.identity.", "contact.ask.")):
            mend = "이름은 본인 확인 질문(opening.identity)과 비상 연락처 확인(contact.ask)에만 쓸 수 있습니다. {{ call_name }} 을 지우세요."
            yield _error("name_elsewhere", place, mend)


def personal_to_anybody(script: Script) -> Iterator[Issue]:
    """Before it is clear who is listening, nothing about health or circumstances."""
    for place, text in script.every_text().items():
        found = _PERSONAL.search(text)
        if found and place.startswith(_SAID_TO_ANYBODY):
            mend = f"본인인지 모르는 사람이 듣는 말에 '{found[0]}'이 있습니다. 사생활이 드러나지 않게 바꾸세요."
            yield _error("personal_to_anybody", place, mend)


def unknown_placeholder(script: Script) -> Iterator[Issue]:
    """Only what the call knows can be filled in."""
    known = ", ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)
    for place, text in script.every_text().items():
        for name in PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS and not (name == ABOUT and place.startswith("memory.")):
                yield _error(
                    "unknown_placeholder", place, f"'{{{{ {name} }}}}'는 채울 수 없습니다. {known} 가운데에서 쓰세요."
                )
        if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
            yield _error("unknown_placeholder", place, f"중괄호의 짝이 맞지 않습니다. {known} 처럼 쓰세요.")


def repeated_question(script: Script) -> Iterator[Issue]:
    """Two questions of one name: the second could not be told from the first."""
    seen: set[Topic] = set()
    for question in script.questions:
        if question.id in seen:
            yield _error("repeated_question", question.id, f"'{question.id}' 질문이 두 번 있습니다. 하나를 지우세요.")
        seen.add(question.id)


def dangling_condition(script: Script) -> Iterator[Issue]:
    """A condition looks back at a question that was asked before."""
    before: set[Topic] = set()
    for question in script.questions:
        for name, condition in (("only_if", question.only_if), ("unless", question.unless)):
            place = f"{question.id}.{name}"
            if condition is None:
                continue
            if condition.question is not None and condition.question not in before:
                mend = f"{name} 의 '{condition.question}' 질문이 이 앞에 없어서 조건이 맞을 수 없습니다. 순서나 이름을 고치세요."
                yield _error("dangling_condition", place, mend)
            if question.mandatory:
                mend = f"꼭 물을 질문(mandatory)에는 조건을 달 수 없습니다. {name} 을 지우거나 mandatory: false 로 바꾸세요."
                yield _error("dangling_condition", place, mend)
        before.add(question.id)


def memory_is_checked_by_consent(script: Script) -> Iterator[Issue]:
    """Nobody's memory is tested without having been asked."""
    for question in script.questions:
        asked = {each.consent for each in (question.only_if,) if each is not None} | {script.needs_consent}
        if question.id in ORIENTATION and ConsentKind.COGNITION not in asked:
            mend = "기억을 살피는 질문입니다. 대본에 needs_consent: cognition 을, 또는 질문에 only_if: {consent: cognition} 을 넣으세요."
            yield _error("memory_is_checked_by_consent", f"{question.id}", mend)


def no_simpler_words(script: Script) -> Iterator[Issue]:
    """After "뭐라고?" the same words help nobody."""
    for question in script.questions:
        ask, simpler = guards.syllables(question.ask), guards.syllables(question.simpler)
        if question.simpler == question.ask or simpler > ask:
            mend = "simpler 가 ask 보다 쉽지 않습니다. 더 짧고 쉬운 말로 바꾸세요."
            yield _error("no_simpler_words", f"{question.id}.simpler", mend)


def asks_without_asking(script: Script) -> Iterator[Issue]:
    """A question sounds like one."""
    for place, text in script.every_text().items():
        asks = re.sub(r"(\.also)?(\.\d+)?$", "", place) if not place.startswith("closing.") else place
        question = place.endswith((".ask", ".simpler", ".heard_right")) or asks != place
        if question and not text.endswith("?"):
            mend = "물음표로 끝나지 않습니다. 대답할 차례인지 알 수 있게 물음으로 끝내세요."
            yield Issue("asks_without_asking", Severity.WARNING, place, mend)


def one_wording(script: Script) -> Iterator[Issue]:
    """Nobody wants the same words four weeks running."""
    other = script.other_texts()
    asked = [f"{question.id.value}.ask" for question in script.questions]
    for line_id in (*asked, "closing.thanks", "closing.goodbye"):
        if line_id not in other:
            part, _, name = line_id.rpartition(".")
            where = f"{part}.also" if name == "ask" else f"{part}.also.{name}"
            mend = f"같은 말이 매주 되풀이됩니다. {where} 에 다른 말을 하나 더 적으세요."
            yield Issue("one_wording", Severity.WARNING, line_id, mend)


def memory_asks_for_change(script: Script) -> Iterator[Issue]:
    """A chronic pain is there: "아직도 아프세요?" every week is no question but a complaint."""
    for place, text in script.every_text().items():
        if place.startswith("memory.chronic.") and re.search(r"아직(?:도)?|있으세요|아프세요", text):
            mend = "아직 아픈지, 있는지를 묻습니다. '지난번보다 어떠세요?'처럼 달라졌는지를 물으세요."
            yield _error("memory_asks_for_change", place, mend)
        if place.startswith("memory.") and place.count(".") > 1 and f"{{{{ {ABOUT} }}}}" not in _spaced(text):
            yield _error("memory_asks_for_change", place, "무엇에 대한 말인지 없습니다. {{ about }} 을 넣으세요.")


def figures(script: Script) -> Iterator[Issue]:
    """ "2번" may be read 두 번 or 이 번."""
    for place, text in script.every_text().items():
        found = re.search(r"\d+", _PHONE_NUMBERS.sub("", _filled(text)))
        if found:
            mend = f"숫자 '{found[0]}'은 잘못 읽힐 수 있습니다. '일 번'처럼 소리 나는 대로 한글로 적으세요."
            yield Issue("figures", Severity.WARNING, place, mend)


def blocked_lines(script: Script) -> Iterator[Issue]:
    """Every guard that a model's sentence has to pass, a supervisor's has to pass too."""
    glad = {f"{topic}.ok" for topic in script.topics}
    for place, text in script.every_text().items():
        for blocked in guards.check(_filled(text), may_be_glad=place in glad):
            severity = Severity.WARNING if blocked.guard == "length" else Severity.ERROR
            yield Issue(blocked.guard, severity, place, f"'{blocked.words}': {blocked.mend}.")


def _spaced(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: f"{{{{ {match[1]} }}}}", text)


CHECKS: tuple[Check, ...] = (
    missing_topic, ai_notice, recording_notice, crisis_numbers, crisis_tells_a_human, call_back_number, phishing_notice,
    keys_are_explained, identity_by_name, name_elsewhere, personal_to_anybody, unknown_placeholder, repeated_question,
    dangling_condition, memory_is_checked_by_consent, no_simpler_words, asks_without_asking, one_wording, memory_asks_for_change, figures, blocked_lines,
)  # fmt: skip
