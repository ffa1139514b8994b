"""An attempt's end, as the retry ladder sees it."""

from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.ladder import RetryCause

RETRY_CAUSE: dict[AttemptEnd, RetryCause] = {
    AttemptEnd.PERSON: RetryCause.DEFAULT,
    AttemptEnd.OTHER_PERSON: RetryCause.OTHER_PERSON,
    AttemptEnd.VOICEMAIL: RetryCause.OFF,
    AttemptEnd.ANNOUNCEMENT: RetryCause.OFF,
    AttemptEnd.BUSY: RetryCause.BUSY,
    AttemptEnd.NO_ANSWER: RetryCause.NO_ANSWER,
    AttemptEnd.REJECTED: RetryCause.REJECTED,
    AttemptEnd.SILENT: RetryCause.DEFAULT,
    AttemptEnd.BAD_NUMBER: RetryCause.DEFAULT,
    AttemptEnd.NETWORK_FAILURE: RetryCause.NETWORK,
    AttemptEnd.SYSTEM_FAILURE: RetryCause.OURS,
    AttemptEnd.INTERRUPTED: RetryCause.OURS,
    AttemptEnd.WINDOW_CLOSED: RetryCause.OURS,
}
