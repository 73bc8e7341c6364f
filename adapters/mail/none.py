"""No way to send: nothing is sent, and whoever looks at a message is told why."""

from domain.ids import MailId
from domain.mail.ports import Mail, NotConfigured


class NoMailer:
    """For a server with neither an SMTP server nor a sandbox."""

    async def send(self, mail: Mail) -> None:
        raise NotConfigured("RAPPORT_SMTP_HOST is not set")


class NoTextMessages:
    """For a server without a provider of text messages; there is no adapter for one yet."""

    async def send(self, message_id: MailId, number: str, text: str) -> None:
        raise NotConfigured("no provider of text messages is configured")
