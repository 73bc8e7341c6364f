"""What came into the sandbox's mailbox, and a small SMTP server to submit to."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from tests.support.house import House


async def mails_to(house: House, address: str) -> list[dict[str, Any]]:
    """What an address got, oldest first."""
    url = f"{house.sandbox.url}/mailbox/messages"
    async with house.sandbox.session.get(url, params={"to": address, "limit": "500"}) as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = (await answer.json())["data"]
    return found[::-1]


def token_in(mail: dict[str, Any]) -> str:
    """The token of the link in a mail."""
    match = re.search(r"[?]token=(\S+)", mail["text"])
    assert match is not None, mail["text"]
    return match[1]


@dataclass(slots=True)
class SmtpServer:
    """Speaks as much of RFC 5321 as submitting one mail needs. ``answers`` replaces the answer to a command."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    received: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    encrypted: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        try:
            while line := await reader.readline():
                verb = line.decode().strip().split(" ")[0].upper()
                self.commands.append(verb)
                if verb == "EHLO":
                    lines = ["mail.test", *self.extensions]
                    marks = ["-"] * (len(lines) - 1) + [" "]
                    writer.writelines(
                        f"250{mark}{one}\r\n".encode() for mark, one in zip(marks, lines, strict=True)
                    )
                elif verb == "DATA":
                    writer.write((self.answers.get("DATA", "354 go on") + "\r\n").encode())
                    if "DATA" not in self.answers:
                        body = await reader.readuntil(b"\r\n.\r\n")
                        message = message_from_bytes(body[:-5], policy=default)
                        assert isinstance(message, EmailMessage)
                        self.received.append(message)
                        writer.write((self.answers.get(".", "250 taken") + "\r\n").encode())
                elif verb == "STARTTLS" and self.tls is not None:
                    writer.write(b"220 go on\r\n")
                    await writer.drain()
                    await writer.start_tls(self.tls)
                    self.encrypted = True
                    continue
                elif verb == "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write((self.answers.get(verb, "250 ok") + "\r\n").encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def smtp_server(**config: Any) -> AsyncIterator[SmtpServer]:
    """A server on a free port."""
    server = SmtpServer(**config)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
