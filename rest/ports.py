"""What the endpoints ask of things that only ``bootstrap`` knows."""

from collections.abc import Mapping
from typing import Protocol


class Readiness(Protocol):
    """Whether this process can serve."""

    async def __call__(self) -> Mapping[str, bool]:
        """Each thing we depend on, by name, and whether it answers. Never raises."""
        ...
