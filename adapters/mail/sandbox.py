"""Mail into the mailbox of the sandbox, on a machine of one's own: a person reads it on its page."""

import aiohttp

from adapters.mail.smtp import message_id
from domain.errors import Unavailable
from domain.mail.ports import Mail, MessageRefused

TIMEOUT = 5.0


class SandboxMailer:
    """Posts mails as JSON. ``address`` is the sandbox's, ``secret_key`` the one that the gateway uses as well."""

    def __init__(self, address: str, secret_key: str, sender: str) -> None:
        self._url = f"{address}/mailbox/messages"
        self._key = secret_key
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        body = {
            "message_id": message_id(mail, self._sender.rstrip(">")),
            "from": self._sender,
            "to": mail.to,
            "to_name": mail.to_name,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
        }
        headers = {"Authorization": f"Bearer {self._key}"}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        try:
            # A connection for each: mails are few, and nothing has to be closed at the end.
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.post(self._url, json=body) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"The mailbox cannot be reached: {type(error).__name__}.") from error
        if status in (400, 413, 422):
            raise MessageRefused(f"the mailbox answered {status}")
        if status >= 300:
            raise Unavailable(f"The mailbox answered {status}.")
