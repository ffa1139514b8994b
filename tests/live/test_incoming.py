"""Somebody calls while the bot is not there: they hear where to turn, and reach nothing else. With it: test_call_back.py."""

import asyncio
import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from free_ports import free_port
from line_fixtures import live_lines
from sip_peer import Script

from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.line.g711 import alaw_to_pcm
from callbot.settings import ROOT

HERE = Path(__file__).parent
WINDOW = 160


def call_in(asterisk: AsteriskInstance, user: str, out: Path, seconds: float, number: str = "") -> dict[str, Any]:
    """Dial in from a pjsua2 phone whose number is `number`; its report."""
    words = [sys.executable, str(HERE / "sip_caller.py"), f"sip:{user}@127.0.0.1:{asterisk.ports.sip}"]
    words += ["--port", str(free_port()), "--out", str(out), "--hang-up-after", str(seconds), "--at-most", "8"]
    words += ["--number", number]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT)
    report: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return report


def loudness(pcm: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """RMS of every 20 ms."""
    whole = pcm[: len(pcm) // WINDOW * WINDOW].astype(float).reshape(-1, WINDOW)
    levels: np.ndarray[Any, Any] = np.sqrt((whole**2).mean(axis=1))
    return levels


def test_who_calls_back_hears_the_notice(asterisk: AsteriskInstance, tmp_path: Path) -> None:
    """The call is answered and the rendered notice is what the caller hears."""
    report = call_in(asterisk, "0620000000", tmp_path / "heard.wav", 5.0)
    assert 200 in report["codes"]
    with wave.open(str(tmp_path / "heard.wav")) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), np.int16)[::2]
    notice = loudness(alaw_to_pcm((ROOT / "dialplans" / "sounds" / "incoming.alaw").read_bytes()))[25:175]
    levels = loudness(heard)
    best = max(np.corrcoef(notice, levels[at : at + 150])[0, 1] for at in range(len(levels) - 150))
    assert best > 0.9


def test_a_caller_leaves_no_trace_on_later_calls(asterisk: AsteriskInstance, tmp_path: Path) -> None:
    """The leg of a call that came to us says whose it is; those of the calls that we place afterwards do not, and keep their own keys."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            await asyncio.to_thread(call_in, asterisk, "0620000000", tmp_path / "heard.wav", 1.0, "01000000211")
            (came,) = line.bots.values()
            assert came.leg is not None
            assert came.leg.caller == "01000000211"
            key, bot, _ = await line.answered(Script(bye_after=0.5))
            assert bot.leg is not None
            assert (bot.leg.key, bot.leg.caller) == (key, None)
            await line.ended(key)

    asyncio.run(main())


@pytest.mark.parametrize("user", ["call", "callbot-out", "h"])
def test_no_name_leads_to_an_outgoing_context(asterisk: AsteriskInstance, tmp_path: Path, user: str) -> None:
    """A name of the outgoing dialplan does not exist for a caller."""
    report = call_in(asterisk, user, tmp_path / "heard.wav", 1.0, "01000000211")
    assert 404 in report["codes"]
    assert 200 not in report["codes"]


def test_incoming_context_cannot_dial(asterisk: AsteriskInstance) -> None:
    """The only thing that the incoming context dials is the bot, and nothing leaves it."""
    shown = asterisk.ask("dialplan show callbot-in")
    assert "Playback" in shown
    assert shown.count("Dial(") == shown.count("Dial(WebSocket/botmediain/") == 1
    for way_out in ("callbot-out", "Originate", "Include", "PJSIP/"):
        assert way_out not in shown
