"""Engine.IO under a Socket.IO server: its messages are packets."""

from typing import Any, Protocol

from aiohttp import web

from realtime.engine.packets import Malformed
from realtime.engine.session import Session
from realtime.engine.transport import EngineIO


class Program(Protocol):
    """The Socket.IO server above."""

    async def session_opening(self, session: Session, request: web.Request) -> Any:
        """A connection comes; None accepts it."""
        ...

    def text(self, session: Session, text: bytes) -> None:
        """A text message, with Engine.IO's type in front. Sees to what is malformed itself."""
        ...

    def attachment(self, session: Session, data: bytes) -> None:
        """A binary message.

        Raises:
            Malformed: it is out of place.
        """
        ...

    async def session_left(self, session: Session, reason: str) -> None:
        """The connection is over."""
        ...


class Bridge(EngineIO):
    """Tells a program of sessions and what they bring."""

    _program: Program

    def attach_program(self, program: Program) -> None:
        """Who hears of messages."""
        self._program = program
        self.message = program.text

    async def opening(self, session: Session, request: web.Request) -> Any:
        return await self._program.session_opening(session, request)

    def binary(self, session: Session, data: bytes) -> None:
        try:
            self._program.attachment(session, data)
        except Malformed:
            self.malformed(session)

    async def leaving(self, session: Session, reason: str) -> None:
        await self._program.session_left(session, reason)
