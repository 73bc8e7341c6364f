"""Mail by SMTP (RFC 5321), submitted to a server of the operator's (RFC 6409)."""

import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum

import aiosmtplib

from domain.clock import Clock
from domain.errors import Unavailable
from domain.mail.ports import Mail, MessageRefused

#: Real seconds for all of one mail.
TIMEOUT = 10.0


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"  # begins in the clear and is encrypted before anything is said; never sent without
    TLS = "tls"
    NONE = "none"  # for a server on this machine


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where to submit. ``sender`` is ``Name <address>``."""

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = TIMEOUT


class SmtpMailer:
    """One connection for each mail: they are few, and a kept one would be closed by the other side at the wrong moment."""

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        # Made once: reading the authorities of a machine takes longer than a mail.
        self._tls = None if settings.security is Security.NONE else ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        settings = self._settings
        try:
            await aiosmtplib.send(
                message_of(mail, settings.sender, format_datetime(self._clock.wall())),
                hostname=settings.host,
                port=settings.port,
                username=settings.user,
                password=settings.password,
                use_tls=settings.security is Security.TLS,
                start_tls=settings.security is Security.STARTTLS,
                tls_context=self._tls,
                timeout=settings.timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusals = error.recipients
            if all(one.code >= 500 for one in refusals):
                raise MessageRefused(f"recipient refused with {refusals[0].code}") from error
            raise Unavailable("The mail server does not take this mail now.") from error
        except aiosmtplib.SMTPAuthenticationError as error:
            # A wrong password is an operator's to mend; mail waits for it.
            raise Unavailable("The mail server does not know us.") from error
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= 500:
                raise MessageRefused(f"refused with {error.code}") from error
            raise Unavailable("The mail server does not take this mail now.") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Unavailable(f"The mail server cannot be reached: {type(error).__name__}.") from error


def message_of(mail: Mail, sender: str, date: str) -> EmailMessage:
    """The message (RFC 5322) with both its bodies. Its Message-ID follows from the mail's id."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(name, address)
    message["To"] = _address(mail.to_name, mail.to)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = date
    message["Message-ID"] = message_id(mail, address)
    # RFC 3834: nobody's holiday notice answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def message_id(mail: Mail, sender: str) -> str:
    """``<mail.id@domain>``, the same however often it is sent."""
    return f"<{mail.id}@{sender.rpartition('@')[2] or 'localhost'}>"


def _address(name: str, address: str) -> Address:
    # A display name is one line, whatever somebody called themselves.
    return Address(display_name=" ".join(name.split()), addr_spec=address)
