"""Renders prompts/voice-pack: every line of the weekly check-in and everything the virtual recipients say.

Run it after a change of a script, a persona, the voice or its reading; clips that nothing needs any more are removed.
Clips that .state/voice has already are taken from there.
"""

import shutil
import sys
from pathlib import Path

from callbot.bootstrap import read_scripts, voice_cache
from callbot.converse.addressee import Addressee, AddressForm
from callbot.converse.lines import CallKind, every_wording, lines_for
from callbot.settings import load
from callbot.simulate.persona import load_personas
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache
from callbot.talk.which_dialogue import ACKNOWLEDGEMENT, DEFAULT_SCRIPT


def main() -> None:
    """Render, copy, remove."""
    settings = load()
    own = voice_cache(settings)
    personas = load_personas(settings.prompts_dir / "personas")
    wanted: dict[tuple[str, float], list[tuple[str, bool]]] = {(own.voice, own.speed): [(ACKNOWLEDGEMENT, False)]}
    # Lines of the other scripts, and questions about memories, are rendered before the first call that needs them.
    script = read_scripts(settings)[DEFAULT_SCRIPT]
    for persona in personas:
        addressee = Addressee(persona.name, AddressForm(persona.address), settings.district, settings.caller_number)
        lines = [line for kind in (CallKind.CHECK_IN, CallKind.INCOMING) for line in lines_for(script, addressee, kind)]
        lines += every_wording(script, addressee)
        wanted[own.voice, own.speed] += [(line.text, line.slow) for line in lines]
    for persona in personas:
        for voice, speed, text in persona.clips():
            wanted.setdefault((voice, speed), []).append((text, False))
    keep: set[Path] = set()
    for (voice, speed), lines in wanted.items():
        pack = VoiceCache(VOICE_PACK, own.engine, voice, speed, pack=None)
        known = VoiceCache(own.directory, own.engine, voice, speed, pack=None)
        for text, slow in pack.missing(lines):
            source, target = known.path(text, slow=slow), pack.path(text, slow=slow)
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        pack.render(lines, lambda number, of: sys.stderr.write(f"\r{number}/{of} "))
        keep |= {pack.path(text, slow=slow) for text, slow in lines}
    for old in set(VOICE_PACK.glob("*/*.alaw")) - keep:
        old.unlink()
    size = sum(path.stat().st_size for path in keep)
    sys.stderr.write(f"\n{len(keep)} clips, {size / 8000:.0f} s, {size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
