"""A telephone that calls: one outgoing SIP call by pjsua2, told by arguments, reported as JSON. Run as a process."""

import argparse
import asyncio
import json
import os
import time
from pathlib import Path

import numpy as np
import pjsua2 as pj

from callbot.simulate import sip_settings
from callbot.simulate.sip_endpoint import FRAME_BYTES, SoundPort
from callbot.simulate.sounds import read_alaw, write_stereo


class Caller(pj.Call):
    def __init__(self, account: pj.Account, port: SoundPort) -> None:
        super().__init__(account)
        self.port = port
        self.codes: list[int] = []
        self.digits = ""
        self.over = False
        self.answered_at: float | None = None

    def onCallState(self, prm):  # noqa: ARG002, N802
        info = self.getInfo()
        self.codes.append(info.lastStatusCode)
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.answered_at = time.monotonic()
        self.over = self.over or info.state == pj.PJSIP_INV_STATE_DISCONNECTED

    def onCallMediaState(self, prm):  # noqa: ARG002, N802
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.status == pj.PJSUA_CALL_MEDIA_ACTIVE and not self.port.active:
                self.port.active = True
                sound = self.getAudioMedia(index)
                self.port.startTransmit(sound)
                sound.startTransmit(self.port)

    def onDtmfDigit(self, prm):  # noqa: N802
        self.digits += prm.digit


async def main(arguments: argparse.Namespace) -> None:
    endpoint = sip_settings.started()
    transport = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, sip_settings.transport(arguments.port))
    endpoint.libStart()
    sip_settings.prefer_codecs(endpoint, "PCMA")
    port = SoundPort("caller")
    account = pj.Account()
    account.create(sip_settings.account(arguments.port, transport))
    call = Caller(account, port)
    began = time.monotonic()
    options = pj.CallOpParam(True)
    if arguments.number:
        options.txOption.localUri = f"sip:{arguments.number}@127.0.0.1"
    call.makeCall(arguments.uri, options)
    plays = [item.split("=", 1) for item in arguments.play]
    while not call.over and time.monotonic() - began < arguments.at_most:
        endpoint.libHandleEvents(0)
        since = time.monotonic() - call.answered_at if call.answered_at else -1
        while plays and since >= float(plays[0][0]):
            data = read_alaw(Path(plays.pop(0)[1])).tobytes()
            data += bytes(-len(data) % FRAME_BYTES)
            port.to_send.extend(data[i : i + FRAME_BYTES] for i in range(0, len(data), FRAME_BYTES))
        if call.answered_at and since >= arguments.hang_up_after:
            call.hangup(pj.CallOpParam())
        await asyncio.sleep(0.005)
    if not call.over:
        call.hangup(pj.CallOpParam())
        for _ in range(40):
            endpoint.libHandleEvents(0)
            await asyncio.sleep(0.005)
    heard, said = b"".join(port.kept), b"".join(port.sent)
    write_stereo(Path(arguments.out), np.frombuffer(heard, np.int16), np.frombuffer(said, np.int16))
    talked = time.monotonic() - call.answered_at if call.answered_at else None
    report = {
        "codes": call.codes,
        "digits": call.digits,
        "over": call.over,
        "talked_s": talked,
        "heard_bytes": len(heard),
    }
    print(json.dumps(report), flush=True)
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--number", default="", help="the caller's own number, shown to whoever is called")
    parser.add_argument("--play", action="append", default=[], help="seconds after answer=path of an alaw clip")
    parser.add_argument("--at-most", type=float, default=8.0)
    parser.add_argument("--hang-up-after", type=float, default=6.0)
    asyncio.run(main(parser.parse_args()))
