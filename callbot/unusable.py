"""What can be wrong with an installation: each is one clear sentence for the operator."""

from callbot.adapters.asterisk_config import AsteriskError
from callbot.adapters.model_files import ModelFilesError
from callbot.adapters.whisper import ModelUnusable
from callbot.lexicon_files import LexiconError
from callbot.script_files import ScriptError
from callbot.store.database import DatabaseUnreachable
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated
from callbot.workflows.take_node import NodeTaken

UNUSABLE = (
    AsteriskError,
    DatabaseUnreachable,
    KeyFileError,
    LexiconError,
    ModelFilesError,
    ModelUnusable,
    NodeTaken,
    NotMigrated,
    ScriptError,
)
