"""Dead letters: timers that failed for good, and running them again once their cause is gone."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Identity
from domain.errors import NotFound
from domain.operations.admin import require_admin

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A timer that failed too often and waits for somebody to look at it.

    ``id`` names this death: the same timer, replayed and dead again, is another one. ``dead_at`` is wall time. ``kind`` is a
    :class:`~domain.timers.TimerKind`, or what another version of the program called it.
    """

    id: str
    kind: str
    key: str
    attempts: int
    dead_at: datetime
    error: str


class DeadLetterStore(Protocol):
    """Dead letters among the timers."""

    async def dead_letters(
        self, limit: int = 100, cursor: str | None = None
    ) -> tuple[Sequence[DeadLetter], str | None]:
        """The newest first, and the cursor of the next page.

        Raises:
            Invalid: a cursor that this list did not give.
        """
        ...

    async def replay_letter(self, letter_id: str) -> DeadLetter | None:
        """Let one run again, now; None if it is not dead any more. Of many at once, one gets it."""
        ...


class DeadLetters:
    """What an admin sees of them, and does about them."""

    def __init__(self, store: DeadLetterStore) -> None:
        self._store = store

    async def page(
        self, who: Identity, limit: int, cursor: str | None
    ) -> tuple[Sequence[DeadLetter], str | None]:
        """The newest first, and the cursor of the next page.

        Raises:
            Forbidden: the asker is no admin.
            Invalid: a cursor that this list did not give.
        """
        require_admin(who)
        return await self._store.dead_letters(limit, cursor)

    async def replay(self, who: Identity, letter_id: str) -> DeadLetter:
        """Let one run again, now. It is safe: every handler looks at what is, and does what is missing.

        Raises:
            Forbidden: the asker is no admin.
            NotFound: never there, or somebody replayed it already.
        """
        require_admin(who)
        letter = await self._store.replay_letter(letter_id)
        if letter is None:
            raise NotFound("There is no such dead letter; perhaps somebody has replayed it already.")
        log.warning("admin %s replays the timer %s:%s", who.user_id, letter.kind, letter.key)
        return letter
