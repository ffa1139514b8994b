"""Script and person made into complete lines; every line of a call is known before it is dialled."""

import re
from dataclasses import replace
from enum import StrEnum

from callbot.converse.addressee import Addressee
from callbot.converse.commands import Line
from callbot.converse.script import Script

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PLACEHOLDERS = ("call_name", "district", "callback")


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


def is_slow(line_id: str) -> bool:
    """Lines for people who did not catch the first version are spoken slowly, always: one clip each."""
    return line_id.endswith((".simpler", ".keys"))


class Wording:
    """The lines of one call, by id, as this listener needs them."""

    def __init__(self, script: Script, addressee: Addressee) -> None:
        self.aid = addressee.aid
        """More of it after "안 들려"."""
        self._lines = {
            line_id: Line(line_id, fill(text, addressee), slow=is_slow(line_id))
            for line_id, text in script.texts().items()
        }

    def __getitem__(self, line_id: str) -> Line:
        return replace(self._lines[line_id], aid=self.aid)

    def all(self) -> tuple[Line, ...]:
        """Every line, in the order of the script, without anybody's aid."""
        return tuple(self._lines.values())


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
        CallKind.CONTACT: {"incoming", *(question.id.value for question in script.questions)},
        CallKind.INCOMING: {"contact"},
    }[kind]
    return tuple(line for line in Wording(script, addressee).all() if line.id.partition(".")[0] not in left_out)
