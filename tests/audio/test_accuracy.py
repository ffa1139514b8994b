"""Spoken Korean through a telephone is understood; the full figures are `make prove`'s, in docs/measurements/ears.md."""

import asyncio

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.whisper import WhisperEars
from callbot.bench_ears import Spoken, decode_all, figures, on_the_line, speak
from callbot.settings import ROOT, load

SENTENCES = {
    "jf_nezumi": ("네, 잘 지내고 있어요.", "아침에 죽 먹었어요.", "가슴이 너무 아파요.", "반찬이 다 떨어졌어요."),
    "jm_kumo": ("밥은 먹었어요.", "경로당에 가서 친구들 만났어요.", "보일러가 고장 났어요."),
}


def test_sentences_of_two_voices_come_through_the_telephone() -> None:
    """Character error rate below 30 %, nothing rejected, under 2 CPU seconds each; rendered once a machine."""
    cache, engine = ROOT / ".state" / "test-cache" / "spoken", KokoroVoice()
    clips = [
        Spoken(text, voice, on_the_line(speak(text, voice, cache, engine)))
        for voice, texts in SENTENCES.items()
        for text in texts
    ]

    async def run() -> dict[str, object]:
        ears = WhisperEars(load({}).whisper_dir, workers=1, threads=2)
        try:
            return figures(await decode_all(ears, clips, at_once=2))
        finally:
            await ears.close()

    measured = asyncio.run(run())
    assert measured["cer"] < 0.3, measured  # type: ignore[operator]
    assert measured["rejected"] == {}
    assert measured["cpu_s"]["mean"] < 2.0  # type: ignore[index]
