"""E-mail against aiosmtpd: TLS with a certificate that is checked, log-in, encoding, and what an answer means."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from callbot.adapters.smtp import MailAccount, Smtp
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Message, SendResult

DIGEST = "[동구] 오늘 확인할 분 3명\n\n김O자 외 2명입니다.\n로그인해서 확인해 주세요."


@dataclass
class Mailbox:
    """What the mail server took."""

    mails: list[Any] = field(default_factory=list)
    answer: str = "250 OK"
    rcpt: str = "250 OK"

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            assert session.ssl is not None, "a mail about people went in clear"
            self.mails.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = directory / "cert.pem", directory / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


class Server:
    def __init__(self, box: Mailbox, pem: Path, key: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem, key)

        def let_in(_server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
            assert mechanism in {"LOGIN", "PLAIN"}
            assert isinstance(data, LoginPassword)
            return AuthResult(success=(data.login, data.password) == (b"callbot", b"pw"))

        self.controller = Controller(
            box, hostname="127.0.0.1", port=self.port, ready_timeout=30, tls_context=context, require_starttls=True,
            authenticator=let_in, auth_required=True,
        )  # fmt: skip
        self.controller.start()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(box: Mailbox, certificate: tuple[Path, Path]) -> Iterator[Server]:
    running = Server(box, *certificate)
    yield running
    running.controller.stop()


def account(server: Server, ca: str, **more: Any) -> MailAccount:
    values = {"user": "callbot", "password": "pw", "security": "starttls", "ca_file": ca, **more}
    return MailAccount("127.0.0.1", server.port, "callbot@donggu.example", **values)


def send(made: MailAccount, body: str = DIGEST) -> SendResult:
    async def main() -> SendResult:
        smtp = Smtp(made)
        try:
            return await smtp.send(Message("worker@donggu.example", body, "p1-1-aa"))
        finally:
            await smtp.close()

    return asyncio.run(main())


def test_a_digest_arrives(server: Server, box: Mailbox, certificate: tuple[Path, Path]) -> None:
    """Over TLS, logged in, in Korean; its first line is the subject, our reference its id."""
    result = send(account(server, str(certificate[0])))
    assert result.state is PageState.SENT, result
    [mail] = box.mails
    assert mail["Subject"] == "[동구] 오늘 확인할 분 3명"
    assert mail.get_content().startswith("김O자 외 2명입니다.")
    assert mail["Message-ID"] == result.provider_reference == "<p1-1-aa@donggu.example>"
    assert (mail["From"], mail["To"]) == ("callbot@donggu.example", "worker@donggu.example")


@pytest.mark.parametrize(
    ("answer", "rcpt", "state"),
    [
        ("250 OK", "550 no such user", PageState.FAILED),
        ("250 OK", "451 later", PageState.PENDING),
        ("451 later", "250 OK", PageState.PENDING),
        ("554 spam", "250 OK", PageState.FAILED),
    ],
)
def test_what_an_answer_means(
    server: Server, box: Mailbox, certificate: tuple[Path, Path], answer: str, rcpt: str, state: PageState
) -> None:
    """4xx: later; 5xx: never; at the recipient and at the end of the data."""
    box.answer, box.rcpt = answer, rcpt
    assert send(account(server, str(certificate[0]))).state is state
    assert box.mails == []


def test_an_unknown_certificate_and_a_wrong_password(
    server: Server, box: Mailbox, certificate: tuple[Path, Path]
) -> None:
    """Nothing is sent to a server that is not who it says, nor without a log-in; it may be sent later."""
    assert send(account(server, "")).state is PageState.PENDING
    assert send(account(server, str(certificate[0]), password="wrong")).state is PageState.PENDING
    assert box.mails == []
