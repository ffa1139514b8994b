"""The one place that chooses adapters: settings in, the parts of the service out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callbot.adapters.asterisk_instance import AsteriskInstance, AsteriskPorts, installed_version
from callbot.adapters.asterisk_trunk import Trunk, load_trunks
from callbot.adapters.clock import Clock, MachineClock
from callbot.adapters.inbox import InboxSender
from callbot.adapters.kiwi import KiwiAnalyser
from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.model_files import WHISPER_BASE, join_whisper
from callbot.adapters.silero import SileroVad
from callbot.adapters.whisper import WhisperEars, check_model
from callbot.converse.script import Script
from callbot.language_model import adviser
from callbot.lexicon_files import load_lexicon
from callbot.script_files import ScriptError, load_script
from callbot.senders import DirectSender
from callbot.settings import Settings
from callbot.sms_settings import SmsSettings, load_sms
from callbot.store.database import Store
from callbot.store.migrate import Migrated, migrate
from callbot.talk.advice_tally import FILE, AdviceTally
from callbot.talk.advising import Advising
from callbot.talk.answered_call import Senses
from callbot.talk.render_lines import RenderProcess
from callbot.talk.voice_cache import VoiceCache
from callbot.understand.rivals import expected_answers
from callbot.understand.understander import Understander
from callbot.workflows.send_pages import Sender


@dataclass(frozen=True)
class Parts:
    """Everything a service is made of. Nothing is started yet."""

    settings: Settings
    ledger_dir: Path
    """Recordings lie below it; the ledger's own folder (a demo has another)."""
    store: Store
    clock: Clock
    asterisk: AsteriskInstance
    ears: WhisperEars
    voice: VoiceCache
    renderer: RenderProcess
    senses: Senses
    scripts: dict[str, Script]
    sms: SmsSettings | None
    """How messages leave; None: the inbox page."""
    trunks: tuple[Trunk, ...]


def voice_cache(settings: Settings) -> VoiceCache:
    """The bot's voice; clips are shared by demo and service."""
    engine = KokoroVoice(settings.models_dir)
    return VoiceCache(settings.data_dir / "voice", engine, settings.voice, settings.voice_speed)


def read_scripts(settings: Settings) -> dict[str, Script]:
    """Every script of prompts/scripts by name. Raises ScriptError for the first that cannot be used, or where none is."""
    directory = settings.prompts_dir / "scripts"
    found = [load_script(path).script for path in sorted(directory.glob("*.yaml"))]
    if not found:
        raise ScriptError(f"{directory}: 대본이 하나도 없습니다. CALLBOT_PROMPTS_DIR을 확인해 주세요.")
    return {script.script: script for script in found}


def understander(settings: Settings) -> Understander:
    """Rules and morphology. The first analysis takes seconds: call `hear` once before a call does."""
    return Understander(load_lexicon(settings.prompts_dir / "lexicon"), KiwiAnalyser())


def model_beside_calls(
    settings: Settings, understanding: Understander, voice: VoiceCache, renderer: RenderProcess
) -> Advising | None:
    """The language model of the settings; None: none is wanted."""
    model = adviser(settings)
    if model is None:
        return None
    tally = AdviceTally(settings.data_dir / FILE)
    return Advising(model, understanding.analyser, voice, renderer if settings.llm_speaks else None, tally)


def sms_sender(settings: Settings) -> Sender:
    """For whoever must page without the service's outbox: the watch."""
    return DirectSender(load_sms(Path(settings.sms))) if settings.sms else InboxSender()


def open_ledger(settings: Settings) -> Migrated:
    """Key file, database, newest schema; made where missing."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return migrate(settings.database, settings.keys, datetime.now(UTC))


def build(settings: Settings, store: Store, *, clock: Clock | None = None, ledger_dir: Path | None = None) -> Parts:
    """Parts for one machine. Raises the parts' own errors, each one clear sentence (see unusable.py)."""
    ledger_dir = ledger_dir or settings.data_dir
    if settings.whisper_model == WHISPER_BASE:
        join_whisper(settings.models_dir)
    check_model(settings.whisper_dir)
    installed_version(settings.asterisk_prefix)
    sms = load_sms(Path(settings.sms)) if settings.sms else None
    trunks = load_trunks(settings.trunk)
    understanding = understander(settings)
    expected = expected_answers(understanding.lexicon.expected)
    ears = WhisperEars(settings.whisper_dir, settings.ears_workers, settings.ears_threads, expected=expected)
    voice = voice_cache(settings)
    asterisk = AsteriskInstance(
        settings.asterisk_prefix,
        ledger_dir / "asterisk",
        AsteriskPorts(settings.sip_port, settings.ami_port, settings.rtp_start, settings.rtp_end),
        media_port=settings.media_port,
        dialplans=settings.dialplans_dir,
        trunks=trunks,
    )
    renderer = RenderProcess(voice)
    advising = model_beside_calls(settings, understanding, voice, renderer)
    return Parts(
        settings=settings,
        ledger_dir=ledger_dir,
        store=store,
        clock=clock or MachineClock(),
        asterisk=asterisk,
        ears=ears,
        voice=voice,
        renderer=renderer,
        senses=Senses(ears, voice, understanding, SileroVad, advising),
        scripts=read_scripts(settings),
        sms=sms,
        trunks=trunks,
    )
