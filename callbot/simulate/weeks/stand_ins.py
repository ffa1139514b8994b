"""Parts of a service that a line of words has no use for."""

from callbot.line.ports import Pcm
from callbot.listen.utterance import Transcript


class SlowEars:
    """Recognition is done where the words are said; what is left of it is how far behind it is, and whether it is there."""

    def __init__(self) -> None:
        self.behind = 0
        self.down = False

    async def transcribe(self, pcm: Pcm, *, topic: str = "") -> Transcript:
        raise NotImplementedError

    def backlog(self) -> int:
        return self.behind


class NothingToRender:
    """Lines of words need no voice."""

    async def render(self, lines: list[tuple[str, bool]]) -> int:  # noqa: ARG002 - as the port says
        return 0
