"""`callbot say TEXT -o out.wav`: the voice."""

import sys
import wave
from pathlib import Path
from typing import Annotated

import typer

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.settings import SettingsError, load
from callbot.talk.telephone_level import RATE
from callbot.talk.voice_cache import CannotSpeak


def command(
    text: Annotated[str, typer.Argument(help="What to say, in Korean; figures are read out.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="WAV file, 8 kHz mono.")],
    voice: Annotated[str | None, typer.Option(help=f"{', '.join(VOICES)}, or a mixture: a:0.6+b:0.4.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.5, max=2.0)] = None,
    slow: Annotated[bool, typer.Option("--slow", help='As after "뭐라고?": slower and louder.')] = False,
) -> None:
    """Speak TEXT into a WAV file."""
    if not output.parent.is_dir():
        print(f"{output}에 쓸 수 없습니다: 폴더 {output.parent}이(가) 없습니다.", file=sys.stderr)  # noqa: T201 - the command's talk
        raise typer.Exit(1)
    try:
        settings = load()
        engine = KokoroVoice(settings.models_dir)
        pcm = engine.speak(text, voice or settings.voice, speed or settings.voice_speed, slow=slow)
        with output.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(pcm.astype("<i2").tobytes())
    except (CannotSpeak, SettingsError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        raise typer.Exit(1) from error
    except OSError as error:
        print(f"{output}에 쓸 수 없습니다: {error.strerror}", file=sys.stderr)  # noqa: T201 - as above
        raise typer.Exit(1) from error
