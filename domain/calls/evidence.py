"""What is known of a call's media, read before its transaction: proofs only ever grow."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.calls.billable import Proof
from domain.calls.ports import ProofStore
from domain.calls.session import Proofs
from domain.calls.terms import CallTerms
from domain.clock import Clock, real_seconds
from domain.ids import SessionId


class Evidence:
    """The last proofs of calls, with how long each is believed."""

    def __init__(self, store: ProofStore, clock: Clock, terms: CallTerms) -> None:
        self._store = store
        self._clock = clock
        self._terms = terms

    async def of(self, session_id: SessionId) -> Proofs:
        """The proofs of one call."""
        return (await self.of_all([session_id]))[session_id]

    async def of_all(self, session_ids: Sequence[SessionId]) -> dict[SessionId, Proofs]:
        """The proofs of many calls, in one read."""
        fresh_for = self._fresh_for()
        found = await self._store.read(session_ids)
        return {
            session_id: {side: Proof(at, fresh_for) for side, at in sides.items()}
            for session_id, sides in found.items()
        }

    async def fresh(self, session_ids: Sequence[SessionId], now: datetime) -> set[SessionId]:
        """Those of many calls whose proofs, of both sides, are believed at ``now``."""
        return await self._store.fresh(session_ids, now - self._fresh_for())

    def _fresh_for(self) -> timedelta:
        return real_seconds(self._clock, self._terms.proof_fresh_for)
