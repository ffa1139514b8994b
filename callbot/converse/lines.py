"""Script and person made into complete lines; every line of a call is known before it is dialled."""

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from callbot.converse.addressee import Addressee
from callbot.converse.background import Recall
from callbot.converse.commands import Line
from callbot.converse.rotation import least_worn
from callbot.converse.script import Script

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PLACEHOLDERS = ("call_name", "district", "callback")
ABOUT = "about"
"""In questions about memories only."""
_PARTICLE = re.compile(r"(.)(은\(는\)|이\(가\)|을\(를\))")
_HANGUL, _FINALS = ord("가"), 28


class UnknownPlaceholder(ValueError):
    """A line holds a `{{ word }}` that nothing fills."""


def fill(text: str, addressee: Addressee) -> str:
    """The text with its placeholders filled.

    >>> fill("{{ call_name }} 맞으세요?", Addressee("김순자"))
    '김순자 어르신 맞으세요?'
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in PLACEHOLDERS:
            raise UnknownPlaceholder(match[1])
        return str(getattr(addressee, match[1]))

    return PLACEHOLDER.sub(value, text)


def fill_about(text: str, about: str) -> str:
    """A question about a memory, with the particles that its words need.

    >>> fill_about("{{ about }}은(는) 지난번보다 어떠세요?", "허리")
    '허리는 지난번보다 어떠세요?'
    """
    filled = PLACEHOLDER.sub(lambda match: about if match[1] == ABOUT else match[0], text)
    return _PARTICLE.sub(lambda match: match[1] + match[2][0 if _closes(match[1]) else 2], filled)


def _closes(syllable: str) -> bool:
    """Ends in a consonant."""
    return (ord(syllable) - _HANGUL) % _FINALS != 0


def is_slow(line_id: str) -> bool:
    """Lines for people who did not catch the first version are spoken slowly, always: one clip each."""
    return line_id.endswith((".simpler", ".keys"))


UNNAMED = {
    "opening.hello": "안녕하세요, 인공지능 안부전화입니다.",
    "opening.identity.ask": "안부전화를 신청하신 본인 맞으세요?",
    "opening.identity.simpler": "안부전화를 신청하신 본인이세요?",
    "opening.identity.keys": "안부전화를 신청하신 본인이시면, 전화기에서 일 번을 눌러 주세요.",
    "opening.who": "안부를 여쭙는 인공지능 전화예요. 돈, 계좌, 주민번호는 여쭙지 않습니다.",
    "closing.callback": "도움이 필요하시면 이 번호로 다시 전화 주세요.",
}
"""In place of the lines that name somebody, where no voice can speak them: in prompts/voice-pack, whatever the district."""


class Wording:
    """The lines of one call, by id, as this listener needs them."""

    def __init__(self, script: Script, addressee: Addressee) -> None:
        self.aid = addressee.aid
        """More of it after "안 들려"."""
        self._lines = {
            line_id: Line(line_id, fill(text, addressee), slow=is_slow(line_id))
            for line_id, text in _worded(script, addressee).items()
        }

    def __getitem__(self, line_id: str) -> Line:
        return replace(self._lines[line_id], aid=self.aid)

    def all(self) -> tuple[Line, ...]:
        """Every line, in the order of the script, without anybody's aid."""
        return tuple(self._lines.values())


def _worded(script: Script, addressee: Addressee) -> dict[str, str]:
    """Every line in the words that are due today, and the question about a memory, if there is one."""
    texts, said = script.texts(), addressee.before.said
    for line_id, others in script.other_texts().items():
        texts[line_id] = least_worn((texts[line_id], *others), said.get(line_id, ()))
    if addressee.unnamed:
        texts |= {line_id: text for line_id, text in UNNAMED.items() if line_id in texts}
    recall = addressee.before.recall
    if recall is not None and script.memory is not None:
        asked, simpler = _recalling(script, recall)
        texts |= {"memory.ask": least_worn(asked, said.get("memory.ask", ())), "memory.simpler": simpler}
    return texts


def _recalling(script: Script, recall: Recall) -> tuple[tuple[str, ...], str]:
    part = getattr(script.memory, recall.kind.value)
    return tuple(fill_about(text, recall.about) for text in part.ask), fill_about(part.simpler, recall.about)


def every_wording(script: Script, addressee: Addressee, recalls: Iterable[Recall] = ()) -> tuple[Line, ...]:
    """All that a line can sound like, whichever is due: for whoever has to recognise it."""
    texts = [(line_id, text) for line_id, texts in script.other_texts().items() for text in texts]
    for recall in recalls if script.memory is not None else ():
        asked, simpler = _recalling(script, recall)
        texts += [*(("memory.ask", text) for text in asked), ("memory.simpler", simpler)]
    return tuple(Line(line_id, fill(text, addressee), slow=is_slow(line_id)) for line_id, text in texts)


class CallKind(StrEnum):
    """Who talks to us, and why."""

    CHECK_IN = "check_in"
    CONTACT = "contact"  # a guardian or neighbour is called
    INCOMING = "incoming"  # somebody calls us


def lines_for(script: Script, addressee: Addressee, kind: CallKind = CallKind.CHECK_IN) -> tuple[Line, ...]:
    """Every line that a call with this person can speak; render these before dialling.

    A line's clip depends on (text, slow) alone, so all but the few lines that name the person are shared by everyone
    in a district.
    """
    left_out = {
        CallKind.CHECK_IN: {"incoming", "contact"},
        CallKind.CONTACT: {"incoming", "memory", *(question.id.value for question in script.questions)},
        CallKind.INCOMING: {"contact"},
    }[kind]
    return tuple(line for line in Wording(script, addressee).all() if line.id.partition(".")[0] not in left_out)
