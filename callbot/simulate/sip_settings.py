"""How pjsua2 is set up for virtual phones."""

import pjsua2 as pj

RATE = 8000
CALLS_PER_PROCESS = 4
"""The wheel's limit; more are answered 486 by pjsip itself."""


def started() -> pj.Endpoint:
    """No threads, no sound device, 8 kHz."""
    endpoint, config = pj.Endpoint(), pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libCreate()
    config.uaConfig.threadCnt = 0
    config.uaConfig.maxCalls = CALLS_PER_PROCESS
    config.uaConfig.userAgent = "callbot-phone"
    media = config.medConfig
    media.clockRate = media.sndClockRate = RATE
    media.ptime = media.audioFramePtime = 20
    media.noVad, media.ecTailLen, media.quality, media.channelCount = True, 0, 3, 1
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    return endpoint


def transport(port: int) -> pj.TransportConfig:
    """Loopback only."""
    config = pj.TransportConfig()
    config.port = port
    config.boundAddress = config.publicAddress = "127.0.0.1"
    return config


def prefer_codecs(endpoint: pj.Endpoint, *wanted: str) -> None:
    """Only these, in this order."""
    for codec in endpoint.codecEnum2():
        name = codec.codecId.partition("/")[0]
        endpoint.codecSetPriority(codec.codecId, 250 - wanted.index(name) if name in wanted else 0)


def account(port: int, transport_id: int) -> pj.AccountConfig:
    """One account that takes every number, unregistered."""
    config = pj.AccountConfig()
    config.idUri = f"sip:phones@127.0.0.1:{port}"
    config.sipConfig.transportId = transport_id
    media = config.mediaConfig
    media.transportConfig.boundAddress = "127.0.0.1"
    media.srtpUse, media.srtpSecureSignaling = pj.PJMEDIA_SRTP_DISABLED, 0
    nat = config.natConfig
    nat.iceEnabled = False
    nat.sipStunUse = nat.mediaStunUse = pj.PJSUA_STUN_USE_DISABLED
    nat.contactRewriteUse = nat.viaRewriteUse = nat.sdpNatRewriteUse = 0
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    config.callConfig.prackUse = pj.PJSUA_100REL_NOT_USED
    config.videoConfig.autoTransmitOutgoing = False
    return config
