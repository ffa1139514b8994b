"""E-mail by SMTP with TLS: the digest, and pages of workers who want them there."""

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Asked, Finding, Message, SendResult

TIMEOUT_S = 15.0
SUBJECT = "[안부전화] 알림"
REFUSED, _PERMANENT = 400, 500


@dataclass(frozen=True)
class MailAccount:
    """Where, and as whom."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "starttls"
    """starttls, tls (from the first byte), or none (only to this machine)."""
    ca_file: str = ""


class Smtp:
    """A Provider (callbot.workflows.providers). A mail server's word is final: there are no receipts, and nothing to ask."""

    name = "email"
    channel = Channel.EMAIL
    can_ask = False
    polled = False

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(2, "smtp")

    async def close(self) -> None:
        """Wait for what is being sent."""
        await asyncio.to_thread(self._threads.shutdown)

    async def send(self, message: Message) -> SendResult:
        """One mail to one person."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)

    def _send(self, message: Message) -> SendResult:
        written = _mail(self._account.sender, message)
        data_begun = False
        taken: SendResult | None = None
        try:
            with self._server() as server:
                server.mail(self._account.sender)
                code, said = server.rcpt(message.to or "")
                if code >= REFUSED:
                    return SendResult(_state(code), self.name, f"{code} {said!r}")
                data_begun = True
                code, said = server.data(written.as_bytes())
                taken = SendResult(_state(code), self.name, f"{code} {said!r}", written["Message-ID"])
        except (smtplib.SMTPException, OSError) as error:
            if taken is None:  # else only the farewell failed
                taken = self._failure(error, data_begun=data_begun)
        return taken

    def _failure(self, error: Exception, *, data_begun: bool) -> SendResult:
        """Before DATA nothing was taken; after it, only the server's own word says so."""
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return SendResult(PageState.PENDING, self.name, f"{error.smtp_code} authentication")
        if isinstance(error, smtplib.SMTPResponseException):
            return SendResult(_state(error.smtp_code), self.name, str(error.smtp_code))
        return SendResult(PageState.UNKNOWN if data_begun else PageState.PENDING, self.name, type(error).__name__)

    def _server(self) -> smtplib.SMTP:
        account = self._account
        context = ssl.create_default_context(cafile=account.ca_file or None)
        server: smtplib.SMTP
        if account.security == "tls":
            server = smtplib.SMTP_SSL(account.host, account.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=TIMEOUT_S)
        server.ehlo_or_helo_if_needed()
        if account.security == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if account.user:
            server.login(account.user, account.password)
        return server

    async def ask(self, asked: Asked) -> SendResult | None:  # noqa: ARG002 - there is nobody to ask
        """It cannot say."""
        return SendResult(PageState.UNKNOWN, self.name, "a mail server cannot be asked")

    async def check(self) -> tuple[Finding, ...]:
        """Connection, certificate, log-in."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._check)

    def _check(self) -> tuple[Finding, ...]:
        try:
            with self._server() as server:
                server.noop()
        except (smtplib.SMTPException, OSError) as error:
            return (Finding("접속", False, f"{self._account.host}:{self._account.port} {error}"),)
        return (Finding("접속", True, self._account.security),)


def _state(code: int) -> PageState:
    if code < REFUSED:
        return PageState.SENT
    return PageState.FAILED if code >= _PERMANENT else PageState.PENDING


def _mail(sender: str, message: Message) -> EmailMessage:
    """The first line of a text of several lines is its subject. No `Bcc`: one mail, one reader."""
    head, _, rest = message.body.partition("\n")
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, message.to or ""
    mail["Subject"] = head.strip()[:120] if rest.strip() else SUBJECT
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.reference}@{sender.rpartition('@')[2] or 'callbot'}>"
    mail.set_content(rest.lstrip("\n") if rest.strip() else message.body)
    return mail
