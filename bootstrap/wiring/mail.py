"""Mail and text messages, wired to the stores and to whoever takes them."""

import logging
from collections.abc import Collection

from adapters.mail.none import NoMailer, NoTextMessages
from adapters.mail.sandbox import SandboxMailer
from adapters.mail.smtp import Security, SmtpMailer, SmtpSettings
from adapters.mail.writer import TemplateWriter
from adapters.one_time import HmacOneTimeTokens
from bootstrap.settings import Settings
from bootstrap.wiring.stores import Stores
from domain.accounts.address_proof import LinkPorts
from domain.clock import Clock
from domain.mail.outbox import Outbox
from domain.mail.ports import Mailer
from domain.mail.sending import Sending, SendingPorts

log = logging.getLogger(__name__)


def open_mailer(settings: Settings, clock: Clock) -> Mailer:
    """The operator's SMTP server; without one, the sandbox's mailbox where there is a sandbox."""
    if settings.smtp_host:
        return SmtpMailer(
            SmtpSettings(
                host=settings.smtp_host,
                port=settings.smtp_port,
                sender=settings.mail_from,
                security=Security(settings.smtp_security),
                user=settings.smtp_user or None,
                password=settings.secret("smtp_password"),
            ),
            clock,
        )
    key = settings.secret("stripe_secret_key")
    if settings.stripe_address and key:
        return SandboxMailer(settings.stripe_address, key, settings.mail_from)
    log.warning(
        "RAPPORT_SMTP_HOST is not set: no mail is sent, so nobody can confirm an address or reset a password"
    )
    return NoMailer()


def build_links(
    stores: Stores, clock: Clock, secret: bytes | None, refused_domains: Collection[str]
) -> LinkPorts:
    """What the flows by mail share; only a process with the secret can make and check links."""
    s = stores
    return LinkPorts(
        transact=s.transact,
        accounts=s.accounts,
        tokens=HmacOneTimeTokens(secret),
        kept=s.one_time_tokens,
        requests=s.mail_requests,
        outbox=Outbox(s.mails, clock),
        clock=clock,
        refused_domains=frozenset(refused_domains),
    )


def build_sending(
    stores: Stores,
    clock: Clock,
    *,
    mailer: Mailer,
    secret: bytes | None,
    console_url: str,
    refused_domains: Collection[str] = (),
) -> Sending:
    """What the timers of messages run."""
    return Sending(
        SendingPorts(
            links=build_links(stores, clock, secret, refused_domains),
            messages=stores.mails,
            notifications=stores.notifications,
            writer=TemplateWriter(console_url),
            mailer=mailer,
            texts=NoTextMessages(),
        )
    )
