"""What can go wrong between a client and a server, as one tree. ``str(error)`` is one sentence for a person.

CallError
├── Unreachable     nobody answers at the address, or it is not Rapport
├── Refused         the server said no, with a code of its contract
├── NoAnswer        an acknowledgement or an event did not come in time
├── Disconnected    a socket was closed
└── Astray          the call took another road than the one that was asked for
"""

from collections.abc import Mapping


class CallError(Exception):
    """Base of all; ``code`` is for programs."""

    code = "CALL_ERROR"


class Unreachable(CallError):
    """No server, or another program's."""

    code = "UNREACHABLE"


class Refused(CallError):
    """An acknowledgement with ``ok: false``, an HTTP problem (RFC 9457), or a CONNECT_ERROR."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        details: Mapping[str, object] | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = dict(details or {})
        self.retry_after_ms = retry_after_ms

    @property
    def epoch(self) -> int | None:
        """The present ICE generation, when the refusal tells it (STALE_EPOCH)."""
        epoch = self.details.get("epoch")
        return epoch if isinstance(epoch, int) else None


class NoAnswer(CallError):
    """Waiting took too long."""

    code = "NO_ANSWER"


class Disconnected(CallError):
    """The connection is gone; ``reason`` is the server's close code if it gave one."""

    code = "DISCONNECTED"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class Astray(CallError):
    """Not what should have happened."""

    code = "ASTRAY"
