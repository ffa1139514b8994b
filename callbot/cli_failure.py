"""Why a service cannot start, or a call cannot be placed: one sentence on stderr, never a traceback."""

from rich.console import Console

from callbot.instance_lock import AlreadyRunning
from callbot.listening import PortInUse
from callbot.people.numbers import BadNumber
from callbot.settings import SettingsError
from callbot.simulate.farm import PhonesDown
from callbot.simulate.persona import PersonaError
from callbot.talk.voice_cache import CannotSpeak
from callbot.unusable import UNUSABLE
from callbot.workflows.call_now import CallRefused

FAILURES = (
    *UNUSABLE,
    AlreadyRunning,
    BadNumber,
    CallRefused,
    CannotSpeak,
    OSError,
    PersonaError,
    PhonesDown,
    PortInUse,
    SettingsError,
)
"""What an operator can mend; anything else is a fault of ours and shows where it happened."""


def tell(error: BaseException, talk: Console) -> None:
    """Print it as it is: no markup is read in it, and no line is broken in a pipe."""
    words = str(error)
    if isinstance(error, OSError):
        words = f"{error.filename or '파일'}: {error.strerror or error}. 디스크와 권한을 확인해 주세요."
    talk.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
