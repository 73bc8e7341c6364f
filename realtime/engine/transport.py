"""Stock's Engine.IO server, with our queues and our eyes on what comes in."""

import logging
from typing import Any

import engineio

from realtime.engine import frames
from realtime.engine.application import Application
from realtime.engine.outgoing import BufferLimits, OutgoingBuffer

log = logging.getLogger(__name__)


class EngineIO(engineio.AsyncServer):  # type: ignore[misc]  # the base class has no types
    """Engine.IO with bounded queues, that takes nothing but packets."""

    buffer_limits = BufferLimits()
    application: Application

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = frames.DRIVER

    def _log_error_once(self, message: str, message_key: str) -> None:
        # What a stranger asks for is no error of ours.
        log.debug("a request that is not Engine.IO: %s", message_key)

    def create_queue(self, *_: Any, **__: Any) -> OutgoingBuffer:
        return OutgoingBuffer(self.buffer_limits, self.application.shed)
