"""Speak the few lines Asterisk itself must be able to say into dialplans/sounds/*.alaw (8 kHz, headerless).

They are in the repository because they are needed when everything of ours is dead. Run after changing a line:
    .venv/bin/python scripts/render_sounds.py
"""

from callbot.adapters.kokoro import KokoroVoice
from callbot.line.g711 import ALAW_SILENCE, pcm_to_alaw
from callbot.settings import ROOT, load

LINES = {
    "apology": (
        "죄송합니다. 저희 기계에 문제가 생겨서 전화를 끊어야 합니다. 다시 전화드리겠습니다. "
        "몸이 많이 안 좋으시면, 일일구에 전화해 주세요."
    ),
    "incoming": (
        "안녕하세요. 안부전화를 드리는 번호입니다. 지금은 이 번호로 통화하실 수 없습니다. "
        "급하시면 일일구에, 도움이 필요하시면 주민센터에 전화해 주세요."
    ),
}
PAUSE = bytes([ALAW_SILENCE]) * 4000
"""Half a second before and after: the line may still be switching."""


def main() -> None:
    """Render every line."""
    settings = load()
    voice = KokoroVoice(settings.models_dir)
    for name, line in LINES.items():
        target = ROOT / "dialplans" / "sounds" / f"{name}.alaw"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(PAUSE + pcm_to_alaw(voice.speak(line, settings.voice, settings.voice_speed)) + PAUSE)
        print(f"{target}: {target.stat().st_size / 8000:.1f} s")


if __name__ == "__main__":
    main()
