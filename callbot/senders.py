"""Which providers this installation sends through: settings in, adapters out, in the order of failover."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from callbot.adapters.inbox import Inbox
from callbot.adapters.nhn import Nhn
from callbot.adapters.sens import REGIONS, Sens
from callbot.adapters.smpp import Smpp
from callbot.adapters.smpp_session import SmppAccount
from callbot.adapters.smtp import MailAccount, Smtp
from callbot.adapters.solapi import Kakao, Solapi
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.settings import SettingsError
from callbot.sms_settings import SmsSettings
from callbot.workflows.providers import Message, Provider, SendResult


def providers(sms: SmsSettings | None, *, voice: Provider | None = None, demo: bool = False) -> list[Provider]:
    """Without a file, or with none but e-mail: the inbox page, which says 미발송.

    A demo's people are invented: it may send only to this machine. Raises SettingsError where it would send elsewhere.
    """
    if sms is None:
        return [Inbox()]
    if demo:
        _only_here(sms)
    made = [_MAKE[name](sms) if name != "voice" else voice for name in sms.order]
    return [provider for provider in made if provider is not None] or [Inbox()]


class DirectSender:
    """A Sender without an outbox, for whoever must page when the service is dead: each provider once, until one takes it."""

    def __init__(self, sms: SmsSettings) -> None:
        self._sms = sms

    def send(self, message: Message) -> SendResult:
        """An ambiguous answer ends it: this message is not written down anywhere that could be asked later."""
        return asyncio.run(self._send(message))

    def ask(self, reference: str) -> SendResult | None:
        """Not known here."""
        return SendResult(PageState.UNKNOWN, "direct", f"{reference}: no outbox")

    async def _send(self, message: Message) -> SendResult:
        result = SendResult(PageState.UNSENT, "inbox", "no SMS provider is configured")
        for provider in providers(self._sms):
            if provider.channel is not Channel.SMS:
                continue
            try:
                result = await provider.send(message)
            finally:
                await provider.close()
            if result.state not in {PageState.PENDING, PageState.FAILED}:
                return result
        return result


def _solapi(sms: SmsSettings, kakao: Kakao | None = None) -> Provider:
    if sms.solapi is None:
        raise SettingsError("[solapi]")
    return Solapi(
        sms.solapi.api_key,
        sms.solapi.api_secret.get_secret_value(),
        sms.sender_digits,
        base_url=sms.solapi.base_url,
        webhook_secret=sms.solapi.webhook_secret.get_secret_value(),
        kakao=kakao,
        timeout_s=sms.timeout_s,
    )


def _alimtalk(sms: SmsSettings) -> Provider:
    if sms.solapi is None:
        raise SettingsError("[solapi]")
    return _solapi(sms, Kakao(sms.solapi.kakao_pf_id, sms.solapi.kakao_template_id))


def _sens(sms: SmsSettings) -> Provider:
    if sms.sens is None:
        raise SettingsError("[sens]")
    return Sens(
        sms.sens.access_key,
        sms.sens.secret_key.get_secret_value(),
        sms.sens.service_id,
        sms.sender_digits,
        region=sms.sens.region,
        base_url=sms.sens.base_url,
        timeout_s=sms.timeout_s,
    )


def _nhn(sms: SmsSettings) -> Provider:
    if sms.nhn is None:
        raise SettingsError("[nhn]")
    return Nhn(
        sms.nhn.app_key,
        sms.nhn.secret_key.get_secret_value(),
        sms.sender_digits,
        webhook_signature=sms.nhn.webhook_signature.get_secret_value(),
        base_url=sms.nhn.base_url,
        timeout_s=sms.timeout_s,
    )


def _smpp(sms: SmsSettings) -> Provider:
    if sms.smpp is None:
        raise SettingsError("[smpp]")
    smpp = sms.smpp
    account = SmppAccount(
        smpp.host,
        smpp.port,
        smpp.system_id,
        smpp.password.get_secret_value(),
        smpp.system_type,
        tls=smpp.tls,
        enquire_s=smpp.enquire_s,
        answer_s=smpp.answer_s,
    )
    return Smpp(account, sms.sender_digits, encoding=smpp.encoding)


def _email(sms: SmsSettings) -> Provider:
    if sms.email is None:
        raise SettingsError("[email]")
    mail = sms.email
    return Smtp(
        MailAccount(
            mail.host,
            mail.port,
            mail.sender,
            mail.user,
            mail.password.get_secret_value(),
            mail.security,
            mail.ca_file,
        )
    )


_MAKE: dict[str, Callable[[SmsSettings], Provider]] = {
    "solapi": _solapi,
    "solapi-alimtalk": _alimtalk,
    "sens": _sens,
    "nhn": _nhn,
    "smpp": _smpp,
    "email": _email,
}


def _only_here(sms: SmsSettings) -> None:
    used = {
        "solapi": sms.solapi and sms.solapi.base_url,
        "solapi-alimtalk": sms.solapi and sms.solapi.base_url,
        "sens": sms.sens and (sms.sens.base_url or REGIONS[sms.sens.region]),
        "nhn": sms.nhn and sms.nhn.base_url,
        "smpp": sms.smpp and f"smpp://{sms.smpp.host}",
        "email": sms.email and f"smtp://{sms.email.host}",
    }
    for name in sms.order:
        if url := used.get(name):
            host = urlsplit(url).hostname or ""
            if host != "localhost" and not _loopback(host):
                raise SettingsError(
                    f"시연에서는 문자를 밖으로 보내지 않습니다: {name} {url}. CALLBOT_SMS를 비워 주세요."
                )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
