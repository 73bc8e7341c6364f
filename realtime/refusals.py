"""Refused events cost their sender: whoever is refused without end is closed."""

from collections.abc import Callable

from domain.errors import Code
from realtime.engine.application import Reply
from realtime.limits import Buckets, Limits

#: Faults of ours: a client that repeats its question then does the right thing.
_OURS = frozenset({Code.INTERNAL.value, Code.UNAVAILABLE.value})


class Refusals:
    """Refused events of each connection, over all its namespaces and those it never connected to."""

    def __init__(self, limits: Limits, close: Callable[[str], None]) -> None:
        """``close`` is told once of each connection that was refused more than
        :data:`realtime.limits.REFUSALS_OF_A_CONNECTION` allows."""
        self._limits = limits
        self._close = close
        self._refused: dict[str, Buckets] = {}
        self._closed: set[str] = set()

    def __len__(self) -> int:
        return len(self._refused)

    def judge(self, connection: str, reply: Reply) -> Reply:
        """Count a reply that refuses; the reply."""
        if reply.envelope["ok"]:
            return reply
        error = reply.envelope["error"]
        if isinstance(error, dict) and error["code"] not in _OURS and connection not in self._closed:
            self._count(connection)
        return reply

    def forget(self, connection: str) -> None:
        """The connection is gone, and nothing more of it is handled."""
        self._refused.pop(connection, None)
        self._closed.discard(connection)

    def _count(self, connection: str) -> None:
        buckets = self._refused.setdefault(connection, Buckets())
        if not self._limits.take_refusal(buckets):
            self._closed.add(connection)
            self._close(connection)
