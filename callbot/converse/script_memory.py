"""How a script asks about something from an earlier call."""

from pydantic import Field

from callbot.converse.script_part import Part, Text


class Recalling(Part):
    """How one kind of memory is asked about. `{{ about }}` is what it is; 은(는), 이(가), 을(를) become the right one."""

    ask: tuple[Text, ...] = Field(min_length=1)
    """Wordings, used in turn."""
    simpler: Text


class MemoryLines(Part):
    """Asking about something from an earlier call. Without this section nothing is asked about again."""

    chronic: Recalling
    illness: Recalling
    visit: Recalling
    appointment: Recalling
    event: Recalling
    bad: Text
    heard: Text
    """To any other answer; never glad."""
    forgotten: Text
    """After "그 얘기는 하지 마"."""
