"""What the endpoints ask of things that only ``bootstrap`` knows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.accounts.account import Account


class Readiness(Protocol):
    """Whether this process can serve."""

    async def __call__(self) -> Mapping[str, bool]:
        """Each thing we depend on, by name, and whether it answers. Never raises."""
        ...


class DemoAccounts(Protocol):
    """The demo accounts, as far as there are any."""

    async def __call__(self) -> Sequence[Account]:
        """Those that exist and may log in, in the order in which they are offered."""
        ...
