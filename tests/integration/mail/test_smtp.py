"""Mail by SMTP, to a server that listens, refuses, waits, or is not there."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.mail.smtp import Security, SmtpMailer, SmtpSettings
from domain.clock import VirtualClock
from domain.errors import Unavailable
from domain.ids import MailId
from domain.mail.ports import Mail, MessageRefused
from tests.support.mail import SmtpServer, smtp_server

MAIL = Mail(
    MailId("a" * 24), "bo@demo.test", "Bo Ö.", "Grüße\r\nBcc: x@demo.test", "Text ü\n", "<p>Text ü</p>"
)


def mailer(server: SmtpServer, **more: object) -> SmtpMailer:
    settings = {"security": Security.NONE, "timeout": 2.0} | more
    sender = "Rapport <no-reply@rapport.test>"
    return SmtpMailer(SmtpSettings("127.0.0.1", server.port, sender, **settings), VirtualClock())  # type: ignore[arg-type]


async def test_a_mail_arrives_whole_under_an_id_that_stays_the_same() -> None:
    async with smtp_server() as server:
        await mailer(server).send(MAIL)
        await mailer(server).send(MAIL)

    first, again = server.received
    assert first["Message-ID"] == again["Message-ID"] == f"<{'a' * 24}@rapport.test>"
    assert first["To"] == '"Bo Ö." <bo@demo.test>'
    assert first["Auto-Submitted"] == "auto-generated"
    text, html = first.get_body(("plain",)), first.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Text ü"
    assert "<p>Text ü</p>" in html.get_content()


async def test_a_subject_cannot_smuggle_a_header() -> None:
    async with smtp_server() as server:
        await mailer(server).send(MAIL)

    assert server.received[0]["Subject"] == "Grüße Bcc: x@demo.test"
    assert server.received[0]["Bcc"] is None


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "550 no such mailbox"},
        {"DATA": "554 no"},
        {".": "550 looks like spam"},
        {"MAIL": "553 not you"},
    ],
)
async def test_a_refusal_for_good_is_final(answers: dict[str, str]) -> None:
    async with smtp_server(answers=answers) as server:
        with pytest.raises(MessageRefused):
            await mailer(server).send(MAIL)


@pytest.mark.parametrize("answers", [{"RCPT": "450 try later"}, {".": "451 try later"}, {"MAIL": "421 busy"}])
async def test_a_refusal_for_now_is_tried_again(answers: dict[str, str]) -> None:
    async with smtp_server(answers=answers) as server:
        with pytest.raises(Unavailable):
            await mailer(server).send(MAIL)


async def test_nothing_is_sent_in_the_clear_where_it_should_be_encrypted() -> None:
    async with smtp_server() as server:
        with pytest.raises(Unavailable):
            await mailer(server, security=Security.STARTTLS).send(MAIL)

    assert server.received == []
    assert not {"MAIL", "RCPT", "DATA", "AUTH"} & set(server.commands)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS under the name of this machine, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own, trusted = folder / "own.pem", folder / "trusted.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    trusted.write_bytes(pem)
    plain = serialization.NoEncryption()
    encoded = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    own.write_bytes(pem + encoded)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return context, trusted


async def test_mail_goes_encrypted_to_a_server_that_proves_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    async with smtp_server(extensions=("STARTTLS",), tls=context) as server:
        with pytest.raises(Unavailable):
            await mailer(server, security=Security.STARTTLS).send(MAIL)
        refused = list(server.received)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        await mailer(server, security=Security.STARTTLS).send(MAIL)

    assert refused == []
    assert server.encrypted
    assert server.received[0]["Message-ID"] == f"<{'a' * 24}@rapport.test>"


async def test_a_wrong_password_leaves_mail_waiting() -> None:
    async with smtp_server(answers={"AUTH": "535 no"}, extensions=("AUTH PLAIN",)) as server:
        with pytest.raises(Unavailable):
            await mailer(server, user="u", password="p").send(MAIL)


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    async with smtp_server() as server:
        pass

    with pytest.raises(Unavailable):
        await mailer(server).send(MAIL)
