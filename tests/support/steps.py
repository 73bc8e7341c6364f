"""A process that dies between any two steps: its gateway and its transactions count, and one count is the last."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from domain.payments.gateway import PaymentGateway
from domain.ports import Transactions, Tx

T = TypeVar("T")


class Killed(Exception):
    """The process ended here, as far as the rest of the world can tell."""


class Steps:
    """Counts the edges of every effect: before it, and after it. Dies at edge ``fatal``; 0 never does."""

    def __init__(self) -> None:
        self.taken = 0
        self.fatal = 0

    def restart(self, fatal: int) -> None:
        """Count from the beginning, up to another end."""
        self.taken, self.fatal = 0, fatal

    def edge(self, name: str) -> None:
        """One more edge is reached."""
        self.taken += 1
        if self.taken == self.fatal:
            raise Killed(f"edge {self.taken}: {name}")


class SteppedGateway:
    """A gateway whose every call has two edges."""

    def __init__(self, gateway: PaymentGateway, steps: Steps) -> None:
        self._gateway = gateway
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._gateway, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._steps.edge(f"before {name}")
            result = await method(*args, **kwargs)
            self._steps.edge(f"after {name}")
            return result

        return call


class SteppedTransactions:
    """Transactions that die before they begin, or right after their commit."""

    def __init__(self, transact: Transactions, steps: Steps) -> None:
        self._transact = transact
        self._steps = steps

    async def __call__(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        self._steps.edge("before a transaction")
        result = await self._transact(work)
        self._steps.edge("after a transaction")
        return result
